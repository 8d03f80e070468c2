import json
from pathlib import Path

import pytest

from optical_cli.formats.trec import read_run


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "collection.tsv").write_text("d1\tthe cow\nd2\tcow cow\nd3\tfire\nd4\tthe cow\n")
    (tmp_path / "queries.tsv").write_text("q1\tcow\nq2\tng'ombe\nq3\tmoto\n")
    (tmp_path / "lexicon.tsv").write_text("cow\tng'ombe\t0.9\nfire\tmoto\t1\n")
    return ["bm25", "--queries", "queries.tsv", "--collection", "collection.tsv"]


def test_plain_bm25_and_its_ties(files, optical_here, tmp_path):
    assert optical_here(*files, "-o", "bm25.run")[:2] == (0, "")
    run = read_run("bm25.run")
    assert list(run) == ["q1"]
    assert list(run["q1"]) == ["d2", "d4", "d1"]
    assert (tmp_path / "bm25.run").read_text().splitlines()[0].endswith(" bm25")
    manifest = json.loads((tmp_path / "bm25.run.manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-run/1"
    assert manifest["what"]["counts"] == {"records": 3, "queries": 3, "passages": 4}


def test_further_columns_are_read_where_they_are_named(files, optical_here, tmp_path):
    (tmp_path / "collection.tsv").write_text("d1\tfire\tcow\nd2\tcow\tfire\n")
    for columns, best in (("1,2", "d2"), ("1,3", "d1")):
        name = f"{best}.run"
        assert optical_here(*files, "--columns", columns, "-o", name)[0] == 0
        assert list(read_run(name)["q1"]) == [best]


def test_lexicon_makes_structured_queries(files, optical_here, tmp_path):
    assert optical_here(*files, "--lexicon", "lexicon.tsv", "-o", "psq.run")[0] == 0
    run = read_run("psq.run")
    assert {query_id: next(iter(ranking)) for query_id, ranking in run.items()} == {
        "q1": "d2", "q2": "d2", "q3": "d3",
    }  # fmt: skip
    assert (tmp_path / "psq.run").read_text().splitlines()[0].endswith(" psq")


def test_a_dictionary_may_hold_every_translation_for_certain(files, optical_here, tmp_path):
    """Then more passages than there are may be expected to have one of them."""
    words = Path("collection.tsv").read_text().replace("\t", " ").lower().split()
    word = Path("queries.tsv").read_text().split()[1].lower()
    (tmp_path / "all.tsv").write_text("".join(f"{w}\t{word}\t1\n" for w in sorted({*words})))
    assert optical_here(*files, "--lexicon", "all.tsv", "-o", "all.run")[0] == 0
    assert all(score > 0 for score in read_run("all.run")["q1"].values())


def test_what_a_lexicon_is_needed_for_is_told_without_one(files, optical_here):
    code, _, err = optical_here(*files, "--translations", 3, "-o", "plain.run")
    assert code == 0 and "not read: --translations (without --lexicon)" in err


def test_queries_that_match_nothing_are_counted(files, optical_here):
    code, _, err = optical_here(*files, "-o", "some.run")
    assert code == 0 and "2 of 3 queries match no passage" in err
    code, _, err = optical_here(*files, "--lexicon", "lexicon.tsv", "-o", "all.run")
    assert code == 0 and "match no passage" not in err


def test_a_run_of_nothing_is_an_error(files, optical_here, tmp_path):
    """Queries in a language that the passages are not in, and a lexicon the wrong way round."""
    (tmp_path / "queries.tsv").write_text("q2\tng'ombe\nq3\tmoto\n")
    (tmp_path / "swapped.tsv").write_text("ng'ombe\tcow\t0.9\nmoto\tfire\t1\n")
    for more, hint in (([], "--lexicon"), (["--lexicon", "swapped.tsv"], "first column")):
        code, out, err = optical_here(*files, *more, "-o", "none.run")
        assert (code, out) == (3, "")
        assert "queries.tsv: none of 2 queries matches a passage" in err and hint in err
        assert not list(tmp_path.glob("*none.run*"))


def test_a_lexicon_with_capitals_is_used(files, optical_here, tmp_path):
    (tmp_path / "capitals.tsv").write_text("Cow\tNg'ombe\t0.9\nFIRE\tMoto\t1\n")
    for name in ("lexicon", "capitals"):
        assert optical_here(*files, "--lexicon", f"{name}.tsv", "-o", f"{name}.run")[0] == 0
    assert read_run("capitals.run") == read_run("lexicon.run")


def test_same_bytes_twice_and_top_k(files, optical_here, tmp_path):
    optical_here(*files, "-o", "a.run", "--top-k", 1, "--tag", "mine")
    _, out, _ = optical_here(*files, "-o", "-", "--top-k", 1, "--tag", "mine")
    assert (tmp_path / "a.run").read_text() == out
    assert out.startswith("q1 Q0 d2 1 0.") and out.count("\n") == 1


def test_faults(files, optical_here, tmp_path):
    (tmp_path / "bad.tsv").write_text("cow\tx\t2\n")
    code, _, err = optical_here(*files, "--lexicon", "bad.tsv", "-o", "x.run")
    assert code == 3 and "bad.tsv:1: p is '2'" in err
    (tmp_path / "x.run").write_text("kept")
    code, _, err = optical_here(*files, "-o", "x.run")
    assert code == 4 and (tmp_path / "x.run").read_text() == "kept"


@pytest.mark.slow
def test_real_numbers(real_data, optical_here, tmp_path):
    """AfriQA Swahili: raw BM25 matches names, human translations show what it could do."""
    folder = real_data / "clir" / "afriqa"
    collection = tmp_path / "collection.tsv"
    rows = (folder / "collection.tsv").read_text(encoding="utf-8").splitlines()
    collection.write_text("\n".join("\t".join(row.split("\t")[:2]) for row in rows))
    qrels = str(folder / "qrels.swa.test.txt")
    for name, expected in (("queries.swa.test.tsv", 0.278),
                           ("queries.swa.test.en-translated.tsv", 0.628)):  # fmt: skip
        run = tmp_path / f"{name}.run"
        optical_here("bm25", "--queries", folder / name, "--collection", collection, "-o", run)
        _, out, _ = optical_here("evaluate", "--qrels", qrels, "--run", f"bm25={run}")
        assert abs(float(out.split()[out.split().index("bm25") + 1]) - expected) < 0.002
