import numpy as np
import pytest

from optical_cli.errors import UsageError
from optical_cli.evaluation.cells import Draws, shared_languages
from optical_cli.evaluation.comparison import compare, require_baseline
from tests.evaluation.conftest import cell, noisy


def compared(cells, baseline, **more):
    draws = Draws(cells, resamples=500, seed=1)
    return compare(cells, baseline, draws, permutations=2000, seed=1, **more)


def test_a_clear_difference_is_shown_and_described():
    base = noisy(1)
    better = np.minimum(base + 0.1, 1)
    found = compared([cell("base", None, base), cell("new", None, better)], "base")
    result = found[("new", None), "AP"]
    assert result.shown and result.difference == pytest.approx((better - base).mean())
    assert result.low <= result.difference <= result.high
    assert result.wins + result.ties == 200 and result.losses == 0
    assert result.p == result.p_randomization == 1 / 2001
    assert (("base", None), "AP") not in found


def test_below_the_smallest_difference_nothing_is_shown():
    base, other = noisy(1), noisy(2)
    result = compared([cell("base", None, base), cell("new", None, other)], "base")[
        ("new", None), "AP"
    ]
    assert abs(result.difference) < result.smallest_difference
    assert not result.shown and result.p > 0.05


def test_identical_systems_are_ties_without_nan():
    base = noisy(3)
    result = compared([cell("a", None, base), cell("b", None, base + 1e-15)], "a")[
        ("b", None), "AP"
    ]
    assert (result.wins, result.ties, result.losses) == (0, 200, 0)
    assert (result.p, result.p_t, result.effect_size, result.difference) == (1, 1, 0, 0)
    assert not result.shown


def test_holm_counts_every_row_of_the_measure():
    base = {code: noisy(place) for place, code in enumerate(["de", "sw"])}
    shifts = {"a": 0, "b": 0.001, "c": 0.3}
    cells = [cell(s, code, v + shift) for s, shift in shifts.items() for code, v in base.items()]
    found = compared(cells, "a")
    # b and c in de, sw and over both.
    assert {result.family for result in found.values()} == {6}
    assert found[("c", "de"), "AP"].p == pytest.approx(6 / 2001)


def test_languages_pool_to_the_mean_over_languages_and_parallel_queries_count_once():
    rng = np.random.default_rng(4)
    base = {code: noisy(place) for place, code in enumerate(["de", "sw", "th"])}
    shift = rng.normal(0.02, 0.1, 200)
    cells = [cell("a", code, values) for code, values in base.items()]
    cells += [cell("b", code, values + shift) for code, values in base.items()]
    found = compared(cells, "a")
    pooled = found[("b", "all"), "AP"]
    assert pooled.difference == pytest.approx(shift.mean())
    assert pooled.queries == 200
    # The same difference in three languages is no more evidence than in one.
    assert pooled.p_t == pytest.approx(found[("b", "de"), "AP"].p_t)


def test_languages_with_their_own_queries_are_more_evidence_together():
    cells = []
    for place, code in enumerate(["de", "sw", "th"]):
        base = noisy(place)
        ids = [f"{code}{number:03d}" for number in range(200)]
        shift = np.random.default_rng(place + 10).normal(0.02, 0.1, 200)
        cells += [cell("a", code, base, ids=ids), cell("b", code, base + shift, ids=ids)]
    found = compared(cells, "a")
    pooled = found[("b", "all"), "AP"]
    assert pooled.queries == 600
    assert pooled.smallest_difference < found[("b", "de"), "AP"].smallest_difference / 1.5


def test_seeds_that_disagree_keep_a_difference_from_being_shown():
    base = noisy(5, 800)
    steady = cell("steady", None, base + 0.03, base + 0.03, base + 0.03)
    lucky = cell("lucky", None, base - 0.11, base + 0.02, base + 0.18)
    found = compared([cell("base", None, base), steady, lucky], "base")
    assert found[("steady", None), "AP"].shown
    assert found[("lucky", None), "AP"].p < 0.05
    assert not found[("lucky", None), "AP"].shown
    assert found[("lucky", None), "AP"].low < 0 < found[("lucky", None), "AP"].high


def test_results_do_not_depend_on_the_order_of_queries():
    base, other = noisy(6), noisy(7, mean=0.53)
    order = np.random.default_rng(1).permutation(200)
    ids = [f"q{place:04d}" for place in range(200)]
    straight = compared([cell("a", None, base), cell("b", None, other)], "a")
    mixed_ids = [ids[place] for place in order]
    mixed = compared(
        [cell("a", None, base[order], ids=mixed_ids), cell("b", None, other[order], ids=mixed_ids)],
        "a",
    )
    assert straight == mixed


def test_a_language_that_the_baseline_lacks_has_no_comparison():
    cells = [cell("a", "de", noisy(1)), cell("b", "de", noisy(2)), cell("b", "sw", noisy(3))]
    assert set(compared(cells, "a")) == {(("b", "de"), "AP")}


def test_a_ceiling_with_one_language_takes_no_part_in_the_mean_over_languages():
    cells = [cell("teacher", "en", noisy(1))]
    cells += [cell(s, code, noisy(2)) for s in "ab" for code in ("de", "sw")]
    assert shared_languages(cells) == (["a", "b"], ["de", "sw"])
    assert shared_languages(cells[:2]) == ([], [])


def test_an_unknown_baseline_is_named_with_the_systems_there_are():
    cells = [cell("a", None, noisy(1)), cell("b", None, noisy(2))]
    with pytest.raises(
        UsageError, match="--baseline c: not among the runs' systems, which are a, b"
    ):
        require_baseline("c", cells)
    with pytest.raises(UsageError, match="no other system"):
        require_baseline("a", cells[:1])
