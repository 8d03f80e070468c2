"""Which characters tokens are made of."""

import pytest

from optical_cli.encoders.token_spans import overlap, token_spans, without_joiners
from optical_cli.errors import UsageError


def test_overlap_counts_shared_characters():
    found = overlap([(0, 3), (3, 8), (9, 9)], [(0, 0), (2, 5), (6, 12)])
    assert found.tolist() == [[0, 1, 0], [0, 2, 2], [0, 0, 0]]


def test_spans_are_the_characters_of_the_pieces(plain, texts):
    side = plain.query_side(length=10, expand=False)
    [found], [ids] = list(token_spans(side, texts[:1])), [row.ids for row in side.rows(texts[:1])]
    assert len(found) == len(ids) and found[0] == found[-1] == (0, 0)
    for (start, end), token in zip(found[1:-1], ids[1:-1], strict=True):
        piece = plain.tokenizer.convert_ids_to_tokens(int(token)).replace("▁", "")
        assert texts[0][start:end].strip().lower() == piece


def test_joiners_are_not_counted():
    assert without_joiners("a\u2060b c", [(0, 1), (0, 3), (4, 5)]) == [(0, 1), (0, 2), (3, 4)]


def test_a_tokenizer_that_does_not_say_is_an_error(plain, monkeypatch):
    side = plain.query_side(length=10, expand=False)
    monkeypatch.setattr(type(side.tokenizer), "is_fast", False)
    with pytest.raises(UsageError, match="does not know the characters of its tokens"):
        list(token_spans(side, ["one"]))


def test_no_spans_overlap_with_none():
    assert overlap([], [(0, 2)]).shape == (0, 1) and overlap([(0, 2)], []).shape == (1, 0)
