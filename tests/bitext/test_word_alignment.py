"""Translation tables that are counted from one plan of both directions."""

import math

import numpy as np
import pytest

from optical_cli.bitext.ibm1 import Corpus, fit
from optical_cli.bitext.word_alignment import Nearness, align_words
from optical_cli.errors import NumericalError


def naive_tables(sources, targets, iterations, diagonal=0.0, identity=0.0, cosines=None, k=0.0):
    """The same as nested loops over tokens and dictionaries of words."""
    pairs = list(zip(sources, targets, strict=True))
    keys = sorted({(e, f) for es, fs in pairs for e in es for f in fs})
    ahead, back = dict.fromkeys(keys, 1.0), dict.fromkeys(keys, 1.0)
    nulls = [dict.fromkeys({w for side in s for w in side}, 1.0) for s in (sources, targets)]
    p0 = [1 / (1 + sum(map(len, side)) / len(pairs)) for side in (targets, sources)]

    def normalize():
        for table, place in ((ahead, 1), (back, 0)):
            totals = {}
            for key, value in table.items():
                totals[key[place]] = totals.get(key[place], 0.0) + value
            table.update({key: value / totals[key[place]] for key, value in table.items()})
        for null in nulls:
            total = sum(null.values())
            null.update({word: value / total for word, value in null.items()})

    normalize()
    for _ in range(iterations):
        counts = {(e, f): identity * (e == f) for e, f in keys}
        left = [dict.fromkeys(null, 1e-9) for null in nulls]
        for number, (es, fs) in enumerate(pairs):
            near = np.array([
                [
                    math.exp(-diagonal * abs((i + 0.5) / len(es) - (j + 0.5) / len(fs)))
                    * (1 if cosines is None else math.exp(k * cosines[number][i][j]))
                    for j in range(len(fs))
                ]
                for i in range(len(es))
            ]).reshape(len(es), len(fs))  # fmt: skip
            if not near.size:
                for e in es:
                    left[0][e] += 1
                for f in fs:
                    left[1][f] += 1
                continue
            p_ahead = np.array([[ahead[e, f] for f in fs] for e in es])
            p_back = np.array([[back[e, f] for f in fs] for e in es])
            a = (1 - p0[0]) * near / near.sum(1, keepdims=True) * p_ahead
            a /= p0[0] * np.array([[nulls[0][e]] for e in es]) + a.sum(1, keepdims=True)
            b = (1 - p0[1]) * near / near.sum(0) * p_back
            b /= p0[1] * np.array([nulls[1][f] for f in fs]) + b.sum(0)
            plan = np.sqrt(a * b)
            plan /= np.maximum(plan.sum(1, keepdims=True), 1)
            plan /= np.maximum(plan.sum(0), 1)
            for i, e in enumerate(es):
                left[0][e] += 1 - min(plan[i].sum(), 1)
                for j, f in enumerate(fs):
                    counts[e, f] += plan[i, j]
            for j, f in enumerate(fs):
                left[1][f] += 1 - min(plan[:, j].sum(), 1)
        ahead.update(counts)
        back.update(counts)
        nulls = left
        normalize()
    return ahead, back


def random_sentences(generator, size, vocabulary):
    return [
        [f"w{i}" for i in generator.integers(0, vocabulary, generator.integers(0, 7))]
        for _ in range(size)
    ]


def found_in(table, source, target):
    coords, data = table.tocoo().coords, table.data
    return {(source.words[e], target.words[f]): p for f, e, p in zip(*coords, data, strict=True)}


@pytest.mark.parametrize(
    ("iterations", "diagonal", "identity", "strength"),
    [(1, 0, 0, 0), (3, 0, 0, 0), (4, 4, 1, 0), (3, 2, 0.5, 8), (2, 0, 0, 20)],
)
def test_tables_are_those_of_the_nested_loops(iterations, diagonal, identity, strength):
    """Repeated words, sentences without words and NULL included."""
    chance = np.random.default_rng(11)
    sources, targets = random_sentences(chance, 30, 9), random_sentences(chance, 30, 8)
    cosines = [
        chance.integers(-100, 101, (len(es), len(fs))) / 100
        for es, fs in zip(sources, targets, strict=True)
    ]
    source, target = Corpus.of(sources), Corpus.of(targets)
    how = {"diagonal": diagonal, "identity": identity}
    nearness = Nearness.of(cosines, strength) if strength else None
    tables = align_words(source, target, iterations, nearness=nearness, **how)
    expected = naive_tables(sources, targets, iterations, cosines=cosines, k=strength, **how)
    for table, wanted in zip(tables, expected, strict=True):
        assert found_in(table, source, target) == pytest.approx(wanted, abs=1e-9, rel=1e-6)


def test_rows_and_columns_are_probabilities():
    chance = np.random.default_rng(2)
    source = Corpus.of(random_sentences(chance, 50, 12))
    target = Corpus.of(random_sentences(chance, 50, 12))
    tables = align_words(source, target, 4, diagonal=2.0)
    for table, axis in ((tables.source_given_target, 1), (tables.target_given_source, 0)):
        sums = table.sum(axis=axis)
        assert np.allclose(sums[sums > 0], 1) and table.data.min() >= 0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_wrong_pairs_mislead_plans_less_than_each_direction_alone(seed):
    """Of a made language, whose words stand in any order: half of the pairs do not belong together.

    How many words that occur at most twenty times have their own translation for the best.
    """
    chance = np.random.default_rng(seed)
    share = 1 / np.arange(1, 301)
    words = chance.choice(300, (300, 8), p=share / share.sum())
    sources = [[f"e{word}" for word in row] for row in words]
    targets = [[f"f{word}" for word in chance.permutation(row)] for row in words]
    targets[:150] = targets[1:150] + targets[:1]
    source, target = Corpus.of(sources), Corpus.of(targets)
    judged = [i for i, count in enumerate(target.counts) if count <= 20]

    def right(ahead, back):
        weights = (ahead * back.sqrt()).tocsr()
        best = {i: source.words[weights[[i]].argmax()] for i in judged}
        return np.mean([word[1:] == target.words[i][1:] for i, word in best.items()])

    by_plans = right(*align_words(source, target, 5))
    alone = right(fit(target, source, 5).table, fit(source, target, 5).table.T.tocsr())
    assert by_plans > alone + 0.02 and by_plans > 0.5


def test_a_vector_that_is_no_number_is_an_error():
    with pytest.raises(NumericalError, match="pair 2: the readers' vectors are not finite"):
        Nearness.of([np.ones((1, 1)), np.array([[np.nan]])], 1.0)


def test_a_strength_beyond_all_reason_still_aligns():
    source, target = Corpus.of([["red", "cow"]]), Corpus.of([["ombe", "nyekundu"]])
    crossed = Nearness.of([np.array([[0.1, 0.9], [0.9, 0.2]])], 2000.0)
    ahead = found_in(align_words(source, target, 3, nearness=crossed)[0], source, target)
    assert ahead["red", "nyekundu"] > 0.99


def test_words_align_as_their_readers_say_where_counts_do_not_tell():
    source, target = Corpus.of([["red", "cow"]]), Corpus.of([["ombe", "nyekundu"]])
    crossed = Nearness.of([np.array([[0.1, 0.9], [0.8, 0.2]])], 20.0)
    ahead = found_in(align_words(source, target, 3, nearness=crossed)[0], source, target)
    assert ahead["red", "nyekundu"] > 0.99 and ahead["cow", "ombe"] > 0.99
    even = found_in(align_words(source, target, 3)[0], source, target)
    assert even["red", "nyekundu"] == pytest.approx(0.5)


def test_cosines_of_other_sentences_than_these_are_an_error():
    source, target = Corpus.of([["red", "cow"]]), Corpus.of([["ombe"]])
    with pytest.raises(ValueError, match="2 pairs of tokens, but 1 cosines"):
        align_words(source, target, 1, nearness=Nearness.of([np.ones((1, 1))], 1.0))
