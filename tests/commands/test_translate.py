import json

import pytest


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "queries.tsv").write_text("q1\tMaji na ng'ombe?\nq2\tNairobi\n")
    (tmp_path / "lexicon.tsv").write_text("water\tmaji\t1\ncow\tng'ombe\t.9\nand\tna\t1\n")
    return ["translate", "--queries", "queries.tsv", "--lexicon", "lexicon.tsv"]


def test_gloss_and_counts(files, optical_here, tmp_path):
    code, out, err = optical_here(*files, "-o", "gloss.tsv")
    assert (code, out) == (0, "")
    assert (tmp_path / "gloss.tsv").read_text() == "q1\twater and cow?\nq2\tNairobi\n"
    manifest = json.loads((tmp_path / "gloss.tsv.manifest.json").read_text())
    assert manifest["what"]["counts"] == {"records": 2, "known": 3, "copied": 1}
    assert "words copied" in err


def test_faults(files, optical_here, tmp_path):
    (tmp_path / "gloss.tsv").write_text("kept")
    assert optical_here(*files, "-o", "gloss.tsv")[0] == 4
    assert (tmp_path / "gloss.tsv").read_text() == "kept"
    (tmp_path / "lexicon.tsv").write_text("water maji 1\n")
    code, _, err = optical_here(*files, "-o", "new.tsv")
    assert code == 3 and "lexicon.tsv:1: expected 3" in err


def test_either_a_lexicon_or_a_model(files, optical_here):
    assert optical_here("translate", "--queries", "queries.tsv", "-o", "x.tsv")[0] == 2
    code, _, err = optical_here(*files, "--model", "m", "-o", "x.tsv")
    assert code == 2 and "give either --lexicon or --model" in err


def test_a_model_that_is_not_there(files, optical_here, tmp_path):
    words = ("translate", "--queries", "queries.tsv", "--model", "./none", "-o", "x.tsv")
    code, _, err = optical_here(*words)
    assert code == 3 and "./none" in err and not (tmp_path / "x.tsv").exists()
