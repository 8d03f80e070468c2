import itertools
import math

import numpy as np
import pytest
from scipy import sparse

from optical_cli.bitext.ibm1 import Corpus, fit, iterate
from optical_cli.bitext.lexicon import learn_lexicon, pruned, with_neighbors
from optical_cli.bitext.lexicon_settings import LexiconSettings
from optical_cli.errors import InputError

# Knight's and Koehn's example of how co-occurrence resolves.
PLAIN = {"diagonal": 0.0, "identity": 0.0, "rare_count": 0}
SOURCES = ["the house", "the book", "a book"]
TARGETS = ["nyumba hii", "kitabu hii", "kitabu moja"]


def naive_model(given, generated, iterations, diagonal=0.0, identity=0.0):
    """IBM model 1 with NULL and a diagonal, as nested loops over tokens."""
    p0 = 1 / (1 + sum(map(len, given)) / len(given))
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
        counts = {(f, e): identity * (f == e) for f, e in table}
        null_counts = dict.fromkeys(null, 0.0)
        for f_sentence, e_sentence in zip(given, generated, strict=True):
            for i, e in enumerate(e_sentence):
                at = (i + 0.5) / len(e_sentence)
                near = [
                    math.exp(-diagonal * abs(at - (j + 0.5) / len(f_sentence)))
                    for j in range(len(f_sentence))
                ]
                shares = [
                    (1 - p0) * weight / sum(near) * table[f, e]
                    for weight, f in zip(near, f_sentence, strict=True)
                ]
                total = p0 * null[e] + sum(shares)
                null_counts[e] += p0 * null[e] / total
                for f, share in zip(f_sentence, shares, strict=True):
                    counts[f, e] += share / total
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


@pytest.mark.parametrize(
    ("iterations", "diagonal", "identity"), [(1, 0, 0), (3, 0, 0), (3, 5, 0), (2, 2, 0.5)]
)
def test_model_is_that_of_the_nested_loops(iterations, diagonal, identity):
    """Repeated words, sentences without words and NULL included."""
    generator = np.random.default_rng(7)
    given, generated = random_sentences(generator, 30, 9), random_sentences(generator, 30, 8)
    f, e = Corpus.of(given), Corpus.of(generated)
    how = {"diagonal": diagonal, "identity": identity}
    model = fit(f, e, iterations, **how)
    table, null = naive_model(given, generated, iterations, **how)
    found = {
        (f.words[i], e.words[j]): p
        for i, j, p in zip(*model.table.tocoo().coords, model.table.data, strict=True)
    }
    assert found.keys() == table.keys()
    assert found == pytest.approx(table, abs=2e-3)
    assert dict(zip(e.words, model.null, strict=True)) == pytest.approx(null, abs=2e-3)


def test_likelihood_never_falls_and_rows_sum_to_one():
    generator = np.random.default_rng(3)
    f = Corpus.of(random_sentences(generator, 50, 12))
    e = Corpus.of(random_sentences(generator, 50, 12))
    likelihoods = []
    for _, model in zip(range(8), iterate(f, e), strict=False):
        likelihoods.append(model.log_likelihood)
        sums = model.table.sum(axis=1)
        assert np.allclose(sums[sums > 0], 1, atol=1e-5)
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(likelihoods))


def test_words_are_counted_without_rare_ones():
    counts = Corpus.of([["b", "a", "b"], [], ["c", "a"]], min_count=2)
    assert counts.words == ["a", "b"] and counts.counts.tolist() == [2, 2]
    assert counts.matrix.toarray().tolist() == [[1, 2], [0, 0], [1, 0]]


@pytest.mark.parametrize("alignment", ["transport", "ibm1"])
def test_translations_resolve_by_co_occurrence(alignment):
    settings = LexiconSettings(alignment=alignment, iterations=30, min_probability=0, **PLAIN)
    lexicon = learn_lexicon(SOURCES, TARGETS, settings)
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
    settings = LexiconSettings(
        alignment="ibm1", iterations=2, symmetry=symmetry, min_probability=0, **PLAIN
    )
    lexicon = learn_lexicon(SOURCES, TARGETS, settings)
    source = [text.split() for text in SOURCES]
    target = [text.split() for text in TARGETS]
    ahead, _ = naive_model(target, source, 2)
    back, _ = naive_model(source, target, 2)
    weights = {e: join(p, back[e, f]) for (f, e), p in ahead.items() if f == "hii"}
    total = sum(weights.values())
    assert lexicon["hii"] == pytest.approx({e: w / total for e, w in weights.items()}, abs=1e-5)


def test_pruning_keeps_the_best_and_renormalizes():
    full = learn_lexicon(SOURCES, TARGETS, LexiconSettings(min_probability=0, **PLAIN))["hii"]
    kept = learn_lexicon(SOURCES, TARGETS, LexiconSettings(max_translations=2, **PLAIN))["hii"]
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


def test_names_are_their_own_translation():
    sources = ["Ochoa met Aranda", "Ochoa and Karume came"]
    targets = ["Ochoa alimkuta Aranda", "Ochoa na Karume walikuja"]
    lexicon = learn_lexicon(sources, targets, LexiconSettings())
    for name in ("ochoa", "aranda", "karume"):
        assert next(iter(lexicon[name])) == name


def test_words_keep_their_place_where_counts_do_not_tell():
    """Both words occur once, in one sentence: only their order says what is what."""
    settings = LexiconSettings(iterations=3, identity=0, rare_count=0)
    lexicon = learn_lexicon(["red cow eats"], ["nyekundu ombe inakula"], settings)
    assert [next(iter(entry)) for entry in lexicon.values()] == ["eats", "red", "cow"]
    assert list(lexicon) == ["inakula", "nyekundu", "ombe"]


def test_a_form_seen_once_inherits_from_its_stem():
    """c = 1: half its own translations, half its neighbours'; words seen once lend nothing."""
    lexicon = {
        "inayoitwa": {"bulb": 1.0}, "inaitwa": {"called": 1.0}, "inayoitwo": {"chance": 1.0},
        "shule": {"school": 1.0},
    }  # fmt: skip
    counts = {"inayoitwa": 1, "inaitwa": 5, "inayoitwo": 1, "shule": 30}
    settings = LexiconSettings(rare_similarity=0.01)
    mixed = with_neighbors(lexicon, counts, settings)
    assert mixed["inayoitwa"] == {"bulb": 0.5, "called": 0.5}
    assert mixed["inaitwa"] == {"called": 1.0} and mixed["shule"] == {"school": 1.0}
    assert list(mixed) == list(lexicon)
    strict = with_neighbors(lexicon, counts, LexiconSettings(rare_similarity=0.99))
    assert strict == lexicon == with_neighbors(lexicon, counts, LexiconSettings(rare_count=0))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, {"bulb": 0.4, "lamp": 0.1, "called": 0.5}),
        (3, {"bulb": 0.6, "lamp": 0.15, "called": 0.25}),
    ],
)
def test_a_rare_words_own_translations_weigh_as_often_as_it_was_seen(count, expected):
    """c / (c + 1) of its own and 1 / (c + 1) of what it borrows: a half each, then 3/4 and 1/4."""
    lexicon = {
        "inayoitwa": {"bulb": 0.8, "lamp": 0.2}, "inaitwa": {"called": 1.0},
        "shule": {"school": 1.0},
    }  # fmt: skip
    counts = {"inayoitwa": count, "inaitwa": 30, "shule": 30}
    mixed = with_neighbors(lexicon, counts, LexiconSettings(rare_similarity=0.01))
    assert mixed["inayoitwa"] == pytest.approx(expected)


def test_no_translation_has_probability_zero():
    """Whatever the least probability: a line whose p is 0 could not be read again."""
    settings = LexiconSettings(min_probability=0, **PLAIN)
    weights = sparse.csr_array((
        np.array([0.75, 0.0, 0.25, 1.0, 5e-324, 1.0]), [0, 1, 2, 0, 1, 2], [0, 3, 6],
    ))  # fmt: skip
    lexicon = pruned(weights, ["a", "b", "c"], ["x", "y"], settings)
    assert lexicon == {"x": {"a": 0.75, "c": 0.25}, "y": {"a": 0.5, "c": 0.5}}


def test_a_pair_that_counts_twice_is_as_good_as_two_and_one_of_none_as_none():
    chance = np.random.default_rng(5)
    # Of one length, so that the probability of NULL is the same.
    f = [[f"w{i}" for i in row] for row in chance.integers(0, 9, (12, 4))]
    e = random_sentences(chance, 12, 9)
    names = ([*f, ["only"] * 4], [*e, ["w1"]])
    weights = np.array([2.0] * 4 + [1.0] * 8 + [0.0])
    weighed = fit(*map(Corpus.of, names), 6, weights=weights)
    given, generated = Corpus.of(names[0]), Corpus.of(names[1])
    twice = fit(Corpus.of(f + f[:4]), Corpus.of(e + e[:4]), 6)
    other = Corpus.of(f + f[:4]).words, Corpus.of(e + e[:4]).words
    rows = [given.words.index(word) for word in other[0]]
    columns = [generated.words.index(word) for word in other[1]]
    found = weighed.table.toarray()[np.ix_(rows, columns)]
    assert found == pytest.approx(twice.table.toarray(), abs=1e-5)
    assert weighed.observed[rows] == pytest.approx(twice.observed, abs=1e-4)
    assert weighed.observed[given.words.index("only")] == 0


def test_words_that_are_too_rare_take_their_cosines_with_them():
    """`moja` is dropped, so the cosines of `book` and `a` with it must be, too."""
    settings = LexiconSettings(min_count=2, iterations=2, **PLAIN)
    cosines = [np.eye(2), np.eye(2), np.array([[-1.0, 1.0], [1.0, -1.0]])]
    lexicon = learn_lexicon(SOURCES, ["hii nyumba", "hii kitabu", "kitabu moja"], settings,
                            cosines=cosines)  # fmt: skip
    assert {word: next(iter(entry)) for word, entry in lexicon.items()} == {
        "hii": "the", "kitabu": "book",
    }  # fmt: skip


def test_sentences_are_taken_in_any_order():
    corpus = Corpus.of([["a", "b"], [], ["b", "c", "b"]])
    taken = corpus.take(np.array([2, 1, 0, 2]))
    words = [[corpus.words[i] for i in taken.tokens[a:b]]
             for a, b in zip(taken.starts[:-1], taken.starts[1:], strict=True)]  # fmt: skip
    assert words == [["b", "c", "b"], [], ["a", "b"], ["b", "c", "b"]]
    assert dict(zip(taken.words, taken.counts, strict=True)) == {"a": 1, "b": 5, "c": 2}
