"""Every command on bad input: one plain error with its place, nothing written, inputs untouched."""

import shlex

import pytest

from optical_cli.app import COMMANDS

TEACH = "train-teacher --model {models}/plain --passage-length 24 --steps 1 -o out"
# Command lines that read X, what X stands for, and whether the file is a table of texts or TREC's.
READERS = {
    "init-model": ("init-model --text X --vocab-size 60 -o out", "text"),
    "train-teacher, triples": (f"{TEACH} --triples X", "triples"),
    "train-teacher, queries": (f"{TEACH} --queries X --collection collection.tsv"
                               " --qrels qrels.txt", "ids"),
    "train-teacher, collection": (f"{TEACH} --queries queries.tsv --collection X"
                                  " --qrels qrels.txt", "ids"),
    "train-teacher, qrels": (f"{TEACH} --queries queries.tsv --collection collection.tsv"
                             " --qrels X", "trec"),
    "distill": ("distill --teacher {models}/teacher --bitext X -o out", "pairs"),
    "encode, collection": ("encode --model {models}/teacher --collection X -o out", "ids"),
    "encode, queries": ("encode --model {models}/teacher --queries X -o out", "ids"),
    "bm25, queries": ("bm25 --queries X --collection collection.tsv -o out", "ids"),
    "bm25, collection": ("bm25 --queries queries.tsv --collection X -o out", "ids"),
    "bm25, lexicon": ("bm25 --queries queries.tsv --collection collection.tsv --lexicon X -o out",
                      "lexicon"),
    "fuse": ("fuse run.trec X -o out", "trec"),
    "lexicon": ("lexicon --bitext X -o out", "pairs"),
    "inject-noise": ("inject-noise X --noise typos=1 -o out", "pairs"),
    "inject-noise, two passes": ("inject-noise X --noise misalign=1 --ledger l -o out", "pairs"),
    "inject-noise, crawl": ("inject-noise bitext.tsv --noise crawl=1 --crawl X -o out", "pairs"),
    "inject-noise, lexicon": ("inject-noise bitext.tsv --noise code-switch=1 --lexicon X -o out",
                              "lexicon"),
    "translate, queries": ("translate --queries X --lexicon lexicon.tsv -o out", "ids"),
    "translate, lexicon": ("translate --queries queries.tsv --lexicon X -o out", "lexicon"),
    "evaluate, run": ("evaluate --qrels qrels.txt --run X -o out", "trec"),
    "evaluate, qrels": ("evaluate --qrels X --run run.trec -o out", "trec"),
}  # fmt: skip
FAULTS = {
    "missing": (None, "X: "),
    "empty": (b"", "X: is empty"),
    "not UTF-8": (b"a1\tgood\t1\na2\tb\xffd\t1\n", "X:2: not UTF-8"),
    "NUL": (b"a1\tgood\t1\na2\tb\0d\t1\n", "X:2: NUL byte"),
    "columns": (b"a1\tgood\t1\na2\n", "X:2: expected"),
    "an id twice": (b"a1\tgood\na2\tgood\na1\tgood\n", "X:3: id a1 stands"),
    "an id with white space": (b"a1\tgood\na 2\tgood\n", "X:2: id 'a 2' holds white space"),
}
ONLY_IDS = {"an id twice", "an id with white space"}


def cases():
    for name, (line, kind) in READERS.items():
        for fault, (content, message) in FAULTS.items():
            if (fault in ONLY_IDS and kind != "ids") or (fault == "columns" and kind == "text"):
                continue
            if kind == "trec" and content:  # Fields end at white space there; line 1 must be sound.
                sound = b"q1 0 d1 1\n" if "qrels" in name else b"q1 Q0 d1 1 2.5 s\n"
                content = sound + content.partition(b"\n")[2]
            yield pytest.param(line, content, message, id=f"{name}: {fault}")


def run(optical_here, line, models):
    return optical_here(*shlex.split(line.format(models=models)))


def errors(err):
    return [line for line in err.splitlines() if line.startswith("optical: error: ")]


@pytest.mark.parametrize(("line", "content", "message"), [*cases()])
def test_a_bad_file_is_one_plain_error(
    place, contents, tiny_models, optical_here, line, content, message
):
    if content is not None:
        (place / "X").write_bytes(content)
    before = contents(place)
    code, out, err = run(optical_here, line, tiny_models)
    assert (code, out) == (3, ""), err
    assert len(errors(err)) == 1
    assert message in errors(err)[0]
    assert contents(place) == before, "nothing is written, and inputs are as they were"
    assert not list(place.glob(".*")), "nothing is left beside"


MODEL_READERS = {
    "train-teacher": "train-teacher --model X --triples triples.tsv --steps 1 -o out",
    "distill, teacher": "distill --teacher X --bitext bitext.tsv -o out",
    "distill, init": "distill --teacher {models}/teacher --init X --bitext bitext.tsv -o out",
    "encode": "encode --model X --queries queries.tsv -o out",
    "export": "export --to sentence-transformers X -o out",
    "align": "align --teacher {models}/teacher --student X river mto --image out.png",
    "evaluate-alignment": "evaluate-alignment --teacher X --student {models}/student"
    " --bitext bitext.tsv -o out.jsonl",
}


@pytest.mark.parametrize("kind", ["missing", "no model", "another architecture", "damaged"])
@pytest.mark.parametrize("line", MODEL_READERS.values(), ids=MODEL_READERS)
def test_what_is_no_model_is_one_plain_error(
    place, contents, tiny_models, optical_here, line, kind
):
    if kind != "missing":
        (place / "X").mkdir()
        (place / "X" / "notes.txt").write_text("nothing of use")
    if kind == "another architecture":
        (place / "X" / "config.json").write_text('{"model_type": "whisper"}')
    if kind == "damaged":
        for source in (tiny_models / "teacher").iterdir():
            if source.is_file():
                (place / "X" / source.name).write_bytes(source.read_bytes())
        (place / "X" / "model.safetensors").write_bytes(b"junk")
    before = contents(place)
    code, out, err = run(optical_here, line, tiny_models)
    # A name that is no folder may be the hub's, which cannot be asked here.
    assert (code, out) == (5 if kind == "missing" else 3, ""), err
    assert len(errors(err)) == 1
    assert errors(err)[0].startswith("optical: error: X")
    assert contents(place) == before
    assert not list(place.glob(".*"))


NAMES = [name for names in COMMANDS.values() for name in names]


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_command_line_is_one_plain_line(optical_here, name):
    code, out, err = optical_here(name, "--no-such-option")
    assert (code, out) == (2, "")
    assert err.startswith("optical: error: no such option: --no-such-option")
    assert err.count("\n") == 2, "the error and a hint"


def test_a_wrong_value_is_named_with_its_place(place, optical_here, monkeypatch):
    (place / "s.toml").write_text('[seed]\nseed = "thirteen"\n')
    code, _, err = optical_here("toy", "-o", "out", "--settings", "s.toml")
    assert (code, err.startswith("optical: error: s.toml: invalid value for '--seed'")) == (2, True)
    monkeypatch.setenv("OPTICAL_SEED", "thirteen")
    code, _, err = optical_here("toy", "-o", "out")
    assert (code, err.startswith("optical: error: OPTICAL_SEED: invalid value")) == (2, True)
    code, _, err = optical_here("toy", "-o", "out", "--seed", "thirteen")
    assert (code, err.startswith("optical: error: invalid value for '--seed'")) == (2, True)
    assert not (place / "out").exists()


def test_an_output_to_stdout_says_that_it_has_no_manifest(place, optical_here):
    code, out, err = optical_here("evaluate", "--qrels", "qrels.txt", "--run", "run.trec")
    assert (code, "AP" in out) == (0, True)
    assert "an output to stdout has no manifest" in err
