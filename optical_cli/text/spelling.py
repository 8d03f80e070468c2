"""Which known words are spelt like a word: stems with other affixes, mostly.

Words are bags of character n-grams with their ends marked, n = 3 to 6, each weighted by how rare it
is among the known words, and compared by cosine. An n-gram that no known word has counts as the
rarest: a word of unheard-of parts is like nothing, as most names are.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from jaxtyping import Float, Int
from scipy import sparse

from optical_cli.text.segment import JOINER

SIZES = (3, 4, 5, 6)
# N-grams that a larger share of the known words have tell little and cost most.
LARGEST_SHARE = 0.05
FEW_WORDS = 20
# Known words that an unknown one takes from, at most.
NEIGHBORS = 10
ROWS_AT_ONCE = 2048
END = "\u0000"


class SpellingIndex:
    """Known words, to be asked for those that are spelt like others."""

    def __init__(self, words: Sequence[str]):
        self.words = list(words)
        self._place: dict[str, int] = {}
        counts = self._incidence(self.words, learn=True)
        spread = np.asarray(counts.sum(axis=0))
        weights = np.log(max(len(self.words), 1) / np.maximum(spread, 1))
        weights[spread > max(LARGEST_SHARE * len(self.words), FEW_WORDS)] = 0
        self._weights = weights
        weighted = self._weighted(counts)
        norms = np.sqrt(weighted.multiply(weighted).sum(axis=1))
        self._known = sparse.csr_array(_rows_divided(weighted, norms).T)

    def similar(
        self, words: Sequence[str], *, count: int, least: float
    ) -> Iterator[list[tuple[int, float]]]:
        """For each of `words`, the places of known words like it, and how like they are.

        Args:
            words: Any words. A known one is not like itself.
            count: Known words at most.
            least: The least similarity, above 0 and at most 1.
        """
        own = {word: place for place, word in enumerate(self.words)}
        remaining = iter(words)
        while block := list(islice(remaining, ROWS_AT_ONCE)):
            table = self._similarities(block)
            for row, word in enumerate(block):
                start, stop = table.indptr[row], table.indptr[row + 1]
                places, values = table.indices[start:stop], table.data[start:stop]
                kept = (values >= least) & (places != own.get(word, -1))
                yield _best(places[kept], values[kept], count)

    def _similarities(self, words: Sequence[str]) -> sparse.csr_array:
        """Cosines, `words` in rows and known words in columns, where they share an n-gram."""
        grams = [ngrams(word) for word in words]
        counts = self._incidence(words, learn=False)
        unheard = np.array([len(found) for found in grams]) - counts.sum(axis=1)
        weighted = self._weighted(counts)
        squares = weighted.multiply(weighted).sum(axis=1)
        rarest = math.log(max(len(self.words), 1))
        norms = np.sqrt(squares + unheard * rarest**2)
        return sparse.csr_array(_rows_divided(weighted, norms) @ self._known)

    def _incidence(self, words: Sequence[str], *, learn: bool) -> sparse.csr_array:
        """Which n-grams each word has; those not heard of before are learned or left out."""
        columns: list[int] = []
        starts = [0]
        for word in words:
            for gram in ngrams(word):
                place = self._place.get(gram)
                if place is None and learn:
                    place = self._place[gram] = len(self._place)
                if place is not None:
                    columns.append(place)
            starts.append(len(columns))
        shape = (len(words), max(len(self._place), 1))
        return sparse.csr_array((np.ones(len(columns)), columns, starts), shape=shape)

    def _weighted(self, counts: sparse.csr_array) -> sparse.csr_array:
        weighted = counts.copy()
        weighted.data = self._weights[counts.indices]
        weighted.eliminate_zeros()
        return weighted


def ngrams(word: str) -> list[str]:
    """The different character n-grams of `word` between its end marks, in order.

    Joiners, which nobody sees, are no characters.
    """
    marked = f"{END}{word.replace(JOINER, '')}{END}"
    return list(
        dict.fromkeys(
            marked[start : start + size]
            for size in SIZES
            for start in range(len(marked) - size + 1)
        )
    )


def _rows_divided(matrix: sparse.csr_array, norms: Float[np.ndarray, " row"]) -> sparse.csr_array:
    """`matrix` with rows of length 1, in relation to `norms`; rows of zeros stay."""
    return sparse.diags_array(1 / np.where(norms > 0, norms, 1)) @ matrix


def _best(
    places: Int[np.ndarray, " found"], values: Float[np.ndarray, " found"], count: int
) -> list[tuple[int, float]]:
    """The greatest values, equal ones by place."""
    order = np.lexsort((places, -values))[:count]
    return list(zip(places[order].tolist(), values[order].tolist(), strict=True))
