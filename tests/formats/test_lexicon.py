import io

import pytest

from optical_cli.errors import InputError
from optical_cli.formats.lexicon import read_lexicon, write_lexicon


def test_what_is_written_is_read_back(tmp_path):
    lexicon = {"maji": {"water": 0.75, "a b": 0.25}, "ng'ombe": {"cow": 1.0}}
    stream = io.BytesIO()
    assert write_lexicon(stream, lexicon) == 3
    path = tmp_path / "lexicon.tsv"
    path.write_bytes(stream.getvalue())
    assert read_lexicon(path) == lexicon
    assert stream.getvalue().startswith(b"water\tmaji\t0.75\n")


def test_translations_are_sorted_by_probability(tmp_path):
    path = tmp_path / "lexicon.tsv"
    path.write_text("a\tx\t0.1\nc\tx\t0.4\nb\tx\t0.4\n")
    assert list(read_lexicon(path)["x"]) == ["b", "c", "a"]


def test_all_malformed_lines_are_named(tmp_path):
    path = tmp_path / "lexicon.tsv"
    path.write_text("a\tx\t0.1\na\tx\t0.2\nb\tx\tnan\n\tx\t.5\nb\ty\t0\nb\tz\t1.01\n")
    with pytest.raises(InputError) as caught:
        read_lexicon(path)
    lines = str(caught.value).splitlines()
    assert [line.removeprefix(f"{path}:").partition(":")[0] for line in lines] == list("23456")
    assert "twice" in lines[0] and "'nan'" in lines[1] and "empty" in lines[2]


def test_wrong_number_of_fields(tmp_path):
    path = tmp_path / "lexicon.tsv"
    path.write_text("a\tx\n")
    with pytest.raises(InputError, match=r"lexicon.tsv:1: expected 3 tab-separated"):
        read_lexicon(path)
