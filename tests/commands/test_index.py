import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from optical_cli.formats.trec import read_run
from optical_cli.formats.vectors import ModelIdentity
from optical_cli.formats.vectors_writing import write_vectors

DIM = 8


def write(name, prefix, count, kind, parts=1, seed=0):
    rng = np.random.default_rng(seed)
    vectors = [rng.standard_normal((rng.integers(2, 20), DIM)) for _ in range(count)]
    unit = [(v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32) for v in vectors]
    names = [f"{prefix}{i}" for i in range(count)]
    step = -(-count // parts)
    batches = [(names[i : i + step], unit[i : i + step]) for i in range(0, count, step)]
    write_vectors(Path(name), batches, ModelIdentity("m", "m", "m", DIM), kind=kind)


@pytest.fixture
def sets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("c", "d", 300, "collection", parts=3)
    write("q", "q", 4, "queries")


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def index(optical_here, *arguments):
    return optical_here("index", "--collection", "c", "-o", "i", *arguments)


def test_an_index_is_searched(sets, optical_here, tmp_path):
    code, out, err = index(optical_here)
    assert (code, out) == (0, "") and "of the vectors in float16" in err
    arguments = ["retrieve", "--queries", "q", "--top-k", 10]
    assert optical_here(*arguments, "--collection", "c", "-o", "exact.run")[0] == 0
    assert optical_here(*arguments, "--index", "i", "-o", "i.run")[0] == 0
    assert optical_here(
        *arguments, "--index", "i", "--probe", 1000, "--rescored", 300, "--rescore-from", "c",
        "--tag", "exact", "-o", "o.run",
    )[0] == 0  # fmt: skip
    exact, found = read_run("exact.run"), read_run("i.run")
    assert Path("o.run").read_bytes() == Path("exact.run").read_bytes()
    shared = [len(exact[q].keys() & found[q].keys()) for q in exact]
    assert min(shared) >= 7, shared


def test_the_manifest_leads_back(sets, optical_here):
    index(optical_here, "--bits", 2)
    manifest = json.loads(Path("i/manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-index/1" and manifest["what"]["bits"] == 2
    assert manifest["what"]["counts"]["records"] == 300
    assert manifest["lineage"][0]["path"] == "c" and "manifest" in manifest["lineage"][0]
    assert "part-00002/list_entries.npy" in manifest["what"]["files"]
    assert optical_here("inspect", "i", "--verify")[0] == 0


def test_the_same_seed_gives_the_same_bytes(sets, optical_here):
    index(optical_here)
    optical_here("index", "--collection", "c", "-o", "j")
    optical_here("index", "--collection", "c", "-o", "k", "--seed", 5)
    assert contents("i") == contents("j") != contents("k")


def test_original_vectors_of_another_set_are_refused(sets, optical_here):
    index(optical_here)
    write("other", "d", 300, "collection", seed=3)
    code, _, err = optical_here(
        "retrieve", "--queries", "q", "--index", "i", "--rescore-from", "other", "-o", "r.run"
    )
    assert code == 3 and "other: is not what i was made from" in err


def test_an_index_cut_short_is_noticed(sets, optical_here):
    index(optical_here)
    for name in ("tokens.npy", "list_entries.npy", "list_starts.npy"):
        path = Path("i/part-00001") / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        code, _, err = optical_here("retrieve", "--queries", "q", "--index", "i", "-o", "r.run")
        assert code == 3 and f"{name}: is cut short" in err
        path.write_bytes(whole)
    code, _, err = optical_here("retrieve", "--queries", "q", "--index", "c", "-o", "r.run")
    assert code == 3 and "c: is optical-vectors, not optical-index" in err


@pytest.mark.parametrize(
    "arguments",
    [("--bits", 3), ("--centroids", 0), ("--sample", 0)],
)
def test_impossible_calls_are_usage_errors(sets, optical_here, arguments):
    code, _, err = index(optical_here, *arguments)
    assert code == 2 and err.startswith("optical: error: ") and not Path("i").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--index", "i", "--collection", "c"),
        ("--index", "i", "--candidates", "r"),
        ("--index", "i", "--device", "cuda"),
        ("--collection", "c", "--rescore-from", "c"),
        (),
    ],
)
def test_searches_that_contradict_themselves_are_usage_errors(sets, optical_here, arguments):
    assert optical_here("retrieve", "--queries", "q", "-o", "r.run", *arguments)[0] == 2


def test_resume_takes_up_what_is_there(sets, optical_here):
    index(optical_here)
    whole = contents("i")
    assert "is complete already" in index(optical_here, "--resume")[2]
    assert index(optical_here)[0] == 4
    code, _, err = index(optical_here, "--resume", "--seed", 4)
    assert code == 4 and "was made with setting seed.seed 13, now 4" in err
    assert contents("i") == whole


@pytest.mark.slow
def test_killed_twenty_times_and_resumed_gives_the_same_bytes(sets, tmp_path):
    write("large", "d", 20_000, "collection", parts=60)
    command = [
        sys.executable, "-m", "optical_cli", "index", "--collection", "large", "--resume", "-o",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([*command, "whole"], env=environment, check=True)
    rng = np.random.default_rng(1)
    killed = 0
    while not Path("i").exists():
        process = subprocess.Popen([*command, "i"], env=environment)
        _wait_for_progress(Path(".i.partial"), process)
        if killed < 20:
            time.sleep(rng.uniform(0, 0.2))
            process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed == 20
    assert contents("i") == contents("whole")


def _wait_for_progress(partial, process):
    """Every life gets on, else twenty deaths could all come before the first part."""

    def done():
        return len(list(partial.glob("*.npy")) + list(partial.glob("part-*/part.json")))

    before = done()
    while process.poll() is None and done() <= before:
        time.sleep(0.01)
