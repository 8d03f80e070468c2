"""Probabilistic structured queries: foreign words matched through a lexicon.

A query word f counts in a passage as often as its translations do in expectation (Darwish & Oard
2003)::

    tf(f, d) = sum over e of p(e | f) tf(e, d),    df(f) = sum over e of p(e | f) df(e),

and BM25 is computed on these. With every p one and the word itself, it is plain BM25.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from scipy import sparse

from optical_cli.bitext.ibm1 import Corpus
from optical_cli.errors import InputError
from optical_cli.retrieval.lexical_settings import Bm25Settings, StructuredQuerySettings
from optical_cli.text.terms import terms

# A query word to its translations with their probabilities
Translate = Callable[[str], Mapping[str, float]]


class StructuredQueries:
    """An index of passages in the source language that answers queries in the target language."""

    def __init__(self, texts: Sequence[str], translate: Translate, settings: Bm25Settings):
        """Index `texts`.

        Args:
            texts: The passages.
            translate: The translations of a query word; a word without any stands for itself.
            settings: BM25's constants.

        Raises:
            InputError: No passage has a word.
        """
        corpus = Corpus.of([terms(text) for text in texts])
        if not corpus.words:
            raise InputError("the collection has no words")
        self.translate = translate
        self.place = {word: i for i, word in enumerate(corpus.words)}
        self.postings = sparse.csc_array(corpus.matrix, dtype=np.float64)
        lengths = np.diff(corpus.starts)
        self.saturation = settings.k1 * (
            1 - settings.b + settings.b * lengths / max(lengths.mean(), 1e-300)
        )

    def scores(self, query: str) -> Float[np.ndarray, " passage"]:
        """The score of every passage; a word that stands twice in the query counts twice."""
        total = np.zeros(len(self.saturation))
        for word in terms(query):
            frequency, spread = self._expected(word)
            total += self._idf(spread) * frequency / (frequency + self.saturation)
        return total

    def _expected(self, word: str) -> tuple[Float[np.ndarray, " passage"], float]:
        """Expected term frequency in every passage, and document frequency."""
        frequency, spread = np.zeros(len(self.saturation)), 0.0
        for translation, p in (self.translate(word) or {word: 1.0}).items():
            column = self.place.get(translation)
            if column is None:
                continue
            start, stop = self.postings.indptr[column : column + 2]
            frequency[self.postings.indices[start:stop]] += p * self.postings.data[start:stop]
            spread += p * (stop - start)
        return frequency, spread

    def _idf(self, spread: float) -> float:
        # Translations of a dictionary may all have probability 1, and more passages than there are.
        spread = min(spread, len(self.saturation))
        return float(np.log1p((len(self.saturation) - spread + 0.5) / (spread + 0.5)))


def best_translations(
    translations: Mapping[str, float], settings: StructuredQuerySettings
) -> dict[str, float]:
    """The `translations` best ones of at least `min_translation`, as probable as they were."""
    best = sorted(translations.items(), key=lambda item: (-item[1], item[0]))
    return {word: p for word, p in best[: settings.translations] if p >= settings.min_translation}
