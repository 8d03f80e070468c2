"""Ctrl-C, a full disk and a closed pipe, in every command: one plain line, and nothing half."""

import errno
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

from optical_cli.app import COMMANDS
from optical_cli.formats.outputs import partial_path

# Command lines that write `out`, with the files that `place` has.
WRITERS = {
    "toy": "toy --passages 60 --pairs 200 --queries 20 -o out",
    "import": "import xquad --from xquad.en.json --lang en -o out",
    "prepare-bitext": "prepare-bitext bitext.tsv --source-lang en --target-lang sw -o out",
    "inject-noise": "inject-noise bitext.tsv --noise typos=1 -o out --ledger out.ledger",
    "segment": "segment --text bitext.tsv --learn-from thai.txt --pieces 30 -o out",
    "lexicon": "lexicon --bitext bitext.tsv -o out",
    "crop-bitext": "crop-bitext --bitext bitext.tsv --lexicon lexicon.tsv -o out",
    "code-switch": "code-switch --share 1 --queries queries.tsv --lexicon lexicon.tsv"
    " --bitext bitext.tsv -o out",
    "init-model": "init-model --text bitext.tsv --vocab-size 60 -o out",
    "train-teacher": "train-teacher --model {models}/plain --triples triples.tsv"
    " --passage-length 24 --steps 2 -o out",
    "distill": "distill --teacher {models}/teacher --bitext bitext.tsv --steps 2 -o out",
    "score-bitext": "score-bitext --teacher {models}/teacher --student {models}/student"
    " --folds 1 bitext.tsv -o out",
    "merge": "merge {models}/student {models}/same -o out",
    "export": "export --to sentence-transformers {models}/teacher -o out",
    "encode": "encode --model {models}/teacher --collection collection.tsv -o out",
    "index": "index --collection passages -o out",
    "retrieve": "retrieve --queries asked --collection passages -o out",
    "bm25": "bm25 --queries queries.tsv --collection collection.tsv -o out",
    "fuse": "fuse run.trec other.trec -o out",
    "translate": "translate --queries queries.tsv --lexicon lexicon.tsv -o out",
    "evaluate": "evaluate --qrels qrels.txt --run run.trec -o out",
    "evaluate-alignment": "evaluate-alignment --teacher {models}/teacher --student {models}/student"
    " --bitext bitext.tsv --plans out.plans -o out",
    "report": "report scores.jsonl -o out.html",
    "align": "align --teacher {models}/teacher --student {models}/student river mto"
    " --image out.png",
}
# Those that write to stdout, and what they need to do so.
PRINTERS = {
    "evaluate": "evaluate --qrels qrels.txt --run run.trec --per-query --format jsonl",
    "inspect": "inspect passages",
    "segment": "segment --text bitext.tsv --learn-from thai.txt --pieces 30 -o -",
    "lexicon": "lexicon --bitext bitext.tsv -o -",
    "bm25": "bm25 --queries queries.tsv --collection collection.tsv -o -",
    "fuse": "fuse run.trec other.trec -o -",
    "translate": "translate --queries queries.tsv --lexicon lexicon.tsv -o -",
    "inject-noise": "inject-noise bitext.tsv --noise typos=1 -o -",
    "report": "report scores.jsonl --format csv -o -",
    "retrieve": "retrieve --queries asked --collection passages -o -",
    "align": "align --teacher {models}/teacher --student {models}/student river mto",
    "evaluate-alignment": "evaluate-alignment --teacher {models}/teacher --student {models}/student"
    " --bitext bitext.tsv",
}
LOADS_MODELS = {"retrieve", "align", "evaluate-alignment"}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    """Token vectors of two queries and two passages."""
    import numpy as np

    from optical_cli.formats.vectors import ModelIdentity
    from optical_cli.formats.vectors_writing import write_vectors

    folder = tmp_path_factory.mktemp("vectors")
    model, rng = ModelIdentity("m", "s", "s", 8), np.random.default_rng(1)
    for kind, ids in (("queries", ["q1", "q2"]), ("collection", ["d1", "d2"])):
        texts = [rng.standard_normal((5, 8)).astype(np.float32) for _ in ids]
        write_vectors(folder / kind, [(ids, texts)], model, kind=kind)
    return folder


@pytest.fixture
def ready(place, vectors, optical_here):
    """`place` with vectors and scores in it."""
    (place / "asked").symlink_to(vectors / "queries")
    (place / "passages").symlink_to(vectors / "collection")
    code, *_ = optical_here(
        *shlex.split("evaluate --qrels qrels.txt --run run.trec --format jsonl -o scores.jsonl")
    )
    assert code == 0
    return place


def test_every_command_that_writes_is_in_the_table():
    names = {name for group in COMMANDS.values() for name in group}
    assert names - {"inspect"} <= set(WRITERS), "add the new command to WRITERS"


def interrupt(*_):
    raise KeyboardInterrupt


def fill_up(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize("where", ["hashlib.file_digest", "os.fsync"])
@pytest.mark.parametrize("name", WRITERS)
def test_ctrl_c_before_the_end_leaves_nothing(
    ready, contents, tiny_models, optical_here, monkeypatch, name, where
):
    """While inputs are hashed, and when all is written and not yet under its name."""
    before, names = contents(ready), visible(ready)
    monkeypatch.setattr(where, interrupt)
    code, _, err = optical_here(*shlex.split(WRITERS[name].format(models=tiny_models)))
    assert code == 130, err
    assert err.splitlines()[-1] == "optical: error: interrupted"
    assert "Traceback" not in err
    assert visible(ready) == names
    if name not in ("train-teacher", "distill", "encode", "index"):  # These can be resumed.
        assert contents(ready) == before
        assert not list(ready.glob(".*"))


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_one_plain_line_that_names_the_output(
    ready, tiny_models, optical_here, monkeypatch, name
):
    names = visible(ready)
    monkeypatch.setattr(os, "fsync", fill_up)
    code, _, err = optical_here(*shlex.split(WRITERS[name].format(models=tiny_models)))
    errors = [line for line in err.splitlines() if line.startswith("optical: error: ")]
    assert (code, len(errors)) == (5, 1), err
    assert errors[0].startswith("optical: error: out")
    assert errors[0].endswith("the disk is full")
    assert ".partial" not in errors[0] and "Traceback" not in err
    assert visible(ready) == names


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_that_is_really_full(ready, tiny_models, optical, name):
    disk = ready / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        line = WRITERS[name].replace(" out", " disk/out").format(models=tiny_models)
        result = optical(*shlex.split(line))
        assert result.returncode == 5, result.stderr
        assert "optical: error: disk/out" in result.stderr and "Traceback" not in result.stderr
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def start(line, models, **options):
    command = [sys.executable, "-m", "optical_cli", *shlex.split(line.format(models=models))]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_a_real_ctrl_c_once_it_writes(ready, contents, tiny_models, name):
    """To the whole process group, as a terminal sends it."""
    before = contents(ready)
    child = start(WRITERS[name], tiny_models, stdout=subprocess.DEVNULL)
    out = next(word for word in WRITERS[name].split() if word.startswith("out"))
    while child.poll() is None and not partial_path(ready / out).exists():
        time.sleep(0.001)
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=120)
    assert "Traceback" not in err
    # Python may end by the signal itself, which is 130 to a shell, too.
    if child.returncode in (130, -signal.SIGINT):
        assert contents(ready) == before
    else:
        assert child.returncode == 0 and (ready / out).exists(), "it was through already"


def test_ctrl_c_while_the_command_line_is_read_is_one_plain_line(optical_here, monkeypatch):
    monkeypatch.setattr("optical_cli.command_line._check_choices", interrupt)
    code, out, err = optical_here("toy", "-o", "out")
    assert (code, out, err.split("\n")[-2]) == (130, "", "optical: error: interrupted")


SPEEDS = [
    pytest.param(name, marks=pytest.mark.slow) if name in LOADS_MODELS else name
    for name in PRINTERS
]


@pytest.mark.parametrize("name", SPEEDS)
def test_a_closed_pipe_ends_a_command_quietly(ready, contents, tiny_models, name):
    before = contents(ready)
    reader, writer = os.pipe()
    os.close(reader)
    child = start(PRINTERS[name], tiny_models, stdout=writer)
    os.close(writer)
    _, err = child.communicate(timeout=300)
    assert child.returncode == -signal.SIGPIPE, err  # 141 to a shell
    assert "error" not in err.lower() and "Traceback" not in err
    assert contents(ready) == before


@pytest.mark.parametrize("name", SPEEDS)
def test_stdout_on_a_full_disk_is_the_environments_fault(ready, tiny_models, name):
    with open("/dev/full", "wb") as full:
        child = start(PRINTERS[name], tiny_models, stdout=full)
        _, err = child.communicate(timeout=300)
    assert child.returncode == 5, err
    assert "optical: error: stdout: the disk is full" in err and "Traceback" not in err


@pytest.mark.parametrize("asked", ["--version", "--help", "evaluate --help"])
def test_help_onto_a_full_disk_is_one_plain_line(asked):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "optical_cli", *asked.split()], stdout=full,
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (5, "optical: error: stdout: the disk is full\n")


def test_a_quiet_command_that_succeeds_says_nothing(ready, optical):
    lines = (
        "lexicon --bitext bitext.tsv -o q.tsv", "toy -o q --passages 60 --pairs 50",
        "crop-bitext --bitext bitext.tsv --lexicon lexicon.tsv -o q.crops.tsv",
    )  # fmt: skip
    for line in lines:
        done = optical(*line.split(), "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_colors_and_bars_are_for_terminals_only(ready, optical):
    plain = optical("evaluate", "--qrels", "qrels.txt", "--run", "run.trec")
    assert plain.returncode == 0
    assert "\x1b" not in plain.stdout + plain.stderr + optical("evaluate", "-h").stdout
