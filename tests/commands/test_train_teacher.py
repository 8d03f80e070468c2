import json

import pytest

from optical_cli.formats.outputs import partial_path

QUERIES = {"q1": "who built the railway", "q2": "when does water boil", "q3": "who is reading"}
PASSAGES = {
    "d1": "the first railway was built in england", "d2": "water boils at a hundred degrees",
    "d3": "the children are reading their books", "d4": "milk does too",
}  # fmt: skip
POSITIVE = {"q1": "d1", "q2": "d2", "q3": "d3"}


@pytest.fixture
def files(tmp_path):
    """Triples as texts and ids, queries, a collection and qrels."""
    texts = {
        "text.tsv": [(QUERIES[q], PASSAGES[d], PASSAGES["d4"]) for q, d in POSITIVE.items()],
        "ids.tsv": [(q, d, "d4") for q, d in POSITIVE.items()],
        "queries.tsv": list(QUERIES.items()),
        "collection.tsv": list(PASSAGES.items()),
        "qrels.txt": [(q, "0", d, "1") for q, d in POSITIVE.items()],
    }
    for name, rows in texts.items():
        (tmp_path / name).write_text("".join("\t".join(row) + "\n" for row in rows))
    return tmp_path


@pytest.fixture
def teach(tiny_models, tmp_path, optical_here):
    def run(*more: object):
        return optical_here(
            "train-teacher", "--model", tiny_models / "plain", "-o", tmp_path / "teacher",
            "--steps", 2, "--batch-size", 3, "--dim", 8, "--query-length", 12,
            "--passage-length", 24, *more,
        )  # fmt: skip

    return run


def by_id(files, last: str) -> list[object]:
    flag = "--qrels" if last == "qrels.txt" else "--triples"
    return ["--queries", files / "queries.tsv", "--collection", files / "collection.tsv",
            flag, files / last]  # fmt: skip


def losses(files) -> list[float]:
    lines = (files / "teacher" / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


def test_help_has_examples(optical_here):
    code, out, _ = optical_here("train-teacher", "--help")
    assert code == 0 and "optical train-teacher --model" in out


def test_text_and_id_triples_are_the_same_training(files, teach):
    assert teach("--triples", files / "text.tsv")[0] == 0
    text = losses(files)
    assert teach(*by_id(files, "ids.tsv"), "--overwrite")[0] == 0
    assert losses(files) == pytest.approx(text, rel=1e-5)


def test_a_teacher_is_a_late_interaction_encoder(files, teach):
    from optical_cli.encoders import load

    code, out, err = teach(*by_id(files, "qrels.txt"))
    assert (code, out) == (0, ""), err
    assert "3 examples of 1 passages each" in err
    teacher = load(files / "teacher")
    assert teacher.dim == 8 and teacher.config.query_expansion
    assert (teacher.config.query_length, teacher.config.passage_length) == (12, 24)
    assert teacher.family == teacher.signature()


def test_a_plain_teacher_stays_plain(files, teach):
    from optical_cli.encoders import load

    assert teach("--triples", files / "text.tsv", "--plain")[0] == 0
    assert load(files / "teacher").config.is_plain


@pytest.mark.parametrize("kind", ["text.tsv", "ids.tsv"])
def test_test_queries_and_passages_stay_unseen(files, teach, kind):
    seen = files / "test.tsv"
    seen.write_text("t1\tWho built the railway?\nt2\tThe children are reading their books!\n")
    source = ["--triples", files / kind] if kind == "text.tsv" else by_id(files, kind)
    code, _, err = teach(*source, "--exclude-overlap", seen)
    assert code == 0, err
    assert "2 examples left out" in err and "1 examples of 2 passages" in err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ids.tsv", "q1\td1\td4\nq9\td1\td4\n", "ids.tsv:2: query q9 is not in"),
        ("ids.tsv", "q1\td1\td9\n", "ids.tsv:1: passage d9 is not in"),
        ("ids.tsv", "q1\td1\td4\nq2\td2\n", "ids.tsv:2: expected 3 tab-separated fields, found 2"),
        ("qrels.txt", "q1 0 d9 1\n", "qrels.txt:1: passage d9 is not in"),
        ("collection.tsv", "d1\ta\nd1\tb\n", "collection.tsv:2: id d1 stands there twice"),
        ("queries.tsv", "q1\ta\nq1\tb\n", "queries.tsv:2: id q1 stands there twice"),
    ],
)
def test_malformed_ids_are_named_with_their_place(files, teach, name, content, message):
    (files / name).write_text(content)
    last = "qrels.txt" if name == "qrels.txt" else "ids.tsv"
    code, _, err = teach(*by_id(files, last))
    assert code == 3, err
    assert message in err
    assert not (files / "teacher").exists() and not partial_path(files / "teacher").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--triples", "text.tsv", "--qrels", "qrels.txt"],
        ["--triples", "ids.tsv", "--queries", "queries.tsv"],
        ["--qrels", "qrels.txt"],
    ],
)
def test_sources_that_do_not_go_together_are_usage_errors(files, teach, arguments, monkeypatch):
    monkeypatch.chdir(files)
    assert teach(*arguments)[0] == 2


def test_blank_texts_are_named(files, teach):
    (files / "text.tsv").write_text("a\tb\tc\nd\t \tf\n")
    code, _, err = teach("--triples", files / "text.tsv")
    assert code == 3 and "text.tsv:2: a text is blank" in err


def test_an_existing_output_stays(files, teach):
    (files / "teacher").mkdir()
    assert teach("--triples", files / "text.tsv")[0] == 4
    assert list((files / "teacher").iterdir()) == []


def test_negatives_come_from_a_run_and_scores_from_another(files, teach):
    ranked = "".join(f"{q} Q0 {d} 1 {n} bm25\n" for q in QUERIES for n, d in enumerate(PASSAGES))
    (files / "bm25.run").write_text(ranked)
    code, _, err = teach(
        *by_id(files, "qrels.txt"), "--candidates", files / "bm25.run", "--negatives", 2,
        "--scores", files / "bm25.run", "--log-every", 1,
    )  # fmt: skip
    assert code == 0, err
    assert "3 examples of 3 passages each" in err
    lines = (files / "teacher" / "metrics.jsonl").read_text().splitlines()
    assert all(json.loads(line)["loss"] > json.loads(line)["ranking"] for line in lines)


def test_a_missing_score_is_named(files, teach):
    (files / "few.run").write_text("q1 Q0 d1 1 3.5 ce\n")
    code, _, err = teach(*by_id(files, "ids.tsv"), "--scores", files / "few.run")
    assert code == 3 and "ids.tsv:1:" in err and "no score of passage d4 for query q1" in err


def test_too_few_candidates_are_an_error(files, teach):
    (files / "few.run").write_text("q1 Q0 d1 1 3.5 x\n")
    code, _, err = teach(*by_id(files, "qrels.txt"), "--candidates", files / "few.run")
    assert code == 3 and "fewer than --negatives 1" in err
