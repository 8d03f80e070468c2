"""MaxSim against a double loop."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optical_cli.encoders import maxsim, maxsim_each

SIZES = st.integers(1, 6)


def problem(seed, queries, passages, query_tokens, passage_tokens, shift=0.0):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    query = draw(queries, query_tokens, 5)
    passage = draw(passages, passage_tokens, 5)
    query_mask = draw(queries, query_tokens) > -0.5
    passage_mask = draw(passages, passage_tokens) > -0.5
    passage_mask[:, 0] = True
    return query + shift, query_mask, passage - shift, passage_mask


def by_loop(query, query_mask, passage, passage_mask):
    """The definition, one scalar at a time."""
    score = 0.0
    for i in range(len(query)):
        if query_mask[i]:
            score += max(
                float((query[i] * passage[j]).sum()) for j in range(len(passage)) if passage_mask[j]
            )
    return score


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), SIZES, SIZES, SIZES, SIZES, st.sampled_from([0.0, 3.0]))
def test_is_the_double_loop_also_where_every_similarity_is_negative(
    seed, queries, passages, query_tokens, passage_tokens, shift
):
    data = problem(seed, queries, passages, query_tokens, passage_tokens, shift)
    query, query_mask, passage, passage_mask = data
    scores = maxsim(*data)
    expected = [
        [by_loop(query[q], query_mask[q], passage[p], passage_mask[p]) for p in range(passages)]
        for q in range(queries)
    ]
    torch.testing.assert_close(scores, torch.tensor(expected, dtype=torch.float64))


def test_each_query_against_its_own_passages_is_the_diagonal_of_all_pairs():
    query, query_mask, passage, passage_mask = problem(5, 4, 12, 6, 7)
    every = maxsim(query, query_mask, passage, passage_mask).unflatten(1, (4, 3))
    own = maxsim_each(
        query, query_mask, passage.unflatten(0, (4, 3)), passage_mask.unflatten(0, (4, 3))
    )
    torch.testing.assert_close(own, torch.stack([every[q, q] for q in range(4)]))
    single = maxsim_each(query, query_mask, passage[::3], passage_mask[::3])
    torch.testing.assert_close(single, own[:, 0])


def test_padding_changes_nothing():
    query, query_mask, passage, passage_mask = problem(6, 3, 3, 4, 5, shift=3.0)
    before = maxsim(query, query_mask, passage, passage_mask)
    pad = torch.nn.functional.pad
    after = maxsim(
        pad(query, (0, 0, 0, 2), value=9.0), pad(query_mask, (0, 2)),
        pad(passage, (0, 0, 0, 3), value=9.0), pad(passage_mask, (0, 3)),
    )  # fmt: skip
    torch.testing.assert_close(before, after)
    assert (before < 0).all()


def test_a_passage_without_a_scored_token_comes_last():
    query, query_mask, passage, passage_mask = problem(7, 1, 2, 3, 3)
    query_mask[:] = True
    passage_mask[1] = False
    scores = maxsim(query, query_mask, passage, passage_mask)
    assert scores[0, 1] == -torch.inf and torch.isfinite(scores[0, 0])


@pytest.mark.parametrize("score", [maxsim, maxsim_each])
def test_gradient_is_that_of_finite_differences(score):
    query, query_mask, passage, passage_mask = problem(8, 3, 3, 4, 5)
    query.requires_grad_()
    passage.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda q, p: score(q, query_mask, p, passage_mask), (query, passage)
    )
