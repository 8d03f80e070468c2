import json

import pytest

WORDS = ["แมว", "กิน", "ปลา", "น้ำ", "หนังสือ"]
ROWS = [("The cat eats fish.", "แมวกินปลา"), ("The cat drinks.", "แมวกินน้ำ"),
        ("A book, a fish", "หนังสือปลา"), ("water", "น้ำ"), ("fish", "ปลา")]  # fmt: skip


@pytest.fixture
def segment(tmp_path, monkeypatch, optical_here):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in ROWS * 40))
    (tmp_path / "queries.tsv").write_text("q1\tแมวกินปลา USB?\nq2\twhat\n")

    def run(*more, text="queries.tsv", output="out.tsv"):
        files = ("--text", text, "--learn-from", "train.tsv", "--pieces", 40, "-o", output)
        return optical_here("segment", *files, *more)

    return run


def test_joiners_are_put_into_words_and_all_else_stays(segment, tmp_path):
    code, out, err = segment()
    assert (code, out) == (0, "") and "words before" in err
    done = (tmp_path / "out.tsv").read_text()
    assert done.replace("\u2060", "") == (tmp_path / "queries.tsv").read_text()
    assert "\u2060" in done
    what = json.loads((tmp_path / "out.tsv.manifest.json").read_text())
    assert what["what"]["format"] == "optical-text/1" and what["what"]["counts"]["records"] == 2
    assert [entry["path"] for entry in what["lineage"]] == ["queries.tsv", "train.tsv"]


def test_a_text_is_segmented_alike_wherever_it_stands(segment, tmp_path):
    segment(text="train.tsv", output="train.segmented.tsv")
    segment()
    known = (tmp_path / "train.segmented.tsv").read_text().splitlines()[0].split("\t")[1]
    asked = (tmp_path / "out.tsv").read_text().splitlines()[0].split("\t")[1]
    assert asked == f"{known} USB?"


def test_a_lexicon_learns_whole_words(segment, tmp_path, optical_here):
    segment(text="train.tsv", output="train.segmented.tsv")
    code, _, err = optical_here("lexicon", "--bitext", "train.segmented.tsv", "-o", "lexicon.tsv")
    assert code == 0, err
    rows = [line.split("\t") for line in (tmp_path / "lexicon.tsv").read_text().splitlines()]
    assert ("fish", "ปลา") in {(row[0], row[1].replace("\u2060", "")) for row in rows}


def test_queries_that_nobody_segmented_are_warned_of(segment, tmp_path, optical_here):
    segment(text="train.tsv", output="train.segmented.tsv")
    segment(output="told.tsv")
    optical_here("lexicon", "--bitext", "train.segmented.tsv", "-o", "lexicon.tsv")
    (tmp_path / "latin.tsv").write_text("q1\tUSB\n")
    (tmp_path / "collection.tsv").write_text("p1\tThe cat eats fish. USB\n")
    ways = {"translate": (), "bm25": ("--collection", "collection.tsv")}
    for command, more in ways.items():
        for queries, warned in (("queries.tsv", True), ("told.tsv", False), ("latin.tsv", False)):
            code, _, err = optical_here(
                command, "--queries", queries, "--lexicon", "lexicon.tsv", *more,
                "-o", f"{command}.{queries}",
            )  # fmt: skip
            assert code == 0 and ("told by `optical segment`" in err) == warned, err


def test_existing_output_is_refused(segment, tmp_path):
    (tmp_path / "out.tsv").write_text("kept")
    code, _, err = segment()
    assert code == 4 and "exists already" in err and (tmp_path / "out.tsv").read_text() == "kept"


def test_text_without_such_a_script_is_an_error(segment, tmp_path):
    (tmp_path / "train.tsv").write_text("kitabu\n")
    code, _, err = segment()
    assert code == 3 and "script without spaces" in err and not (tmp_path / "out.tsv").exists()


def test_malformed_lines_are_named(segment, tmp_path):
    (tmp_path / "queries.tsv").write_bytes(b"q1\tfine\nq2\t\xff\n")
    code, _, err = segment()
    assert code == 3 and "queries.tsv:2" in err and not (tmp_path / "out.tsv").exists()
    assert segment("--pieces", 0)[0] == 2


def test_help_has_examples(optical_here):
    code, out, _ = optical_here("segment", "--help")
    assert code == 0 and "optical segment --text" in out
