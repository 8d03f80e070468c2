"""What the words of two sentences say about whether one translates the other.

With an IBM model 1 that has learned from other pairs, a generated word e beside the given words
f_1 .. f_n is so much more probable than anywhere::

    ratio(e)  =  p0 + (1 - p0) / n  sum over i of p~(e | f_i) / q(e)
    p~(e | f) =  (N(e, f) + q(e) / 2 + [e = f] / 2) / (N(f) + 1/2 + [f is a word of both sides] / 2)

N are the model's expected counts and q the share of e among all words: what the model does not
know counts for nothing, but names are spelt alike. log ratio is averaged over the words of a
sentence, and over the directions; how long the sides are beside each other counts like words, too.

Source: model 1 as in `ibm1`; filtering by its likelihood as in Khadivi and Ney 2005, "Automatic
filtering of bilingual corpora"; lengths as in Gale and Church 1993, log-normal here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from optical_cli.bitext.ibm1 import Corpus, Model1, fit
from optical_cli.compiled import compiled
from optical_cli.text.terms import terms

# Inflection and compounds hide from a few thousand pairs which words belong together.
STEM = 4
# Word order is no evidence here, but keeps the models from learning accidents.
DIAGONAL = 2.0
ITERATIONS = 5
# Observations in advance: of any word, and of a word's own spelling.
ANY, ITSELF = 0.5, 0.5
# The share of words that come from nowhere. Larger than in training: the models are others'.
P0 = 0.2
# The lengths count for as much as one word in so many.
WORDS_FOR_LENGTH = 10
# So that equal lengths throughout do not make every other length impossible.
LEAST_VARIANCE = 0.01

Places = Int[np.ndarray, " pair"]
Evidence = Float[np.ndarray, " pair"]


@dataclass(frozen=True)
class Sides:
    """Bitext as numbers.

    Attributes:
        source: Beginnings of the source words.
        target: Of the target words.
        lengths: Logarithms of the numbers of characters, source then target.
    """

    source: Corpus
    target: Corpus
    lengths: Float[np.ndarray, "2 pair"]

    @classmethod
    def of(cls, sources: Sequence[str], targets: Sequence[str]) -> "Sides":
        """Read the sentences of both sides."""
        corpora = [
            Corpus.of([[term[:STEM] for term in terms(text)] for text in side])
            for side in (sources, targets)
        ]
        lengths = [[np.log(len(text) + 1) for text in side] for side in (sources, targets)]
        return cls(*corpora, np.array(lengths))


class Judge:
    """Models, one each way, and what they make of pairs.

    Args:
        sides: The bitext.
        weights: How much each pair of it counts in learning; 0 for those to be judged.
    """

    def __init__(self, sides: Sides, weights: Evidence):
        self.sides = sides
        source, target = sides.source, sides.target
        how = {"diagonal": DIAGONAL, "weights": weights}
        self.forward = fit(source, target, ITERATIONS, **how)
        self.backward = fit(target, source, ITERATIONS, **how)
        gap = np.subtract(*sides.lengths)
        self.usual = np.average(gap, weights=weights)
        self.variance = np.average((gap - self.usual) ** 2, weights=weights) + LEAST_VARIANCE

    def __call__(self, sources: Places, targets: Places) -> Evidence:
        """Nats for a word, above 0 if the sides fit better than any would, for each pair of them.

        Args:
            sources: Places of source sentences.
            targets: Of the target sentence beside each.
        """
        source, target = self.sides.source.take(sources), self.sides.target.take(targets)
        ahead = mean_log_ratio(self.forward, source, target, self.sides.target.counts)
        back = mean_log_ratio(self.backward, target, source, self.sides.source.counts)
        return (ahead + back) / 2 + self._of_lengths(sources, targets) / WORDS_FOR_LENGTH

    def _of_lengths(self, sources: Places, targets: Places) -> Evidence:
        """The log ratio of this difference of lengths in translations and in any two sentences."""
        lengths = self.sides.lengths
        off = (lengths[0, sources] - lengths[1, targets] - self.usual) ** 2
        anywhere = lengths.var(axis=1).sum() + LEAST_VARIANCE
        return (off / anywhere - off / self.variance - np.log(self.variance / anywhere)) / 2


def mean_log_ratio(
    model: Model1, given: Corpus, generated: Corpus, counts: Int[np.ndarray, " generated"]
) -> Evidence:
    """The mean of log ratio(e) over each generated sentence; 0 where a side has no words.

    Args:
        model: Has learned p(generated | given) over these vocabularies.
        given: Sentences.
        generated: As many.
        counts: How often each generated word occurs in all, for q.
    """
    share = counts / max(counts.sum(), 1)
    table, words = model.table, given.places
    sums = _sums(
        table.data, table.indptr, table.indices, model.observed, share,
        given.numbers_in(generated),
        words.starts, words.sentence, generated.starts, generated.tokens,
    )  # fmt: skip
    lengths = np.diff(generated.starts)
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    n = np.diff(given.starts)[sentence]
    alone = share[generated.tokens]
    beside = np.where(n > 0, sums / np.maximum(n, 1), alone)
    ratio = P0 + (1 - P0) * beside / alone
    return np.bincount(sentence, np.log(ratio), len(lengths)) / np.maximum(lengths, 1)


@compiled
def _sums(
    probability: Float[np.ndarray, " entry"],
    row_starts: Int[np.ndarray, " given_plus_1"],
    row_words: Int[np.ndarray, " entry"],
    observed: Float[np.ndarray, " given"],
    share: Float[np.ndarray, " generated"],
    same: Int[np.ndarray, " given"],
    word_starts: Int[np.ndarray, " given_plus_1"],
    word_sentence: Int[np.ndarray, " given_token"],
    starts: Int[np.ndarray, " sentence_plus_1"],
    tokens: Int[np.ndarray, " token"],
):
    """The sum of p~(e | f) over the given words f of each generated token e's sentence."""
    row = np.zeros(share.shape[0])
    sums = np.zeros(tokens.shape[0])
    for word in range(row_starts.shape[0] - 1):
        if word_starts[word] == word_starts[word + 1]:
            continue
        known = observed[word] + ANY
        for entry in range(row_starts[word], row_starts[word + 1]):
            row[row_words[entry]] = observed[word] * probability[entry]
        if same[word] >= 0:
            known += ITSELF
            row[same[word]] += ITSELF
        for token in range(word_starts[word], word_starts[word + 1]):
            sentence = word_sentence[token]
            for i in range(starts[sentence], starts[sentence + 1]):
                sums[i] += (row[tokens[i]] + ANY * share[tokens[i]]) / known
        if same[word] >= 0:
            row[same[word]] = 0.0
        for entry in range(row_starts[word], row_starts[word + 1]):
            row[row_words[entry]] = 0.0
    return sums
