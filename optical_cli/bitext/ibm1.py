"""IBM model 1 by expectation maximisation, over word counts.

With a sentence's given words f (each as often as it stands there, and NULL once) and generated
words e, an iteration sets::

    p(e | f)  <-  sum over sentences of  c(e) c(f) p(e | f) / sum_f' c(f') p(e | f')

normalised over e (Brown et al. 1993). The order of words plays no part, so sentences are rows of
sparse count matrices. No table of links between tokens is held: both passes of an iteration go
through the given words one by one, with one row of p spread over a scratch vector, so memory grows
with the distinct word pairs and the inner loops read consecutive memory.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numba
import numpy as np
from jaxtyping import Float, Int
from scipy import sparse

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counts:
    """How often each word stands in each sentence.

    Attributes:
        words: The vocabulary, by descending frequency, then alphabetically.
        matrix: Sentences in rows, words in columns.
    """

    words: list[str]
    matrix: sparse.csr_array

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], *, min_count: int = 1) -> "Counts":
        """Count `sentences`, without words that occur fewer than `min_count` times."""
        place: dict[str, int] = {}
        columns = [
            place.setdefault(word, len(place)) for sentence in sentences for word in sentence
        ]
        total = np.bincount(columns, minlength=len(place)) if place else np.zeros(0, np.int64)
        names = list(place)
        order = sorted(
            np.flatnonzero(total >= min_count).tolist(), key=lambda i: (-total[i], names[i])
        )
        return cls(
            [names[i] for i in order], _count_matrix(sentences, columns, len(place))[:, order]
        )


def _count_matrix(
    sentences: Sequence[Sequence[str]], columns: list[int], width: int
) -> sparse.csr_array:
    starts = np.cumsum([0, *map(len, sentences)])
    ones = np.ones(len(columns), np.int32)
    shape = (len(sentences), width)
    matrix = sparse.csr_array((ones, np.array(columns, np.int32), starts), shape=shape)
    matrix.sum_duplicates()
    return matrix


@dataclass
class Model1:
    """A translation table in training.

    Attributes:
        table: p(generated | given): given words in rows, each row sums to 1.
        null: p(generated | NULL).
        log_likelihood: Of the generated side under the parameters before the last iteration,
            up to a constant that depends on sentence lengths alone.
    """

    table: sparse.csr_array
    null: Float[np.ndarray, " generated"]
    log_likelihood: float = -np.inf


def iterate(given: sparse.csr_array, generated: sparse.csr_array) -> Iterator[Model1]:
    """Yield the model after each iteration, without end, from a uniform start.

    Args:
        given: Counts of the words that are conditioned on, sentences in rows.
        generated: Counts of the other side's words, the same sentences in rows.
    """
    table = _uniform(given, generated)
    width = generated.shape[1]
    null = np.full(width, 1.0 / max(width, 1))
    by_word = given.tocsc()
    arrays = (
        table.indptr, table.indices, by_word.indptr, by_word.indices, by_word.data,
        generated.indptr, generated.indices, generated.data,
    )  # fmt: skip
    while True:
        expected, null_expected, likelihood = _expectation(table.data, null, *arrays)
        table = _row_normalized(table, expected)
        null = null_expected / max(null_expected.sum(), 1e-300)
        yield Model1(table, null, likelihood)


def fit(given: sparse.csr_array, generated: sparse.csr_array, iterations: int) -> Model1:
    """The model after `iterations` iterations."""
    for number, model in enumerate(iterate(given, generated), start=1):
        logger.debug("iteration %d: log likelihood %.6g", number, model.log_likelihood)
        if number >= iterations:
            return model
    raise AssertionError("iterate never ends")


def _uniform(given: sparse.csr_array, generated: sparse.csr_array) -> sparse.csr_array:
    """Every pair of words that share a sentence, at one probability per row."""
    together = sparse.csr_array((given > 0).astype(np.int32).T @ (generated > 0).astype(np.int32))
    table = sparse.csr_array(
        (np.ones(together.nnz, np.float32), together.indices, together.indptr), together.shape
    )
    return _row_normalized(table, table.data)


def _row_normalized(
    table: sparse.csr_array, values: Float[np.ndarray, " entry"]
) -> sparse.csr_array:
    lengths = np.diff(table.indptr)
    sums = np.zeros(table.shape[0])
    filled = lengths > 0
    sums[filled] = np.add.reduceat(values, table.indptr[:-1][filled], dtype=np.float64)
    scale = np.repeat(1 / np.maximum(sums, 1e-300), lengths)
    data = (values * scale).astype(np.float32)
    return sparse.csr_array((data, table.indices, table.indptr), table.shape)


@numba.njit(cache=True)
def _expectation(
    probability: Float[np.ndarray, " entry"],
    null: Float[np.ndarray, " generated"],
    row_starts: Int[np.ndarray, " given_plus_1"],
    row_words: Int[np.ndarray, " entry"],
    given_starts: Int[np.ndarray, " given_plus_1"],
    given_sentences: Int[np.ndarray, " given_count"],
    given_counts: Int[np.ndarray, " given_count"],
    sentence_starts: Int[np.ndarray, " sentence_plus_1"],
    sentence_words: Int[np.ndarray, " generated_count"],
    sentence_counts: Int[np.ndarray, " generated_count"],
):
    """Expected counts per table entry and for NULL, and the log likelihood."""
    row = np.zeros(null.shape[0])
    totals = null[sentence_words]
    for word in range(row_starts.shape[0] - 1):
        start, stop = row_starts[word], row_starts[word + 1]
        for entry in range(start, stop):
            row[row_words[entry]] = probability[entry]
        for place in range(given_starts[word], given_starts[word + 1]):
            sentence, count = given_sentences[place], given_counts[place]
            for i in range(sentence_starts[sentence], sentence_starts[sentence + 1]):
                totals[i] += count * row[sentence_words[i]]
    likelihood = (sentence_counts * np.log(totals)).sum()
    shares = sentence_counts / totals

    row[:] = 0.0
    expected = np.empty(probability.shape[0], np.float32)
    for word in range(row_starts.shape[0] - 1):
        for place in range(given_starts[word], given_starts[word + 1]):
            sentence, count = given_sentences[place], given_counts[place]
            for i in range(sentence_starts[sentence], sentence_starts[sentence + 1]):
                row[sentence_words[i]] += count * shares[i]
        for entry in range(row_starts[word], row_starts[word + 1]):
            expected[entry] = probability[entry] * row[row_words[entry]]
            row[row_words[entry]] = 0.0
    null_expected = np.zeros(null.shape[0])
    for i in range(sentence_words.shape[0]):
        null_expected[sentence_words[i]] += null[sentence_words[i]] * shares[i]
    return expected, null_expected, likelihood
