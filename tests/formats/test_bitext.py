"""Clean bitext on disk."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.bitext import SentencePair, read_bitext, write_bitext

SIDE = st.text(
    st.characters(exclude_characters="\t\n\r\0", exclude_categories=("Cs",)),
    min_size=1,
    max_size=20,
).filter(str.strip)


@given(st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=8))
def test_round_trip(tmp_path_factory, sides):
    pairs = [SentencePair(s.lstrip("\ufeff") or "x", t, f"p{i}") for i, (s, t) in enumerate(sides)]
    path = tmp_path_factory.mktemp("bitext") / "train.tsv"
    with open(path, "wb") as stream:
        assert write_bitext(stream, pairs) == len(pairs)
    assert list(read_bitext(path)) == pairs


def test_columns_and_line_numbers_as_ids(tmp_path):
    path = tmp_path / "raw.tsv"
    path.write_text("maji\twater\nnyumba\thouse\n")
    assert list(read_bitext(path, columns="2,1")) == [
        ("water", "maji", "1"),
        ("house", "nyumba", "2"),
    ]


def test_line_separators_of_unicode_end_no_line(tmp_path):
    path = tmp_path / "raw.tsv"
    path.write_bytes("a\u2028b\tc\u0085d\tid\r\n".encode())
    assert list(read_bitext(path)) == [("a\u2028b", "c\u0085d", "id")]


def test_faults_are_gathered_with_their_places(tmp_path):
    path = tmp_path / "bad.tsv"
    path.write_text("a\tb\n \tb\na\t\n")
    with pytest.raises(InputError) as caught:
        list(read_bitext(path))
    assert f"{path}:2: the source is blank" in str(caught.value)
    assert f"{path}:3: the target is blank" in str(caught.value)


@pytest.mark.parametrize("columns", ["1", "0,1", "a,b", "1,2,3"])
def test_columns_that_make_no_sense(tmp_path, columns):
    with pytest.raises(UsageError):
        list(read_bitext(tmp_path / "x", columns=columns))


def test_a_tab_in_a_text_is_refused():
    with pytest.raises(InputError, match="tab"):
        write_bitext(io.BytesIO(), [SentencePair("a\tb", "c", "1")])
