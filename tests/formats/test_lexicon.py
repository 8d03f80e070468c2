import io

import pytest

from optical_cli.errors import InputError
from optical_cli.formats.lexicon import as_written, read_lexicon, write_lexicon
from optical_cli.text.terms import terms


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


def test_words_are_folded_as_those_that_are_looked_up(tmp_path):
    """Capitals, a possessive, marks around a word, a full-width letter; joiners stay."""
    path = tmp_path / "lexicon.tsv"
    path.write_text(
        "House\tNyumba\t1\nKenya's\t(Kenya)\t1\nX-ray\t\uff38\t.5\nwater\tน\u2060า\t1\n",
        encoding="utf-8",
    )
    lexicon = read_lexicon(path)
    assert lexicon == {
        "nyumba": {"house": 1.0}, "kenya": {"kenya": 1.0}, "x": {"x-ray": 0.5},
        "น\u2060า": {"water": 1.0},
    }  # fmt: skip
    assert [terms(target) for target in lexicon] == [[target] for target in lexicon]


def test_entries_that_become_the_same_pair_are_summed_up_to_one(tmp_path):
    path = tmp_path / "lexicon.tsv"
    path.write_text("House\tnyumba\t.25\nhome\tnyumba\t.5\nhouse\tNyumba\t.5\nMto\tmto\t.75\n"
                    "mto\tMto\t.75\n")  # fmt: skip
    lexicon = read_lexicon(path)
    assert lexicon == {"nyumba": {"house": 0.75, "home": 0.5}, "mto": {"mto": 1.0}}
    assert list(lexicon["nyumba"]) == ["house", "home"]


def test_what_is_not_one_word_stays_and_is_counted(tmp_path, caplog):
    """Glosses write several words, and code-switching does; texts are looked up word by word."""
    path = tmp_path / "lexicon.tsv"
    path.write_text("Give birth\tzaa\t1\nAirport\tKiwanja cha ndege\t1\n?\tJe\t.5\nis it\tje\t.5\n")
    assert read_lexicon(path) == {
        "zaa": {"give birth": 1.0}, "kiwanja cha ndege": {"airport": 1.0},
        "je": {"?": 0.5, "is it": 0.5},
    }  # fmt: skip
    (record,) = caplog.records
    assert "1 of 4 entries can never be looked up by their target, 3 by their source" in (
        record.getMessage()
    )


def test_what_is_one_word_each_is_not_warned_of(tmp_path, caplog):
    path = tmp_path / "lexicon.tsv"
    path.write_text("cow\tng'ombe\t1\n")
    read_lexicon(path)
    assert not caplog.records


def test_what_is_printed_as_zero_is_not_written(tmp_path):
    lexicon = {"maji": {"water": 1.0, "wet": 1e-300, "dry": 0.0}, "moto": {"fire": 0.0}}
    path = tmp_path / "lexicon.tsv"
    with path.open("wb") as stream:
        assert write_lexicon(stream, lexicon) == 2
    assert read_lexicon(path) == as_written(lexicon) == {"maji": {"water": 1.0, "wet": 1e-300}}


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
