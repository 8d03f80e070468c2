"""From scores of all passages to rankings, by the one tie rule: score as float32 descending, then
doc id descending.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float

Ranking = list[tuple[str, float]]
# A query's text to the score of every passage
Scorer = Callable[[str], Float[np.ndarray, " passage"]]


def rank_all(
    queries: Mapping[str, str], scorer: Scorer, doc_ids: Sequence[str], top_k: int
) -> Iterator[tuple[str, Ranking]]:
    """Yield every query's id with its ranking."""
    ranker = Ranker(doc_ids, top_k)
    for query_id, text in queries.items():
        yield query_id, ranker(scorer(text))


class Ranker:
    """Turns scores of all passages into a ranking by the one tie rule."""

    def __init__(self, doc_ids: Sequence[str], top_k: int):
        self.doc_ids = doc_ids
        self.top_k = top_k
        # Equal scores go by doc id descending, so positions sorted so once serve every query.
        self.order = np.array(
            sorted(range(len(doc_ids)), key=doc_ids.__getitem__, reverse=True), np.int64
        )

    def __call__(self, scores: Float[np.ndarray, " passage"]) -> Ranking:
        """The `top_k` best of the passages scored above 0, as (doc id, score)."""
        values = np.asarray(scores, np.float32)[self.order]
        places = np.argsort(-values, kind="stable")[: self.top_k]
        return [
            (self.doc_ids[self.order[place]], float(values[place]))
            for place in places
            if values[place] > 0
        ]
