import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from optical_cli.encoders import load
from optical_cli.formats.vectors import open_vectors

WORDS = "the first railway was built in england water boils milk children read books".split()  # noqa: SIM905


@pytest.fixture
def collection(tmp_path, monkeypatch):
    """A folder to stand in, with 23 passages of mixed length."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(4)
    texts = [" ".join(rng.choice(WORDS, n)) for n in rng.integers(1, 10, 23)]
    lines = [f"d{i}\t{text}\n" for i, text in enumerate(texts)]
    (tmp_path / "c.tsv").write_text("".join(lines))
    return dict(line.rstrip("\n").split("\t") for line in lines)


@pytest.fixture
def encode(tiny_models, optical_here):
    def run(*arguments, model="teacher", source="--collection", file="c.tsv", output="v"):
        return optical_here(
            "encode", "--model", tiny_models / model, source, file, "-o", output, *arguments
        )

    return run


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json"
    }  # fmt: skip


def what_of(folder):
    return json.loads((folder / "manifest.json").read_text())["what"]


def test_passages_are_encoded_in_order(collection, encode, tiny_models, tmp_path):
    code, out, err = encode("--dtype", "float32")
    assert (code, out) == (0, "")
    assert "encoding 23 records, 16 wide, float16: about" in err
    vectors = open_vectors(tmp_path / "v", "collection")
    assert list(vectors.ids()) == list(collection)
    expected = load(tiny_models / "teacher").encode_passages(list(collection.values()))
    for place, one in enumerate(expected):
        np.testing.assert_allclose(vectors.vectors(place), one.numpy(), atol=2e-3)


def test_the_manifest_names_model_and_input(
    collection, encode, tiny_models, tmp_path, optical_here
):
    encode()
    assert optical_here("inspect", "v", "--verify")[0] == 0
    manifest = json.loads((tmp_path / "v/manifest.json").read_text())
    teacher = load(tiny_models / "teacher")
    assert manifest["what"]["model"]["signature"] == teacher.signature()
    assert manifest["what"]["counts"]["records"] == 23
    assert manifest["lineage"][1]["path"] == "c.tsv"


def test_a_student_belongs_to_its_teachers_family(collection, encode, tiny_models, tmp_path):
    encode(model="student", source="--queries")
    model = what_of(tmp_path / "v")["model"]
    assert model["family"] == load(tiny_models / "teacher").signature() != model["signature"]


def test_queries_that_are_cut_are_warned_of(collection, encode, tmp_path):
    code, _, err = encode(source="--queries")
    share = what_of(tmp_path / "v")["counts"]["cut"] / 23
    assert share > 0.01
    assert code == 0 and f"warning: {100 * share:.1f}% of the queries are cut" in err
    assert "0.0% of the queries are cut" in encode(
        "--query-length", 60, source="--queries", output="w"
    )[2]  # fmt: skip


def test_a_plain_encoder_says_what_it_gives(collection, encode, tmp_path, tiny_plain):
    code, _, err = encode(model="plain", source="--queries")
    assert code == 0 and "has no head: its own token vectors, no markers, no [MASK]s" in err
    vectors = open_vectors(tmp_path / "v").vectors(0)
    text = collection["d0"]
    assert len(vectors) == len(tiny_plain.tokenizer(text)["input_ids"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_the_same_call_gives_the_same_bytes_whatever_the_parts(collection, encode, tmp_path):
    for output in ("v", "w"):
        assert encode("--part-size", 7, output=output)[0] == 0
    assert contents(tmp_path / "v") == contents(tmp_path / "w")
    assert sorted(path.name for path in (tmp_path / "v").glob("part-*"))[-1] == "part-00003"


def test_shards_make_the_whole(collection, encode, tmp_path):
    encode(output="whole")
    for index in (3, 1, 2):
        assert encode("--shard", f"{index}/3")[0] == 0
    whole, split = open_vectors(tmp_path / "whole"), open_vectors(tmp_path / "v")
    assert list(split.ids()) == list(whole.ids())
    for place in range(23):
        np.testing.assert_allclose(split.vectors(place), whole.vectors(place), atol=2e-3)


def test_a_shard_does_not_go_into_a_whole_set_or_among_those_of_another_division(
    collection, encode, tmp_path
):
    encode(output="whole")
    code, _, err = encode("--shard", "1/2", output="whole")
    assert code == 4 and "whole: is whole already, and shard-1-of-2 would go into it" in err
    encode("--shard", "1/2")
    code, _, err = encode("--shard", "1/3")
    assert code == 4 and "v: holds shard-1-of-2, which is not one of 3" in err
    assert [path.name for path in (tmp_path / "v").iterdir()] == ["shard-1-of-2"]


def test_columns_without_names_go_by_number(collection, encode, tmp_path):
    lines = (f"{name}\t{text[:3]}\t{text[3:]}\n" for name, text in collection.items())
    (tmp_path / "three.tsv").write_text("".join(lines))
    swapped = (f"{name}\t{text[3:]} {text[:3]}\n" for name, text in collection.items())
    (tmp_path / "swapped.tsv").write_text("".join(swapped))
    assert encode("--columns", "1,3,2", file="three.tsv")[0] == 0
    assert encode(file="swapped.tsv", output="w")[0] == 0
    tokens = [(tmp_path / name / "part-00000/tokens.npy").read_bytes() for name in "vw"]
    assert tokens[0] == tokens[1]
    assert encode("--columns", "id", file="three.tsv", output="x")[0] == 2


def test_ranks_of_torchrun_write_a_shard_each(collection, encode, tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for rank in "01":
        monkeypatch.setenv("RANK", rank)
        monkeypatch.setenv("LOCAL_RANK", rank)
        assert encode()[0] == 0
    assert len(open_vectors(tmp_path / "v")) == 23
    assert {p.name for p in (tmp_path / "v").iterdir()} == {"shard-1-of-2", "shard-2-of-2"}


def test_windows_cover_a_long_passage(collection, encode, tmp_path):
    assert encode("--window", 10, "--stride", 4)[0] == 0
    whole = open_vectors(tmp_path / "v")
    part = whole.parts[0]
    counts = np.diff(part.windows)
    assert len(whole) == 23 and counts.max() > 2 and (np.diff(part.offsets) <= 10).all()
    lengths = np.array([len(text) for text in collection.values()])
    assert counts[lengths.argmin()] == 1 and counts[lengths.argmax()] == counts.max()


def test_resume_redoes_only_missing_parts(collection, encode, tmp_path):
    encode("--part-size", 5, output="whole")
    encode("--part-size", 5)
    partial = tmp_path / ".v.partial"
    (tmp_path / "v").rename(partial)
    manifest = partial / "manifest.json"
    plan = json.loads(manifest.read_text())
    manifest.unlink()
    (partial / "part-00002/part.json").unlink()
    kept = (partial / "part-00001/tokens.npy").stat().st_mtime_ns
    _write_plan(partial, plan)
    assert encode("--part-size", 5, "--resume")[0] == 0
    assert contents(tmp_path / "v") == contents(tmp_path / "whole")
    assert (tmp_path / "v/part-00001/tokens.npy").stat().st_mtime_ns == kept


def _write_plan(partial, manifest):
    from optical_cli.formats.resuming import PLAN, plan_of

    (partial / PLAN).write_text(json.dumps(plan_of(manifest["what"], manifest["lineage"])))


def test_resume_names_the_first_difference(collection, encode, tmp_path):
    encode()
    code, _, err = encode("--resume", "--store", "int8")
    assert code == 4 and "was made with setting encode.store float16, now int8" in err
    assert encode("--resume")[0] == 0
    assert "is complete already" in encode("--resume")[2]


def test_an_existing_output_is_left_alone(collection, encode, tmp_path):
    encode()
    before = contents(tmp_path / "v")
    code, _, err = encode("--store", "int8")
    assert code == 4 and "exists already" in err and contents(tmp_path / "v") == before
    assert encode("--store", "int8", "--overwrite")[0] == 0
    assert what_of(tmp_path / "v")["encoding"] == "int8"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("d1\tx\nd1\ty\n", "c.tsv:2: id d1 stands in line 1 already"),
        ("d1\tx\nd 2\ty\n", "c.tsv:2: id 'd 2' holds white space"),
        ("d1\t\n", "c.tsv:1: d1 has no text"),
        ("d1\n", "c.tsv:1: expected 2 tab-separated fields, found 1"),
        ("", "c.tsv: is empty"),
    ],
)
def test_malformed_input_is_one_plain_error(collection, encode, tmp_path, text, message):
    (tmp_path / "c.tsv").write_text(text)
    code, out, err = encode()
    assert (code, out) == (3, "") and message in err and "Traceback" not in err
    assert not (tmp_path / "v").exists() and not list(tmp_path.glob(".v*"))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--queries", "c.tsv"), 2),
        (("--collection", "-"), 2),
        (("--shard", "0/3"), 2),
        (("--shard", "4/3"), 2),
        (("--stride", "3"), 2),
        (("--window", "10", "--stride", "30"), 2),
        (("--passage-length", "2000"), 2),
        (("--part-size", "0"), 2),
    ],
)
def test_impossible_calls_are_usage_errors(collection, encode, tmp_path, arguments, code):
    found, _, err = encode(*arguments)
    assert found == code and err.startswith("optical: error: "), err
    assert not (tmp_path / "v").exists()


def test_a_full_disk_is_found_before_it_is_filled(collection, encode, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
    code, _, err = encode()
    assert code == 5 and "and 1.0 kB are free" in err
    assert not (tmp_path / "v").exists() and not list(tmp_path.glob(".v*"))


@pytest.mark.slow
def test_killed_twenty_times_and_resumed_gives_the_same_bytes(tmp_path, tiny_models):
    rng = np.random.default_rng(1)
    lines = (f"d{i}\t{' '.join(rng.choice(WORDS, 18))}\n" for i in range(30_000))
    (tmp_path / "c.tsv").write_text("".join(lines))
    command = [
        sys.executable, "-m", "optical_cli", "encode", "--model", tiny_models / "teacher",
        "--collection", "c.tsv", "--part-size", "500", "--resume", "-o",
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    subprocess.run([*command, "whole"], cwd=tmp_path, env=environment, check=True)
    killed = 0
    while not (tmp_path / "v").exists():
        process = subprocess.Popen([*command, "v"], cwd=tmp_path, env=environment)
        _wait_for_a_part_more(tmp_path / ".v.partial", process)
        if killed < 20:
            time.sleep(rng.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed == 20
    assert contents(tmp_path / "v") == contents(tmp_path / "whole")


def _wait_for_a_part_more(partial, process):
    """Every life gets on, else twenty deaths could all come before the first part."""
    before = len(list(partial.glob("part-*/part.json")))
    while process.poll() is None and len(list(partial.glob("part-*/part.json"))) <= before:
        time.sleep(0.02)
