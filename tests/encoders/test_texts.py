"""Text out of files of any shape."""

import gzip

import numpy as np
import pytest

from optical_cli.encoders.texts import id_columns, read_texts, reservoir
from optical_cli.errors import InputError


def test_bitext_and_collections_give_their_texts_without_their_ids(tmp_path, caplog):
    caplog.set_level("INFO", "optical_cli")
    pairs, collection, plain = tmp_path / "train.tsv", tmp_path / "c.tsv.gz", tmp_path / "t.txt"
    pairs.write_text("water\tmaji\t7-0\nwood\tmti\t7-1\n", encoding="utf-8")
    collection.write_bytes(gzip.compress(b"id\ttext\nd1\tthe first\nd2\t2\n"))
    plain.write_text("42\n43\n", encoding="utf-8")
    assert list(read_texts([pairs, collection, plain])) == [
        "water", "maji", "wood", "mti", "text", "the first", "2", "42", "43",
    ]  # fmt: skip
    assert "column 3 holds ids" in caplog.text and "column 1 holds ids" in caplog.text


def test_columns_choose(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\tc\nd\te\tf\n")
    assert list(read_texts([path], "3,1")) == ["c", "a", "f", "d"]


def test_a_short_line_is_named(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("a\tb\nc\n")
    with pytest.raises(InputError, match=r"t\.tsv:2: expected at least 2"):
        list(read_texts([path], "2"))


def test_an_empty_file_is_named(tmp_path):
    (tmp_path / "e").write_text("")
    with pytest.raises(InputError, match="is empty"):
        list(read_texts([tmp_path / "e"]))


def test_words_of_other_scripts_and_words_without_digits_are_no_ids():
    assert id_columns([["हाँ1", "a"], ["x", "yes"]]) == set()
    assert id_columns([["q1"], ["q2"]]) == set()
    assert id_columns([["id", "x"], ["q1", "a b"]]) == {0}


def test_a_reservoir_is_an_even_sample_of_fixed_size():
    items = [str(i) for i in range(200)]
    draws = [reservoir(items, 20, np.random.default_rng(seed)) for seed in range(300)]
    assert all(len(set(draw)) == 20 for draw in draws)
    counts = np.bincount([int(item) for draw in draws for item in draw], minlength=200)
    # 300 draws of one in ten: 30 +- 5.2 each; the ends must not be favored.
    assert abs(counts[:50].mean() - 30) < 3 and abs(counts[-50:].mean() - 30) < 3
    assert reservoir(items, 500, np.random.default_rng(1)) == items
