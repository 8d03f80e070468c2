import json

import pytest

from optical_cli.formats.lexicon import read_lexicon

PAIRS = "the house\tnyumba hii\nthe book\tkitabu hii\na book\tkitabu moja\n"


@pytest.fixture
def bitext(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    return tmp_path


def test_writes_source_target_p_and_a_manifest(bitext, optical_here):
    plain = ["--iterations", 20, "--diagonal", 0, "--rare-count", 0]
    arguments = ["lexicon", "--bitext", "pairs.tsv", *plain, "-o", "lexicon.tsv"]
    assert optical_here(*arguments)[:2] == (0, "")
    rows = [line.split("\t") for line in (bitext / "lexicon.tsv").read_text().splitlines()]
    best = {target: source for source, target, _ in reversed(rows)}
    assert best == {"nyumba": "house", "hii": "the", "kitabu": "book", "moja": "a"}
    manifest = json.loads((bitext / "lexicon.tsv.manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-lexicon/1"
    assert manifest["what"]["counts"] == {"records": len(rows), "pairs": 3, "target_words": 4}
    assert manifest["lineage"][0]["path"] == "pairs.tsv"


def test_same_bytes_twice_and_from_swapped_columns(bitext, optical_here):
    swapped = ["\t".join(reversed(line.split("\t"))) for line in PAIRS.splitlines()]
    (bitext / "swapped.tsv").write_text("\n".join(swapped))
    optical_here("lexicon", "--bitext", "pairs.tsv", "-o", "a.tsv")
    optical_here("lexicon", "--bitext", "swapped.tsv", "--columns", "2,1", "-o", "b.tsv")
    _, out, err = optical_here("lexicon", "--bitext", "pairs.tsv", "-o", "-")
    assert (bitext / "a.tsv").read_bytes() == (bitext / "b.tsv").read_bytes() == out.encode()
    assert "pairs  target words" in err


def test_every_line_can_be_read_again_whatever_the_least_probability(bitext, optical_here):
    """After so many iterations that wrong translations underflow to 0."""
    arguments = ["--bitext", "pairs.tsv", "--iterations", 400, "--min-probability", 0]
    assert optical_here("lexicon", *arguments, "-o", "lexicon.tsv")[0] == 0
    assert read_lexicon("lexicon.tsv").keys() == {"nyumba", "hii", "kitabu", "moja"}


def test_readers_say_what_counts_do_not(bitext, optical_here, tiny_models):
    """Each word stands once, so that only its vector tells; the manifest names who read it."""
    (bitext / "once.tsv").write_text("the railway was built\tthe railway was built\n")
    plain = ["lexicon", "--bitext", "once.tsv", "--identity", 0, "--diagonal", 0, "--rare-count", 0]
    readers = [
        "--source-reader",
        tiny_models / "teacher",
        "--target-reader",
        tiny_models / "teacher",
    ]
    assert optical_here(*plain, "-o", "alone.tsv")[0] == 0
    code, _, err = optical_here(*plain, *readers, "--context", 60, "-o", "read.tsv")
    assert code == 0, err
    rows = [line.split("\t") for line in (bitext / "read.tsv").read_text().splitlines()]
    best = {target: source for source, target, _ in reversed(rows)}
    assert best == {word: word for word in ("the", "railway", "was", "built")}
    alone = [line.split("\t") for line in (bitext / "alone.tsv").read_text().splitlines()]
    assert {p for *_, p in alone} == {"0.25"}
    manifest = json.loads((bitext / "read.tsv.manifest.json").read_text())
    assert str(tiny_models / "teacher") in {entry["path"] for entry in manifest["lineage"]}


def test_one_reader_alone_is_an_error(bitext, optical_here):
    code, _, err = optical_here(
        "lexicon", "--bitext", "pairs.tsv", "--source-reader", "x", "-o", "lexicon.tsv"
    )
    assert code == 2 and "give both" in err


def test_readers_need_transport(bitext, optical_here):
    """Said before anything is loaded."""
    readers = ["--source-reader", "nowhere", "--target-reader", "nowhere"]
    code, _, err = optical_here(
        "lexicon", "--bitext", "pairs.tsv", *readers, "--alignment", "ibm1", "-o", "lexicon.tsv"
    )
    assert code == 2 and "need --alignment transport" in err


def test_existing_output_is_refused_before_anything_is_read(bitext, optical_here):
    (bitext / "lexicon.tsv").write_text("kept")
    code, _, err = optical_here("lexicon", "--bitext", "missing.tsv", "-o", "lexicon.tsv")
    assert code == 4 and "exists already" in err
    assert (bitext / "lexicon.tsv").read_text() == "kept"


def test_malformed_line_is_named(bitext, optical_here):
    (bitext / "bad.tsv").write_text("a\tb\nalone\n")
    code, _, err = optical_here("lexicon", "--bitext", "bad.tsv", "-o", "lexicon.tsv")
    assert code == 3 and "bad.tsv:2: expected at least 2" in err
    assert not list(bitext.glob(".lexicon*")) and not (bitext / "lexicon.tsv").exists()


def test_help(optical_here):
    code, out, _ = optical_here("lexicon", "--help")
    assert code == 0 and "--symmetry" in out
