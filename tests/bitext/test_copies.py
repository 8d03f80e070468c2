"""Exact and near copies, caps, and the split that keeps them together."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from optical_cli.bitext.components import connected
from optical_cli.bitext.duplicates import places_in_groups, rank_by_quality
from optical_cli.bitext.near import confirmed_copies, dropped_copies, signatures
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.quality import quality
from optical_cli.bitext.splitting import choose_dev, dev_size
from optical_cli.errors import UsageError
from optical_cli.text import key

NO_EDGES = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def batch(pairs):
    return PairBatch(
        *(Side([p[side] for p in pairs], [p[side] for p in pairs], ()) for side in (0, 1))
    )


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=30))
def test_of_equal_keys_the_best_is_kept_and_of_equals_the_first(rows):
    keys = np.array([k for k, _ in rows], dtype=np.uint64)
    qualities = np.array([q for _, q in rows], dtype=np.float32)
    place, best = places_in_groups(keys, rank_by_quality(qualities))
    for number, (group, _) in enumerate(rows):
        members = sorted((-q, n) for n, (k, q) in enumerate(rows) if k == group)
        order = [n for _, n in members]
        assert best[number] == order[0]
        assert place[number] == order.index(number)


def test_quality_prefers_the_well_formed_copy():
    pairs = [
        ("THE CHILD EATS", "MTOTO ANAKULA"), ("The child eats.", "Mtoto anakula."),
        ("The child eats", "Mtoto anakula."), ("the child eats", "mtoto anakula"),
    ]  # fmt: skip
    scores = quality(batch(pairs), Profile("en", "sw"))
    assert scores.argmax() == 1
    assert scores.argmin() == 0


WORDS = [f"{c}{v}{d}{w}" for c in "bdfgklmn" for v in "aeiou" for d in "rstz" for w in "aeiou"]


def sentence(choose, length=12):
    return " ".join(choose.choices(WORDS, k=length))


def near_found(pairs, threshold=0.9):
    """What is dropped, with the first pair the best and so on."""
    rank = np.arange(len(pairs))

    def read(rows):
        return [pairs[row][0] for row in rows], [pairs[row][1] for row in rows]

    return dropped_copies(confirmed_copies(signatures(batch(pairs)), rank, read), rank, threshold)


def test_near_copies_are_found_and_confirmed_by_edit_distance():
    choose = random.Random(3)
    originals = [(sentence(choose), sentence(choose)) for _ in range(200)]
    edited = [(s.replace("a", "e", 1), t + "x") for s, t in originals]
    dropped = near_found(originals + edited)
    assert len(dropped) >= 198
    for worse, (better, similarity) in dropped.items():
        assert worse == better + 200
        sides = zip(originals[better], edited[better], strict=True)
        expected = min(fuzz.ratio(key(a), key(b)) / 100 for a, b in sides)
        assert similarity == pytest.approx(expected)


def test_pairs_alike_on_one_side_only_are_no_near_copies():
    choose = random.Random(4)
    source = sentence(choose)
    pairs = [(source, sentence(choose)) for _ in range(20)]
    assert near_found(pairs) == {}


def test_a_dropped_copy_drops_no_other():
    choose = random.Random(5)
    base = [sentence(choose, 20), sentence(choose, 20)]
    chain = [tuple(base)]
    for _ in range(3):
        base = [side.replace("a", "y", 3) for side in base]
        chain.append(tuple(base))
    dropped = near_found(chain, threshold=0.95)
    assert all(better not in dropped for better, _ in dropped.values())


def test_signatures_do_not_depend_on_the_batch():
    pairs = [("Water is life", "Maji ni uhai"), ("", "x"), ("a", "b")]
    together = signatures(batch(pairs))
    for number, pair in enumerate(pairs):
        np.testing.assert_array_equal(signatures(batch([pair]))[0], together[number])


def test_groups_join_pairs_that_share_a_side_or_an_edge():
    source = np.array([1, 1, 2, 3, 4, 5], dtype=np.uint64)
    target = np.array([1, 2, 2, 9, 8, 7], dtype=np.uint64)
    labels = connected([source, target], (np.array([3]), np.array([4])))
    assert labels[0] == labels[1] == labels[2]
    assert labels[3] == labels[4]
    assert len(set(labels.tolist())) == 3


@given(st.integers(0, 1000), st.integers(0, 50), st.randoms(use_true_random=False))
def test_the_split_keeps_groups_whole_and_does_not_depend_on_order(seed, size, shuffle):
    groups = np.array([n // 3 for n in range(60)])
    keys = np.arange(60, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    chosen = choose_dev(groups, keys, size, seed)
    assert size - 2 <= chosen.sum() <= size
    assert all(len(set(chosen[groups == group].tolist())) == 1 for group in range(20))
    order = np.array(shuffle.sample(range(60), 60))
    np.testing.assert_array_equal(choose_dev(groups[order], keys[order], size, seed), chosen[order])


def test_another_seed_gives_another_split():
    groups, keys = np.arange(1000), np.arange(1000, dtype=np.uint64)
    one, other = (choose_dev(groups, keys, 100, seed) for seed in (1, 2))
    assert 0 < (one & other).sum() < 40


def test_dev_sizes():
    assert dev_size("0.1", 1000) == 100
    assert dev_size("25", 1000) == 25
    assert dev_size("0", 1000) == 0
    for text in ("-1", "1.5", "many", "nan", "inf"):
        with pytest.raises(UsageError, match="--dev"):
            dev_size(text, 1000)
