import json

import pytest

PAIRS = "The farmer sells maize today.\tMkulima anauza mahindi leo.\tp1\n"
LEXICON = "farmer\tmkulima\t1\nmaize\tmahindi\t1\nsells\tanauza\t1\ntoday\tleo\t1\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    (tmp_path / "lexicon.tsv").write_text(LEXICON)
    return tmp_path


@pytest.fixture
def crop(here, optical_here):
    def run(*arguments, bitext="pairs.tsv", output="crops.tsv"):
        files = ("--bitext", bitext, "--lexicon", "lexicon.tsv", "-o", output)
        return optical_here("crop-bitext", *files, *arguments)

    return run


def test_writes_pairs_with_ids_and_a_manifest(here, crop):
    code, out, err = crop("--min-words", 2)
    assert (code, out) == (0, "") and "pairs  whole  crops" in err
    rows = [line.split("\t") for line in (here / "crops.tsv").read_text().splitlines()]
    assert rows[0] == PAIRS.rstrip("\n").split("\t") and [row[2] for row in rows[1:]] == [
        "p1.1",
        "p1.2",
    ]
    what = json.loads((here / "crops.tsv.manifest.json").read_text())["what"]
    assert what["format"] == "optical-bitext/1"
    assert what["counts"] == {"records": len(rows), "pairs": 1, "whole": 1}


def test_the_same_seed_gives_the_same_bytes(here, crop):
    crop("--min-words", 2)
    _, out, _ = crop("--min-words", 2, output="-")
    assert out.encode() == (here / "crops.tsv").read_bytes()


def test_existing_output_is_refused(here, crop):
    (here / "crops.tsv").write_text("kept")
    code, _, err = crop()
    assert code == 4 and "exists already" in err and (here / "crops.tsv").read_text() == "kept"


def test_malformed_lines_are_named(here, crop):
    (here / "bad.tsv").write_text("a\tb\nalone\n")
    code, _, err = crop(bitext="bad.tsv")
    assert code == 3 and "bad.tsv:2: expected at least 2" in err
    (here / "lexicon.tsv").write_text("farmer\tmkulima\n")
    assert crop()[0] == 3
    assert not (here / "crops.tsv").exists() and not list(here.glob(".crops*"))


def test_a_lexicon_of_another_bitext_is_an_error_with_a_hint(here, crop):
    (here / "lexicon.tsv").write_text("Haus\tnyumba\t1\n")
    code, _, err = crop("--whole", 0)
    assert code == 3 and "none of 1 pairs gives a crop" in err and "hint:" in err


def test_help(optical_here):
    code, out, _ = optical_here("crop-bitext", "--help")
    assert code == 0 and "--min-linked" in out
