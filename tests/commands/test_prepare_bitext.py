"""`optical prepare-bitext` as a user calls it."""

import gzip

import pytest

PAIRS = [
    ("The child is eating an apple.", "Mtoto anakula tofaa."),
    ("The teacher reads the book.", "Mwalimu anasoma kitabu."),
    ("We are going to the market.", "Tunaenda sokoni."),
    ("Water is life.", "Maji ni uhai."),
]


def rows(path):
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS), encoding="utf-8")
    return path


def test_tsv_becomes_train_and_dev_of_source_target_id(pairs, tmp_path, optical_here):
    out = tmp_path / "clean"
    code, _, err = optical_here(
        "prepare-bitext", pairs, "-o", out, "--target-lang", "sw", "--dev", "1"
    )
    assert code == 0, err
    train, dev = rows(out / "train.tsv"), rows(out / "dev.tsv")
    assert len(train) == 3 and len(dev) == 1
    assert sorted((row[0], row[1]) for row in train + dev) == sorted(PAIRS)
    assert {row[2] for row in train + dev} == {f"pairs.tsv:{n}" for n in range(1, 5)}


def test_columns_choose_and_swap(tmp_path, optical_here):
    path = tmp_path / "swapped.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for number, (source, target) in enumerate(PAIRS):
            out.write(f"{number}\t{target}\t{source}\n")
    out = tmp_path / "clean"
    code, _, err = optical_here(
        "prepare-bitext", path, "-o", out, "--target-lang", "sw", "--columns", "3,2", "--dev", "0"
    )
    assert code == 0, err
    assert [tuple(row[:2]) for row in rows(out / "train.tsv")] == PAIRS


def test_moses_pair_in_either_order(tmp_path, optical_here):
    (tmp_path / "base.en").write_text("".join(f"{s}\n" for s, _ in PAIRS), encoding="utf-8")
    (tmp_path / "base.sw").write_text("".join(f"{t}\n" for _, t in PAIRS), encoding="utf-8")
    out = tmp_path / "clean"
    code, _, err = optical_here(
        "prepare-bitext", tmp_path / "base.sw", tmp_path / "base.en", "-o", out,
        "--target-lang", "swa", "--dev", "0",
    )  # fmt: skip
    assert code == 0, err
    assert [tuple(row[:2]) for row in rows(out / "train.tsv")] == PAIRS


def test_unequal_line_counts_name_both(tmp_path, optical_here):
    (tmp_path / "base.en").write_text("one\ntwo\nthree\n", encoding="utf-8")
    (tmp_path / "base.sw").write_text("moja\nmbili\n", encoding="utf-8")
    out = tmp_path / "clean"
    code, _, err = optical_here(
        "prepare-bitext", tmp_path / "base", "-o", out, "--target-lang", "sw"
    )
    assert code == 3
    assert "has 3 lines" in err and "has 2" in err
    assert not out.exists()


def test_existing_output_is_refused_and_unchanged(pairs, tmp_path, optical_here):
    out = tmp_path / "clean"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    code, _, err = optical_here("prepare-bitext", pairs, "-o", out, "--target-lang", "sw")
    assert code == 4 and "--overwrite" in err
    assert (out / "mine.txt").read_text() == "mine"
