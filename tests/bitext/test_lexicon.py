import itertools

import numpy as np
import pytest

from optical_cli.bitext.ibm1 import Counts, fit, iterate
from optical_cli.bitext.lexicon import learn_lexicon
from optical_cli.bitext.lexicon_settings import LexiconSettings
from optical_cli.errors import InputError

# Knight's and Koehn's example of how co-occurrence resolves.
SOURCES = ["the house", "the book", "a book"]
TARGETS = ["nyumba hii", "kitabu hii", "kitabu moja"]


def naive_model(given, generated, iterations):
    """IBM model 1 with NULL, as nested loops over tokens."""
    table, null = {}, {}
    for f_sentence, e_sentence in zip(given, generated, strict=True):
        for e in e_sentence:
            null[e] = 1.0
            for f in f_sentence:
                table[f, e] = 1.0
    for f in {f for f, _ in table}:
        row = [key for key in table if key[0] == f]
        table.update(dict.fromkeys(row, 1 / len(row)))
    null = dict.fromkeys(null, 1 / len(null))
    for _ in range(iterations):
        counts, null_counts = dict.fromkeys(table, 0.0), dict.fromkeys(null, 0.0)
        for f_sentence, e_sentence in zip(given, generated, strict=True):
            for e in e_sentence:
                total = null[e] + sum(table[f, e] for f in f_sentence)
                null_counts[e] += null[e] / total
                for f in f_sentence:
                    counts[f, e] += table[f, e] / total
        for f in {f for f, _ in table}:
            mass = sum(value for key, value in counts.items() if key[0] == f)
            table.update({k: counts[k] / mass for k in table if k[0] == f})
        mass = sum(null_counts.values())
        null = {e: count / mass for e, count in null_counts.items()}
    return table, null


def random_sentences(generator, size, vocabulary):
    return [
        [f"w{i}" for i in generator.integers(0, vocabulary, generator.integers(0, 7))]
        for _ in range(size)
    ]


@pytest.mark.parametrize("iterations", [1, 3])
def test_model_is_that_of_the_nested_loops(iterations):
    """Repeated words, sentences without words and NULL included."""
    generator = np.random.default_rng(7)
    given, generated = random_sentences(generator, 30, 9), random_sentences(generator, 30, 8)
    f, e = Counts.of(given), Counts.of(generated)
    model = fit(f.matrix, e.matrix, iterations)
    table, null = naive_model(given, generated, iterations)
    found = {
        (f.words[i], e.words[j]): p
        for i, j, p in zip(*model.table.tocoo().coords, model.table.data, strict=True)
    }
    assert found.keys() == table.keys()
    assert found == pytest.approx(table, abs=1e-5)
    assert dict(zip(e.words, model.null, strict=True)) == pytest.approx(null, abs=1e-5)


def test_likelihood_never_falls_and_rows_sum_to_one():
    generator = np.random.default_rng(3)
    f = Counts.of(random_sentences(generator, 50, 12))
    e = Counts.of(random_sentences(generator, 50, 12))
    likelihoods = []
    for _, model in zip(range(8), iterate(f.matrix, e.matrix), strict=False):
        likelihoods.append(model.log_likelihood)
        sums = model.table.sum(axis=1)
        assert np.allclose(sums[sums > 0], 1, atol=1e-5)
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(likelihoods))


def test_words_are_counted_without_rare_ones():
    counts = Counts.of([["b", "a", "b"], [], ["c", "a"]], min_count=2)
    assert counts.words == ["a", "b"]
    assert counts.matrix.toarray().tolist() == [[1, 2], [0, 0], [1, 0]]


def test_translations_resolve_by_co_occurrence():
    lexicon = learn_lexicon(SOURCES, TARGETS, LexiconSettings(iterations=30, min_probability=0))
    best = {target: next(iter(entry)) for target, entry in lexicon.items()}
    assert best == {"nyumba": "house", "hii": "the", "kitabu": "book", "moja": "a"}
    assert list(lexicon) == sorted(lexicon)
    for entry in lexicon.values():
        assert sum(entry.values()) == pytest.approx(1)
        assert list(entry.values()) == sorted(entry.values(), reverse=True)


@pytest.mark.parametrize(
    ("symmetry", "join"),
    [
        ("sqrt", lambda ahead, back: ahead * back**0.5),
        ("product", lambda ahead, back: ahead * back),
        ("mean", lambda ahead, back: (ahead + back) / 2),
        ("none", lambda ahead, back: ahead),
    ],
)
def test_directions_are_joined_as_the_option_says(symmetry, join):
    settings = LexiconSettings(iterations=2, symmetry=symmetry, min_probability=0)
    lexicon = learn_lexicon(SOURCES, TARGETS, settings)
    source = [text.split() for text in SOURCES]
    target = [text.split() for text in TARGETS]
    ahead, _ = naive_model(target, source, 2)
    back, _ = naive_model(source, target, 2)
    weights = {e: join(p, back[e, f]) for (f, e), p in ahead.items() if f == "hii"}
    total = sum(weights.values())
    assert lexicon["hii"] == pytest.approx({e: w / total for e, w in weights.items()}, abs=1e-5)


def test_pruning_keeps_the_best_and_renormalizes():
    full = learn_lexicon(SOURCES, TARGETS, LexiconSettings(min_probability=0))["hii"]
    kept = learn_lexicon(SOURCES, TARGETS, LexiconSettings(max_translations=2))["hii"]
    assert list(kept) == list(full)[:2]
    assert sum(kept.values()) == pytest.approx(1)
    strict = learn_lexicon(SOURCES, TARGETS, LexiconSettings(min_probability=0.6))
    assert all(min(entry.values()) >= 0.6 for entry in strict.values())
    rare = learn_lexicon(SOURCES, TARGETS, LexiconSettings(min_count=2))
    assert list(rare) == ["hii", "kitabu"]


def test_scripts_without_spaces_have_a_word_per_grapheme():
    lexicon = learn_lexicon(["water fire", "fire"], ["水火", "火"], LexiconSettings(iterations=10))
    assert next(iter(lexicon["水"])) == "water" and next(iter(lexicon["火"])) == "fire"


def test_pairs_without_words_are_an_error():
    with pytest.raises(InputError, match="no pair has words"):
        learn_lexicon(["..."], ["?!"], LexiconSettings())
