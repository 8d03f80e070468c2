"""Folds that share no text, and costs made comparable."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from optical_cli.bitext.scoring import fold_numbers, side_keys, standardized

SOURCES = [f"sentence {n % 150} about things" for n in range(300)]
TARGETS = [f"sentensi {n // 3} kuhusu vitu" for n in range(300)]


def test_pairs_that_share_a_side_are_in_one_fold():
    sources = ["One", "one!", "two", "three", "four"]
    targets = ["moja", "mosi", "MOSI", "tatu", "nne"]
    for seed in range(20):
        folds = fold_numbers(side_keys(sources, targets), 3, seed)
        assert folds[0] == folds[1] == folds[2], "through the source, then through the target"


def test_folds_are_of_like_size_and_depend_on_content_and_seed_alone():
    texts = [f"sentence {n}" for n in range(3000)], [f"sentensi {n}" for n in range(3000)]
    folds = fold_numbers(side_keys(*texts), 3, 13)
    assert np.bincount(folds).min() > 900
    back = fold_numbers(side_keys(*(side[::-1] for side in texts)), 3, 13)
    assert (folds == back[::-1]).all()
    assert (folds != fold_numbers(side_keys(*texts), 3, 14)).mean() > 0.5


def test_nobody_shares_a_side_across_folds():
    folds = fold_numbers(side_keys(SOURCES, TARGETS), 2, 1)
    for side in (SOURCES, TARGETS):
        for text in set(side):
            assert len({fold for fold, own in zip(folds, side, strict=True) if own == text}) == 1


def test_few_costs_are_standardized_together():
    costs = np.random.default_rng(0).normal(0.6, 0.1, 150)
    expected = (costs - np.median(costs)) / median_abs_deviation(costs, scale="normal")
    lengths = np.arange(150)
    assert standardized(costs, lengths) == pytest.approx(expected, abs=1e-4)


def test_length_takes_no_part_and_a_fifth_of_dirt_moves_little():
    rng = np.random.default_rng(1)
    lengths = rng.integers(5, 105, 6000)
    costs = 0.3 + lengths / 250 + rng.normal(0, 0.03, 6000)
    dirty = rng.random(6000) < 0.2
    costs[dirty] += 0.3
    z = standardized(costs, lengths)
    short, long = (z[~dirty & rows] for rows in (lengths < 30, lengths > 80))
    assert abs(np.median(short) - np.median(long)) < 0.2
    assert (z[dirty] > 3).mean() > 0.95 and (z[~dirty] > 3).mean() < 0.02


def test_equal_costs_are_no_deviation():
    assert (standardized(np.full(10, 0.5), np.arange(10)) == 0).all()
    assert standardized(np.zeros(0), np.zeros(0, dtype=np.int64)).shape == (0,)
