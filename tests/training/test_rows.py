import numpy as np
import pytest

from optical_cli.encoders.tokens import Row
from optical_cli.errors import InputError
from optical_cli.training.data.rows import RowStore, RowWriter, percentile_length, share_over

LENGTHS = [3, 8, 5, 1, 12]


@pytest.fixture(params=[1000, 100_000])
def store(tmp_path, request):
    """Rows of a small vocabulary, and of one whose ids need four bytes."""
    with RowWriter(tmp_path, "x", request.param) as writer:
        rows = [Row(np.arange(n) + request.param - 20, np.arange(n)) for n in LENGTHS]
        writer.append(rows[:2])
        writer.append(rows[2:])
    return RowStore(tmp_path, "x"), request.param - 20


class Cut:
    """A side of which only length and template matter."""

    length = 6

    class template:
        after = (9,)


def test_rows_come_back_as_they_were_written(store):
    store, base = store
    assert len(store) == 5
    assert store.lengths(np.array([1, 3])).tolist() == [8, 1]
    (row,) = store.rows(np.array([2]), Cut)
    assert row.ids.tolist() == [base + i for i in range(5)] and not row.cut


def test_a_long_row_is_cut_before_its_final_special_token(store):
    store, base = store
    (row,) = store.rows(np.array([4]), Cut)
    assert (row.ids - base).tolist() == [0, 1, 2, 3, 4, 11]
    assert row.words.tolist() == [0, 1, 2, 3, 4, 11] and row.cut


def test_lengths_are_counted(store):
    counts = store[0].histogram()
    assert [int(n) for n in np.repeat(np.arange(len(counts)), counts)] == sorted(LENGTHS)
    assert percentile_length([counts], 0.8) == 8
    assert percentile_length([counts], 1.0) == 12
    assert share_over(counts, 5) == 2 / 5


def test_no_text_has_no_length():
    with pytest.raises(InputError):
        percentile_length([np.zeros(3, int)], 0.9)


def test_lengths_of_scattered_rows_map_no_file(store, monkeypatch):
    """What is mapped with each page that is touched would soon be all of it."""
    store, _ = store

    def must_not_map(*arguments):
        raise AssertionError("a file was mapped")

    monkeypatch.setattr(RowStore, "_map", must_not_map)
    assert store.lengths(np.array([4, 0, 4])).tolist() == [12, 3, 12]
    assert store.lengths(np.array([], np.int64)).tolist() == []
