import itertools
import math
import time

import numpy as np
import pytest
from scipy import stats

from optical_cli.evaluation.resampling import (
    interval,
    on_grid,
    resampled_means,
    resampled_seeds,
    signs,
)
from optical_cli.evaluation.significance import (
    effect_size,
    holm,
    paired_t_p,
    randomization_p,
    smallest_difference,
)
from optical_cli.seeds import derive


def differences(seed: int, queries: int, mean: float = 0.05) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 0.3, queries)


def p_of(column: np.ndarray, permutations: int = 10_000, seed: int = 13) -> float:
    return float(randomization_p(column[:, None], permutations=permutations, seed=seed)[0])


@pytest.mark.parametrize("seed", range(5))
def test_randomization_agrees_with_all_sign_flips(seed):
    column = differences(seed, 12, mean=0.1)
    sums = [abs(np.dot(flips, column)) for flips in itertools.product([1, -1], repeat=12)]
    exact = np.mean(np.array(sums) >= abs(column.sum()) - 1e-12)
    # Four standard errors of the estimate from 100,000 flips.
    assert p_of(column, 100_000) == pytest.approx(exact, abs=4 * math.sqrt(0.25 / 100_000))


def test_p_is_never_zero_and_is_the_smallest_possible_for_an_obvious_difference():
    assert p_of(np.full(50, 0.5) + differences(1, 50, 0) / 100, 999) == 1 / 1000


def test_identical_systems_give_one_and_no_nan():
    nothing = np.zeros(40)
    assert (p_of(nothing), paired_t_p(nothing), effect_size(nothing)) == (1.0, 1.0, 0.0)
    assert smallest_difference(nothing) == 0.0


def test_a_constant_difference_gives_no_nan():
    constant = np.full(40, 0.1)
    assert 0 < p_of(constant) < 0.001
    assert 0 < paired_t_p(constant) < 1e-300
    assert effect_size(constant) is None
    assert smallest_difference(constant) == 0.0


def test_one_query_shows_nothing():
    assert (p_of(np.array([0.5])), paired_t_p(np.array([0.5]))) == (1.0, 1.0)
    assert smallest_difference(np.array([0.5])) == math.inf


def test_the_same_seed_gives_this_p_on_any_machine():
    # Sums on a grid are exact and the flips are raw bits of PCG64, so these are constants.
    columns = np.array([[(7 * i * (j + 3)) % 11 / 10 - 0.45 for j in range(3)] for i in range(100)])
    found = randomization_p(columns, permutations=2000, seed=13) * 2001
    np.testing.assert_allclose(found, found.round(), atol=1e-9)
    assert found.round().tolist() == [336, 371, 344]
    assert [plain_count(columns[:, place], 2000) for place in range(3)] == [336, 371, 344]


def plain_count(column: np.ndarray, permutations: int) -> int:
    """c + 1 by whole numbers alone, from the same bits."""
    twentieths = [round(20 * value) for value in column.tolist()]
    bits = np.random.PCG64(derive(13, "randomization test", 100))
    count = 1
    for _ in range(permutations):
        low, high = (int(word).to_bytes(8, "little") for word in bits.random_raw(2))
        flips = [byte >> place & 1 for byte in low + high for place in range(7, -1, -1)]
        total = sum(-v if flip else v for v, flip in zip(twentieths, flips, strict=False))
        count += abs(total) >= abs(sum(twentieths))
    return count


def test_a_p_does_not_depend_on_what_else_is_tested_nor_on_the_sign():
    columns = np.column_stack([differences(seed, 300) for seed in range(6)])
    together = randomization_p(columns, permutations=2000, seed=5)
    alone = [p_of(columns[:, place], 2000, 5) for place in range(6)]
    flipped = randomization_p(-columns, permutations=2000, seed=5)
    assert together.tolist() == alone == flipped.tolist()
    assert together.tolist() != randomization_p(columns, permutations=2000, seed=6).tolist()


def test_values_that_differ_by_rounding_alone_count_as_equal():
    # Of 0.1 + 0.2 - 0.3 a float sum is not zero; the flip that undoes the order must tie with it.
    column = np.array([0.1 + 0.2, -0.3, 0.3, 0.1 + 0.2])
    clean = np.array([0.3, -0.3, 0.3, 0.3])
    assert p_of(column) == p_of(clean)


def test_under_the_null_p_values_are_uniform():
    columns = np.column_stack([differences(seed, 60, mean=0.0) for seed in range(400)])
    p_values = randomization_p(columns, permutations=1000, seed=2)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert (p_values < 0.05).mean() == pytest.approx(0.05, abs=0.03)


def test_ten_thousand_permutations_of_a_thousand_queries_and_ten_systems_are_quick():
    columns = np.column_stack([differences(seed, 1000) for seed in range(10)])
    started = time.process_time()
    randomization_p(columns, permutations=10_000, seed=1)
    # The goal is 5 s; measured 0.3 s. Processor time, so that a busy machine does not fail it.
    assert time.process_time() - started < 5


@pytest.mark.parametrize("queries", [2, 3, 50, 1000])
def test_paired_t_is_scipys(queries):
    rng = np.random.default_rng(queries)
    system, baseline = rng.random(queries), rng.random(queries)
    expected = stats.ttest_rel(system, baseline).pvalue
    assert paired_t_p(system - baseline) == pytest.approx(expected, rel=1e-9)


def test_effect_size_is_mean_over_deviation():
    column = differences(4, 500)
    assert effect_size(column) == pytest.approx(column.mean() / column.std(ddof=1))


def test_the_smallest_difference_is_where_the_t_test_turns():
    noise = differences(5, 200, mean=0.0)
    noise -= noise.mean()
    smallest = smallest_difference(noise)
    assert paired_t_p(noise + smallest * 1.001) < 0.05 < paired_t_p(noise + smallest * 0.999)


def test_holm_is_the_textbook_example_and_keeps_order():
    # Sorted: .005*4, .01*3, .03*2, .04*1, made monotone.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def test_sums_on_the_grid_are_exact_in_any_order():
    values = np.random.default_rng(6).random((1000, 3)) ** 5
    grid, unit = on_grid(values)
    assert (grid == np.rint(grid)).all() and np.abs(grid).sum() < 2**53
    assert abs(grid * unit - values).max() <= unit / 2 < 1e-12
    exact = [sum(map(int, column)) for column in grid.T]
    assert grid.sum(axis=0).tolist() == exact == grid[::-1].sum(axis=0).tolist()


def test_signs_are_balanced_independent_and_do_not_depend_on_the_portion(monkeypatch):
    drawn = np.concatenate(list(signs(70, 3000, seed=3)))
    assert set(np.unique(drawn)) == {-1.0, 1.0}
    assert abs(drawn.mean(axis=0)).max() < 0.08
    assert abs(np.corrcoef(drawn.T) - np.eye(70)).max() < 0.08
    monkeypatch.setattr("optical_cli.evaluation.resampling.SIGNS_AT_ONCE", 700)
    assert (np.concatenate(list(signs(70, 3000, seed=3))) == drawn).all()


IDS = [str(place) for place in range(400)]


def test_bootstrap_has_the_standard_error_of_the_mean():
    column = differences(7, 400)
    draws = resampled_means(column[:, None], IDS, 4000, seed=1)[:, 0]
    assert draws.mean() == pytest.approx(column.mean(), abs=1e-3)
    assert draws.std() == pytest.approx(column.std() / 20, rel=0.05)
    low, high = interval(draws)
    assert (low, high) == pytest.approx(
        (column.mean() - 1.96 * column.std() / 20, column.mean() + 1.96 * column.std() / 20),
        abs=3e-3,
    )


def test_the_same_queries_are_drawn_together_and_others_apart():
    column = differences(8, 400)[:, None]
    first = resampled_means(column, IDS, 200, seed=1)
    again = resampled_means(column + 0.1, IDS, 200, seed=1)
    other = resampled_means(column, [f"x{name}" for name in IDS], 200, seed=1)
    np.testing.assert_allclose(again - first, 0.1, atol=1e-9)
    assert abs(np.corrcoef(first[:, 0], other[:, 0])[0, 1]) < 0.3


def test_two_way_intervals_are_wider_where_seeds_differ_and_the_same_where_they_agree():
    query_part = differences(9, 400)
    apart = np.stack([query_part - 0.1, query_part, query_part + 0.1], axis=1)
    alike = np.stack([query_part] * 3, axis=1)

    def width(values):
        means = resampled_means(values, IDS, 2000, seed=1)
        low, high = interval(resampled_seeds(means, "system", seed=1))
        return high - low

    one_seed = width(query_part[:, None])
    assert width(alike) == pytest.approx(one_seed)
    # Variance of the mean of three seeds drawn from -.1, 0, .1 comes on top.
    assert width(apart) > 2 * one_seed
