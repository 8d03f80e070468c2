"""Mass per token, against numbers worked out by hand."""

import math
from dataclasses import replace
from typing import get_args

import pytest
import torch

from optical_cli.errors import UsageError
from optical_cli.transport import (
    TokenSide,
    blocks,
    by_words,
    idf_weights,
    marginal,
    uniform,
    weighted,
)
from optical_cli.transport.settings import MarginalsName
from optical_cli.weighing import Weighing


def mask(*rows):
    return torch.tensor(rows, dtype=torch.bool)


def side(scored, expansion=None, **more):
    scored = mask(*scored)
    expansion = None if expansion is None else mask(*expansion)
    return TokenSide(torch.zeros(*scored.shape, 2), scored, expansion, **more)


def test_all_positions_and_real_tokens():
    text = side([[1, 1, 1, 1], [1, 1, 0, 0]], [[0, 0, 1, 1], [0, 0, 0, 0]])
    assert marginal("all", text).tolist() == [[0.25] * 4, [0.5, 0.5, 0, 0]]
    assert marginal("real", text).tolist() == [[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]]


def test_expansion_outside_what_is_scored_has_no_mass():
    text = side([[1, 1, 0, 0]], [[0, 1, 1, 1]])
    assert marginal("all", text).tolist() == [[0.5, 0.5, 0, 0]]
    assert marginal("real", text).tolist() == [[1, 0, 0, 0]]


def test_pieces_share_their_words_mass():
    words = torch.tensor([[-1, 0, 0, 1, 1, 1, -1, 2], [-1, 0, 1, 1, -1, 7, 7, 7]])
    real = mask([1, 1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 0, 0, 0])
    mass = by_words(real, words)
    expected = torch.tensor([
        [3, 1.5, 1.5, 1, 1, 1, 3, 0],
        [3, 3, 1.5, 1.5, 3, 0, 0, 0],
    ]) / 12  # fmt: skip
    torch.testing.assert_close(mass, expected)


def test_a_word_cut_in_two_by_the_mask_keeps_its_mass():
    mass = by_words(mask([1, 1, 0]), torch.tensor([[0, 1, 1]]))
    assert mass.tolist() == [[0.5, 0.5, 0]]


def test_weights_are_normalized_within_the_real_tokens():
    text = side([[1, 1, 1]], [[0, 0, 1]], weights=torch.tensor([[1.0, 3.0, 9.0]]))
    for name in ("idf", "norm", "attention"):
        assert marginal(name, text).tolist() == [[0.25, 0.75, 0]]


def test_pieces_share_what_their_word_weighs():
    text = side([[1, 1, 1]], word_ids=torch.tensor([[-1, 0, 0]]),
                weights=torch.tensor([[1.0, 2.0, 4.0]]))  # fmt: skip
    for name in ("words+idf", "words+norm", "words+attention"):
        assert marginal(name, text).tolist() == [[0.25, 0.25, 0.5]]
    with pytest.raises(UsageError, match=r"--marginals words\+norm needs token weights"):
        marginal("words+norm", replace(text, weights=None))
    for unknown in ("norm+words", "words+", "words+real"):
        with pytest.raises(UsageError, match="unknown marginals"):
            marginal(unknown, text)


@pytest.mark.parametrize("name", get_args(MarginalsName))
def test_what_marginals_weigh_by_is_in_their_name(name):
    weighing = Weighing.of(name)
    assert bool(weighing) == (name not in ("all", "real", "blocks"))
    assert str(weighing) == (name if weighing else "")


def test_no_weight_at_all_is_uniform_and_no_token_is_empty():
    mass = weighted(mask([1, 1, 0], [0, 0, 0]), torch.zeros(2, 3))
    assert mass.tolist() == [[0.5, 0.5, 0], [0, 0, 0]]
    assert uniform(mask([0, 0])).tolist() == [[0, 0]]


def test_weights_carry_no_gradient_and_are_never_half():
    weights = torch.ones(1, 2, dtype=torch.bfloat16, requires_grad=True)
    mass = weighted(mask([1, 1]), weights)
    assert mass.dtype == torch.float32 and not mass.requires_grad


def test_blocks_send_real_to_real_and_mask_to_mask():
    rows = side([[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0]], [[0, 0, 0, 1], [0, 0, 1, 1], [0] * 4])
    cols = side([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1]], [[0, 1, 1, 1], [0] * 4, [0, 0, 0, 1]])
    row, col = blocks(rows, cols)
    # First pair: a quarter of the rows are [MASK]s, so a quarter of the mass is on both sides.
    torch.testing.assert_close(row[0, 0], torch.tensor([0.25, 0.25, 0.25, 0]))
    torch.testing.assert_close(row[1, 0], torch.tensor([0, 0, 0, 0.25]))
    torch.testing.assert_close(col[0, 0], torch.tensor([0.75, 0, 0, 0]))
    torch.testing.assert_close(col[1, 0], torch.tensor([0, 1, 1, 1]) / 12)
    # Others: a side without [MASK]s makes all mass real.
    assert row[1, 1:].sum() == col[1, 1:].sum() == 0
    torch.testing.assert_close(row.sum(2), col.sum(2))


def test_blocks_of_masks_alone():
    empty = side([[1, 1]], [[1, 1]])
    row, col = blocks(empty, side([[1, 1]], [[0, 1]]))
    assert row.tolist() == [[[0, 0]], [[0.5, 0.5]]]
    assert col.tolist() == [[[0, 0]], [[0, 1]]]


def test_idf_is_bm25s():
    weights = idf_weights(torch.tensor([0.0, 5.0, 10.0]), 10)
    expected = [math.log(1 + (10 - df + 0.5) / (df + 0.5)) for df in (0, 5, 10)]
    torch.testing.assert_close(weights, torch.tensor(expected))
    assert (weights > 0).all()


@pytest.mark.parametrize("name", ["words", "idf", "norm", "attention"])
def test_what_a_marginal_needs_is_named(name):
    with pytest.raises(UsageError, match=f"--marginals {name} needs"):
        marginal(name, side([[1, 1]]))
    with pytest.raises(UsageError, match="unknown marginals 'reel'"):
        marginal("reel", side([[1, 1]]))
