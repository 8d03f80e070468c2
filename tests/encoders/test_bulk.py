"""Bulk encoding against encoding text by text."""

import copy
import itertools
from functools import partial

import numpy as np
import pytest
import torch

from optical_cli.encoders import encode_in_bulk, with_token_weights
from optical_cli.encoders.bulk import batches_by_length

# Where the hardware computes bfloat16, `auto` is that, which one text alone is not encoded in.
encode_exactly = partial(encode_in_bulk, dtype="float32")


@pytest.fixture(scope="module")
def many(texts):
    return [
        f"{a} {b}" if (i + j) % 3 else a for i, a in enumerate(texts) for j, b in enumerate(texts)
    ]


def unpacked(parts):
    return [vectors for part in parts for vectors in part.split()]


@pytest.mark.parametrize(("window", "budget"), [(7, 64), (50, 300), (1000, 10**6)])
def test_vectors_depend_on_neither_batch_nor_window_and_keep_the_order(
    encoder, many, window, budget
):
    alone = encoder.encode_passages(many, batch_size=1)
    parts = list(
        encode_exactly(encoder, iter(many), encoder.passage_side(), store=np.float32,
                       tokens_per_batch=budget, window=window)
    )  # fmt: skip
    found = unpacked(parts)
    assert len(found) == len(alone) and sum(len(part.lengths) for part in parts) == len(many)
    assert all(len(part.lengths) <= window for part in parts)
    for got, expected in zip(found, alone, strict=True):
        np.testing.assert_allclose(got, expected.numpy(), atol=2e-6)


def test_queries_are_weighed_and_stored_in_half_precision(encoder, many):
    weights = torch.linspace(0.5, 2, len(encoder.tokenizer))
    weighed = with_token_weights(encoder, weights)
    (part,) = encode_exactly(weighed, many[:5], weighed.query_side(), weigh=True)
    assert part.vectors.dtype == np.float16 and part.lengths.tolist() == [24] * 5
    expected = np.concatenate([v.numpy() for v in weighed.encode_queries(many[:5])])
    np.testing.assert_allclose(part.vectors, expected, atol=2e-3)
    assert not np.allclose(np.linalg.norm(expected, axis=1), 1, atol=0.05)


def test_reads_no_further_ahead_than_one_window(encoder, many):
    taken = []

    def source():
        for text in many:
            taken.append(text)
            yield text

    parts = encode_in_bulk(encoder, source(), encoder.passage_side(), window=10)
    next(parts)
    assert len(taken) <= 20
    parts.close()


def test_a_window_holds_no_more_tokens_than_asked_and_texts_of_any_length(encoder, many):
    side = encoder.passage_side()
    lengths = [len(row.ids) for row in side.rows(many)]
    parts = list(encode_exactly(encoder, many, side, store=np.float32, tokens_held=100))
    sizes = np.cumsum([0, *(len(part.lengths) for part in parts)])
    held = [sum(lengths[a:b]) for a, b in itertools.pairwise(sizes)]
    assert max(held) <= 100 and min(held[:-1]) > 100 - max(lengths)
    (long,) = encode_exactly(encoder, many[:1], side, tokens_held=1)
    assert len(long.lengths) == 1


def test_training_mode_is_left_on_and_dropout_unused(encoder, many):
    training = copy.deepcopy(encoder).train()
    (part,) = encode_exactly(training, many[:5], training.passage_side(), store=np.float32)
    assert training.training and training.backbone.training
    expected = np.concatenate([v.numpy() for v in encoder.encode_passages(many[:5])])
    np.testing.assert_allclose(part.vectors, expected, atol=2e-6)


def test_lower_precision_stays_within_the_encoder(encoder, many):
    parts = encode_in_bulk(encoder, many[:20], encoder.passage_side(), dtype="bfloat16", window=9)
    for part in parts:
        assert not torch.is_autocast_enabled("cpu")
        lengths = np.linalg.norm(part.vectors.astype(np.float32), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=2e-3)


def test_counts_the_texts_that_were_cut(encoder):
    side = encoder.passage_side(length=6)
    (part,) = encode_in_bulk(encoder, ["the", "the first railway was built"], side)
    assert part.cut == 1


def test_no_texts_give_nothing(encoder):
    assert list(encode_in_bulk(encoder, [], encoder.passage_side())) == []


def test_batches_hold_every_place_once_longest_first_within_the_budget():
    lengths = [3, 9, 1, 9, 4, 200, 2]
    batches = list(batches_by_length(lengths, 20))
    assert sorted(place for batch in batches for place in batch) == list(range(7))
    assert batches[0] == [5]
    for batch in batches[1:]:
        assert lengths[batch[0]] * len(batch) <= 20
        assert lengths[batch[0]] == max(lengths[place] for place in batch)
