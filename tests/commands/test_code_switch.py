import json

import pytest

PAIRS = "The farmer sells maize today.\tMkulima anauza mahindi leo.\tp1\n"
LEXICON = "farmer\tmkulima\t1\nmaize\tmahindi\t1\nsells\tanauza\t1\ntoday\tleo\t1\n"
QUERIES = "q1\twhich farmer sells maize?\nq2\twho is Juma?\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    (tmp_path / "lexicon.tsv").write_text(LEXICON)
    (tmp_path / "queries.tsv").write_text(QUERIES)
    return tmp_path


@pytest.fixture
def switch(here, optical_here):
    def run(*arguments, queries="queries.tsv", output="switched.tsv"):
        files = ("--queries", queries, "--bitext", "pairs.tsv", "--lexicon", "lexicon.tsv")
        return optical_here("code-switch", *files, "-o", output, *arguments)

    return run


def test_writes_pairs_with_ids_and_a_manifest(here, switch):
    code, out, err = switch("--share", 1)
    assert (code, out) == (0, "") and "texts  pairs  words  switched" in err
    assert (here / "switched.tsv").read_text() == (
        "which farmer sells maize?\twhich mkulima anauza mahindi?\tq1.1\n"
    )
    what = json.loads((here / "switched.tsv.manifest.json").read_text())["what"]
    assert what["format"] == "optical-bitext/1"
    assert what["counts"] == {"records": 1, "texts": 2, "words": 7, "switched": 3}


def test_the_same_seed_gives_the_same_bytes(here, switch):
    switch("--share", 0.5, "--copies", 5)
    _, out, _ = switch("--share", 0.5, "--copies", 5, output="-")
    assert out.encode() == (here / "switched.tsv").read_bytes()
    _, other, _ = switch("--share", 0.5, "--copies", 5, "--seed", 4, output="-")
    assert other != out


def test_a_limit_counts_texts(switch):
    assert switch("--limit", 1, "--share", 1, output="-")[1].count("\n") == 1


def test_existing_output_is_refused(here, switch):
    (here / "switched.tsv").write_text("kept")
    code, _, err = switch()
    assert code == 4 and "exists already" in err and (here / "switched.tsv").read_text() == "kept"


def test_malformed_lines_are_named(here, switch):
    (here / "bad.tsv").write_text("q1\twho\nalone\n")
    code, _, err = switch(queries="bad.tsv")
    assert code == 3 and "bad.tsv:2" in err
    assert switch(queries="none.tsv")[0] == 3
    (here / "lexicon.tsv").write_text("farmer\tmkulima\n")
    assert switch()[0] == 3
    assert not (here / "switched.tsv").exists() and not list(here.glob(".switched*"))


def test_a_lexicon_the_other_way_round_is_an_error_with_a_hint(here, switch):
    (here / "lexicon.tsv").write_text("mkulima\tfarmer\t1\n")
    code, _, err = switch()
    assert code == 3 and "none of 2 texts has a word" in err and "hint:" in err


def test_help(optical_here):
    code, out, _ = optical_here("code-switch", "--help")
    assert code == 0 and "--copies" in out
