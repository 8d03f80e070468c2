"""The k best passages of each query under the one tie rule: score, then doc id, descending."""

from collections.abc import Callable, Iterable

import numpy as np
from jaxtyping import Float, Int

from optical_cli.compiled import compiled

Ranking = list[tuple[str, float]]
SPARE = 1024


def ranked(scored: Iterable[tuple[str, float]]) -> Ranking:
    """Passages best first; one that scores -inf, because it has no tokens, is left out."""
    found = [(score, name) for name, score in scored if score > -np.inf]
    return [(name, score) for score, name in sorted(found, reverse=True)]


class TopK:
    """Keeps the best passages of several queries while scores come in, in any order.

    A buffer of somewhat more than k passages a query fills up and is then cut back to k, so memory
    does not grow with the collection. Among equal scores at the cut, doc ids decide.
    """

    def __init__(self, queries: int, k: int, doc_id: Callable[[int], str]):
        """Start empty.

        Args:
            queries: How many queries.
            k: Passages kept of each.
            doc_id: The id of a passage by its place.
        """
        self.k = k
        self.doc_id = doc_id
        room = 2 * k + SPARE
        self.scores = np.empty((queries, room), np.float32)
        self.places = np.empty((queries, room), np.int64)
        self.counts = np.zeros(queries, np.int64)
        # What cannot enter; -inf itself never does: it is the score of a passage without tokens.
        self.floor = np.full(queries, -np.inf, np.float32)

    def offer(
        self, first_query: int, first_place: int, scores: Float[np.ndarray, "passage query"]
    ) -> None:
        """Take in the scores of consecutive passages for consecutive queries."""
        start = 0
        span = slice(first_query, first_query + scores.shape[1])
        while start < len(scores):
            start = _push(
                scores, start, first_place, self.scores[span], self.places[span],
                self.counts[span], self.floor[span],
            )  # fmt: skip
            if start < len(scores):
                for query in range(span.start, span.stop):
                    if self.counts[query] > self.scores.shape[1] // 2:
                        self._cut(query)

    def _cut(self, query: int) -> None:
        count = int(self.counts[query])
        if count <= self.k:
            return
        kept = self._best(self.scores[query, :count], self.places[query, :count])
        self.scores[query, : self.k] = self.scores[query, kept]
        self.places[query, : self.k] = self.places[query, kept]
        self.counts[query] = self.k
        self.floor[query] = self.scores[query, : self.k].min()

    def _best(
        self, scores: Float[np.ndarray, " found"], places: Int[np.ndarray, " found"]
    ) -> Int[np.ndarray, " k"]:
        """Which k of more than k passages are the best."""
        cut = np.partition(scores, len(scores) - self.k)[len(scores) - self.k]
        above = np.flatnonzero(scores > cut)
        tied = np.flatnonzero(scores == cut)
        if len(above) + len(tied) > self.k:
            tied = sorted(tied.tolist(), key=lambda i: self.doc_id(int(places[i])), reverse=True)
        return np.concatenate([above, np.array(tied[: self.k - len(above)], np.int64)])

    def rankings(self) -> list[Ranking]:
        """The best passages of each query, best first."""
        found = [self.found(query) for query in range(len(self.counts))]
        # Queries share many passages, whose ids are then looked up once.
        different = np.unique(np.concatenate([*found, np.empty(0, np.int64)])).tolist()
        names = {place: self.doc_id(place) for place in different}
        return [
            ranked(zip(map(names.__getitem__, places.tolist()),
                       self.scores[query, : len(places)].tolist(), strict=True))
            for query, places in enumerate(found)
        ]  # fmt: skip

    def found(self, query: int) -> Int[np.ndarray, " k"]:
        """Places of the best passages of a query, in no order."""
        self._cut(query)
        return self.places[query, : self.counts[query]]


@compiled
def _push(scores, start, first_place, kept, places, counts, floor):
    """Append what may be among the best; stop in front of a passage where a buffer is full."""
    room = kept.shape[1]
    for p in range(start, scores.shape[0]):
        for q in range(scores.shape[1]):
            if counts[q] >= room:
                return p
        for q in range(scores.shape[1]):
            score = scores[p, q]
            # A passage that equals the floor may still win by its doc id.
            if score >= floor[q] and score > -np.inf:
                kept[q, counts[q]] = score
                places[q, counts[q]] = first_place + p
                counts[q] += 1
    return scores.shape[0]
