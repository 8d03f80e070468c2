"""IBM model 1 by expectation maximisation, and its variant that knows where words tend to stand.

With the given words f_1 .. f_n of a sentence, NULL, and the generated words e_1 .. e_m, each
iteration sets::

    share(i, j)  =  (1 - p0) a(j | i) p(e_i | f_j)  /  (p0 p(e_i | NULL)
                                        + (1 - p0) sum over j' of a(j' | i) p(e_i | f_j'))
    p(e | f)    <-  sum of the shares of all pairs of tokens e_i = e, f_j = f, normalised over e

Model 1 (Brown et al. 1993) has a(j | i) = 1 / n; with a `diagonal` above 0 it falls with the
distance of relative positions, a ~ exp(-diagonal |i/m - j/n|), as in fast_align (Dyer et al. 2013,
whose diagonal is learned; here it is fixed). p0 is 1 / (1 + mean n), one NULL a sentence.

No table of links is held: both passes of an iteration go through the given words one by one, with
one row of p spread over a scratch vector, so memory grows with the distinct word pairs.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import sparse

from optical_cli.compiled import compiled

logger = logging.getLogger(__name__)

# Relative distances are rounded to so many steps.
STEPS = 1024


@dataclass(frozen=True)
class Corpus:
    """One side of bitext as numbers.

    Attributes:
        words: The vocabulary, by descending frequency, then alphabetically.
        tokens: The place of each token in `words`, sentence by sentence.
        starts: Where each sentence begins in `tokens`, and where the last one ends.
        counts: How often each word occurs.
    """

    words: list[str]
    tokens: Int[np.ndarray, " token"]
    starts: Int[np.ndarray, " sentence_plus_1"]
    counts: Int[np.ndarray, " word"]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], *, min_count: int = 1) -> "Corpus":
        """Number `sentences`, without words that occur fewer than `min_count` times."""
        place: dict[str, int] = {}
        found = [place.setdefault(word, len(place)) for words in sentences for word in words]
        tokens = np.array(found, np.int64)
        total = np.bincount(tokens, minlength=len(place))
        names = list(place)
        order = sorted(np.flatnonzero(total >= min_count), key=lambda i: (-total[i], names[i]))
        renumbered = np.full(len(place), -1)
        renumbered[order] = np.arange(len(order))
        tokens = renumbered[tokens]
        sentence = np.repeat(np.arange(len(sentences)), [len(words) for words in sentences])
        lengths = np.bincount(sentence[tokens >= 0], minlength=len(sentences))
        starts = np.concatenate([[0], np.cumsum(lengths)])
        kept = tokens[tokens >= 0].astype(np.int32)
        return cls([names[i] for i in order], kept, starts, total[order])

    @cached_property
    def matrix(self) -> sparse.csr_array:
        """How often each word (columns) stands in each sentence (rows)."""
        ones = np.ones(len(self.tokens), np.int32)
        shape = (len(self.starts) - 1, len(self.words))
        matrix = sparse.csr_array((ones, self.tokens, self.starts), shape=shape, copy=True)
        matrix.sum_duplicates()
        return matrix

    def take(self, sentences: Int[np.ndarray, " taken"]) -> "Corpus":
        """These sentences alone, in this order, over the same vocabulary."""
        lengths = np.diff(self.starts)[sentences]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        tokens = self.tokens[np.repeat(self.starts[sentences], lengths) + within]
        return Corpus(self.words, tokens, starts, np.bincount(tokens, minlength=len(self.words)))

    def numbers_in(self, other: "Corpus") -> Int[np.ndarray, " word"]:
        """The place of each word in the vocabulary of `other`; -1 where that lacks it."""
        place = {word: i for i, word in enumerate(other.words)}
        return np.array([place.get(word, -1) for word in self.words], np.int64)

    @cached_property
    def places(self) -> "Places":
        """The tokens sorted by word."""
        lengths = np.diff(self.starts)
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(self.tokens)) - np.repeat(self.starts[:-1], lengths)
        relative = (within + 0.5) / np.repeat(np.maximum(lengths, 1), lengths)
        order = np.argsort(self.tokens, kind="stable")
        starts = np.concatenate([[0], np.cumsum(self.counts)])
        return Places(starts, sentence[order], relative[order])


@dataclass(frozen=True)
class Places:
    """Where every word stands.

    Attributes:
        starts: Where each word's tokens begin in the arrays below, and where the last end.
        sentence: The sentence of each token.
        relative: How far into it, from 0 to 1.
    """

    starts: Int[np.ndarray, " word_plus_1"]
    sentence: Int[np.ndarray, " token"]
    relative: Float[np.ndarray, " token"]


@dataclass(frozen=True)
class Model1:
    """A translation table in training.

    Attributes:
        table: p(generated | given): given words in rows, each row sums to 1.
        null: p(generated | NULL).
        observed: How many generated tokens each given word is expected to have made.
        log_likelihood: Of the generated tokens under the parameters before the last iteration.
    """

    table: sparse.csr_array
    null: Float[np.ndarray, " generated"]
    observed: Float[np.ndarray, " given"]
    log_likelihood: float = -np.inf


def iterate(
    given: Corpus,
    generated: Corpus,
    *,
    diagonal: float = 0.0,
    identity: float = 0.0,
    weights: Float[np.ndarray, " sentence"] | None = None,
) -> Iterator[Model1]:
    """Yield the model after each iteration, without end, from a uniform start.

    Args:
        given: The side whose words are conditioned on.
        generated: The other side, the same number of sentences.
        diagonal: How strongly words keep their relative position; 0 is model 1.
        identity: Observations that each given word has in advance of itself as its translation,
            where the two stand in a pair of sentences: names are spelt alike.
        weights: How much each pair of sentences counts; all alike if None.
    """
    lengths = np.diff(generated.starts)
    weights = np.ones(len(lengths)) if weights is None else weights
    counted = np.repeat(weights, lengths)
    table = _uniform(given, generated)
    null = np.full(len(generated.words), 1.0 / max(len(generated.words), 1))
    p0 = 1 / (1 + len(given.tokens) / max(len(given.starts) - 1, 1))
    near = np.exp(-diagonal * np.arange(STEPS + 1) / STEPS)
    corpus = (
        given.places.starts, given.places.sentence, given.places.relative,
        generated.starts, generated.tokens,
    )  # fmt: skip
    reach = _reach(near, *corpus)
    prior = identity * identical(table, given, generated).astype(np.float32)
    while True:
        totals, expected, null_expected = _expectation(
            table.data, null, table.indptr, table.indices, p0, near, reach, counted, *corpus
        )
        table, observed = _row_normalized(table, expected + prior)
        null = null_expected / max(null_expected.sum(), 1e-300)
        yield Model1(table, null, observed, float((counted * np.log(totals)).sum()))


def fit(
    given: Corpus,
    generated: Corpus,
    iterations: int,
    *,
    diagonal: float = 0.0,
    identity: float = 0.0,
    weights: Float[np.ndarray, " sentence"] | None = None,
) -> Model1:
    """The model after `iterations` iterations; see `iterate`."""
    models = iterate(given, generated, diagonal=diagonal, identity=identity, weights=weights)
    for number, model in enumerate(models, start=1):
        logger.debug("iteration %d: log likelihood %.6g", number, model.log_likelihood)
        if number >= iterations:
            return model
    raise AssertionError("iterate never ends")


def _uniform(given: Corpus, generated: Corpus) -> sparse.csr_array:
    """Every pair of words that share a pair of sentences, at one probability per row."""
    pairs = together(given, generated)
    ones = np.ones(pairs.nnz, np.float32)
    table = sparse.csr_array((ones, pairs.indices, pairs.indptr), pairs.shape)
    return _row_normalized(table, ones)[0]


def together(given: Corpus, generated: Corpus) -> sparse.csr_array:
    """In how many pairs of sentences given words (rows) and generated words (columns) meet."""
    presence = [(side.matrix > 0).astype(np.int32) for side in (given, generated)]
    pairs = sparse.csr_array(presence[0].T @ presence[1])
    pairs.sort_indices()
    return pairs


def identical(
    table: sparse.csr_array, given: Corpus, generated: Corpus
) -> Bool[np.ndarray, " entry"]:
    """Which of the table's entries are of a word with itself."""
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    return given.numbers_in(generated)[rows] == table.indices


def _row_normalized(
    table: sparse.csr_array, values: Float[np.ndarray, " entry"]
) -> tuple[sparse.csr_array, Float[np.ndarray, " row"]]:
    """The table with `values` over their rows' sums; and these sums."""
    lengths = np.diff(table.indptr)
    sums = np.zeros(table.shape[0])
    filled = lengths > 0
    sums[filled] = np.add.reduceat(values, table.indptr[:-1][filled], dtype=np.float64)
    scale = np.repeat(1 / np.maximum(sums, 1e-300), lengths)
    data = (values * scale).astype(np.float32)
    return sparse.csr_array((data, table.indices, table.indptr), table.shape), sums


@compiled
def _reach(near, word_starts, word_sentence, word_relative, starts, tokens):
    """The sum of exp(-diagonal distance) over a sentence's given tokens, per generated token."""
    reach = np.zeros(tokens.shape[0])
    for token in range(word_sentence.shape[0]):
        start, stop = starts[word_sentence[token]], starts[word_sentence[token] + 1]
        for i in range(start, stop):
            gap = (i - start + 0.5) / (stop - start) - word_relative[token]
            reach[i] += near[int(abs(gap) * STEPS)]
    return reach


@compiled
def _expectation(
    probability: Float[np.ndarray, " entry"],
    null: Float[np.ndarray, " generated"],
    row_starts: Int[np.ndarray, " given_plus_1"],
    row_words: Int[np.ndarray, " entry"],
    p0: float,
    near: Float[np.ndarray, " step"],
    reach: Float[np.ndarray, " token"],
    counted: Float[np.ndarray, " token"],
    word_starts: Int[np.ndarray, " given_plus_1"],
    word_sentence: Int[np.ndarray, " given_token"],
    word_relative: Float[np.ndarray, " given_token"],
    starts: Int[np.ndarray, " sentence_plus_1"],
    tokens: Int[np.ndarray, " token"],
):
    """Probabilities of the generated tokens, and expected counts per table entry and for NULL."""
    row = np.zeros(null.shape[0])
    totals = np.zeros(tokens.shape[0])
    for word in range(row_starts.shape[0] - 1):
        for entry in range(row_starts[word], row_starts[word + 1]):
            row[row_words[entry]] = probability[entry]
        for token in range(word_starts[word], word_starts[word + 1]):
            start, stop = starts[word_sentence[token]], starts[word_sentence[token] + 1]
            for i in range(start, stop):
                gap = (i - start + 0.5) / (stop - start) - word_relative[token]
                totals[i] += near[int(abs(gap) * STEPS)] * row[tokens[i]]
    scale = np.zeros(tokens.shape[0])
    null_expected = np.zeros(null.shape[0])
    for i in range(tokens.shape[0]):
        weight = (1 - p0) / reach[i] if reach[i] > 0 else 0.0
        # Words of pairs that do not count alone have no probability at all.
        totals[i] = max(p0 * null[tokens[i]] + weight * totals[i], 1e-300)
        scale[i] = counted[i] * weight / totals[i]
        null_expected[tokens[i]] += counted[i] * p0 * null[tokens[i]] / totals[i]

    row[:] = 0.0
    expected = np.empty(probability.shape[0], np.float32)
    for word in range(row_starts.shape[0] - 1):
        for token in range(word_starts[word], word_starts[word + 1]):
            start, stop = starts[word_sentence[token]], starts[word_sentence[token] + 1]
            for i in range(start, stop):
                gap = (i - start + 0.5) / (stop - start) - word_relative[token]
                row[tokens[i]] += near[int(abs(gap) * STEPS)] * scale[i]
        for entry in range(row_starts[word], row_starts[word + 1]):
            expected[entry] = probability[entry] * row[row_words[entry]]
            row[row_words[entry]] = 0.0
    return totals, expected, null_expected
