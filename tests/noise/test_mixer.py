"""The mixer: nested levels, derangements, order, account."""

import itertools
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.bitext import BitextRow
from optical_cli.noise import KINDS, Mixer, parse_noises
from optical_cli.noise.material import Material


def rows(pairs):
    return [BitextRow(n, (*pair, f"p{n}"), (0, 1), 2) for n, pair in enumerate(pairs, 1)]


def many(count=2000):
    return [(f"sentence number {n}", f"sentensi nambari {n} hapa") for n in range(count)]


def mixed(pairs, *noises, seed=13, mode="replace", window=None):
    """The lines that come out, the changes, and the mixer."""
    mixer = Mixer(parse_noises(noises, set()), Material(), mode, seed)
    if window:
        out = list(mixer.in_windows(rows(pairs), window))
    else:
        mixer.survey(rows(pairs))
        out = list(mixer.mix(rows(pairs)))
    return [row.pair for row, _ in out], [change for _, found in out for change in found], mixer


def lines_hit(changes):
    return {change.line for change in changes}


@pytest.mark.parametrize("kind", ["misalign", "untranslated", "misorder", "typos", "truncate"])
def test_levels_are_nested_and_near_their_rate(kind):
    hit = [lines_hit(mixed(many(), f"{kind}={rate}")[1]) for rate in (0.1, 0.2, 0.5, 1)]
    assert hit[0] < hit[1] < hit[2] < hit[3] == set(range(1, 2001))
    for lines, rate in zip(hit, (0.1, 0.2, 0.5), strict=False):
        # Four standard deviations of a binomial.
        assert abs(len(lines) - 2000 * rate) < 4 * (2000 * rate * (1 - rate)) ** 0.5


def test_who_is_hit_does_not_depend_on_place_or_company():
    pairs = many()
    shuffled = random.Random(1).sample(pairs, len(pairs))

    def hit(some):
        return {change.before[:2] for change in mixed(some, "typos=0.3")[1]}

    assert hit(pairs) == hit(shuffled)
    assert hit(pairs[:700]) | hit(pairs[700:]) == hit(pairs)


def test_another_seed_and_another_kind_hit_others():
    typos = lines_hit(mixed(many(), "typos=0.5")[1])
    for other in (mixed(many(), "typos=0.5", seed=14), mixed(many(), "truncate=0.5"),
                  mixed(many(), "typos@source=0.5")):  # fmt: skip
        both = len(typos & lines_hit(other[1]))
        assert 350 < both < 650, "independent would be 500"


def test_misalign_is_a_derangement_that_keeps_sources_and_the_bag_of_targets():
    pairs = many()
    out, changes, _ = mixed(pairs, "misalign=0.4")
    hit = lines_hit(changes)
    assert [pair.source for pair in out] == [source for source, _ in pairs]
    assert Counter(pair.target for pair in out) == Counter(target for _, target in pairs)
    for line, (pair, (_, target)) in enumerate(zip(out, pairs, strict=True), 1):
        assert (pair.target != target) == (line in hit)
    donors = {change.line: change.origin for change in changes}
    assert all(out[line - 1].target == pairs[int(donor[1:]) - 1][1]
               for line, donor in donors.items())  # fmt: skip
    assert sorted(donors.values()) == sorted(f"p{line}" for line in hit), "each donates once"


@given(st.lists(st.integers(0, 4), min_size=2, max_size=30))
def test_misalign_gives_equal_texts_away_where_that_is_possible(targets):
    pairs = [(f"source {n}", f"target {t}") for n, t in enumerate(targets)]
    out, changes, mixer = mixed(pairs, "misalign=1")
    most = max(Counter(targets).values())
    if 2 * most <= len(targets):
        assert len(changes) == len(targets)
    assert mixer.account()[0]["unchanged"] == len(targets) - len(changes)
    assert Counter(pair.target for pair in out) == Counter(target for _, target in pairs)


def test_a_window_exchanges_targets_inside_it():
    out, changes, _ = mixed(many(), "misalign=0.5", window=50)
    whole = mixed(many(), "misalign=0.5")
    assert lines_hit(changes) == lines_hit(whole[1]), "who is hit is the same"
    for change in changes:
        assert (int(change.origin[1:]) - 1) // 50 == (change.line - 1) // 50
    assert [p.target for p in out] != [p.target for p in whole[0]]


def test_fewer_pairs_than_a_derangement_needs():
    for pairs in (many(1), many(3)):
        mixer = mixed(pairs, "misalign=1" if len(pairs) == 1 else "misalign=0.001")[2]
        with pytest.raises(InputError, match="a derangement needs two"):
            mixer.check("x.tsv")
    mixed(many(2), "misalign=1")[2].check("x.tsv")
    mixed(many(1), "misalign=0")[2].check("x.tsv")


def test_a_pair_that_several_hit_has_a_row_each_in_the_fixed_order():
    noises = ["encoding=1", "misorder=1", "misalign=1", "untranslated@source=1"]
    pairs = [("a b c", "é è ê"), ("d e f", "ö ü ä")]
    out, changes, _ = mixed(pairs, *noises)
    assert mixed(pairs, *reversed(noises))[0] == out, "the order of the options is none"
    labels = [change.noise for change in changes if change.line == 1]
    assert labels == ["misalign", "untranslated@source", "misorder@target", "encoding@target"]
    chain = [change for change in changes if change.line == 1]
    assert chain[0].before[:2] == pairs[0] and chain[-1].after == out[0]
    assert all(one.after == other.before for one, other in itertools.pairwise(chain))


def test_no_ops_are_chosen_and_not_changed():
    pairs = [(f"s {n}", "peke" if n % 2 else "neno moja") for n in range(100)]
    _, changes, mixer = mixed(pairs, "misorder=1")
    assert len(changes) == 50
    (entry,) = mixer.account()
    assert (entry["chosen"], entry["changed"], entry["unchanged"]) == (100, 50, 50)
    assert (entry["requested"], entry["effective"]) == (1, 0.5)


def test_a_side_is_never_left_blank():
    out, _, _ = mixed([("a", "x")] * 4, "typos=1:1", "drop-words=1:1")
    assert all(pair.target.strip() for pair in out)
    out, _, _ = mixed([(f"s{n}", "\u0301") for n in range(5)], "strip-diacritics=1")
    assert all(pair.target == "\u0301" for pair in out)


def test_adding_puts_noisy_pairs_behind_clean_ones():
    pairs = many(100)
    out, changes, mixer = mixed(pairs, "misalign=0.3", mode="add")
    clean = [pair for pair in out if "+noise" not in pair.pair_id]
    assert [pair[:2] for pair in clean] == pairs
    assert len(out) == 100 + len(changes) == mixer.written
    for place, pair in enumerate(out):
        if pair.pair_id.endswith("+noise"):
            assert out[place - 1].pair_id == pair.pair_id.removesuffix("+noise")
            assert out[place - 1].source == pair.source


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["mislign=0.2"], r"unknown kind 'mislign' \(did you mean misalign\?\)"),
        (["zzz=0.2"], "there are crawl, misalign"),
        (["misalign=1.2"], "not a number from 0 to 1"),
        (["misalign=-0.1"], "not a number from 0 to 1"),
        (["misalign=nan"], "not a number from 0 to 1"),
        (["misalign=lots"], "not a number from 0 to 1"),
        (["misalign"], "expected KIND"),
        (["misalign=0.2:0.1"], "takes no intensity"),
        (["typos=0.2:0"], "over 0 and at most 1"),
        (["typos=0.2:1.5"], "over 0 and at most 1"),
        (["misalign@source=0.2"], "takes no side"),
        (["typos@both=0.2"], "the side is source, target or either"),
        (["typos=0.2", "typos@target=0.3"], "typos@target is asked for twice"),
        (["crawl=0.2"], "crawl needs --crawl FILE"),
        (["wrong-language=0.2"], "needs --other-bitext FILE"),
        (["code-switch=0.2"], "needs --lexicon FILE"),
        ([], "missing --noise"),
    ],
)
def test_impossible_requests_are_usage_errors(values, message):
    with pytest.raises(UsageError, match=message):
        parse_noises(values, set())


def test_every_kind_defines_itself():
    for name, kind in KINDS.items():
        assert kind.name == name and len(kind.definition) > 30
        assert (kind.intensity is None) == (not kind.share)
