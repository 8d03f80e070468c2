"""The second half of MaxSim: from similarities of tokens to scores of passages.

    score[p, q] = sum over query tokens i of  max over passage tokens j of  similarity[j, i]

Similarities have a passage token in each row, so that the maximum runs down columns and the
compiler vectorises it across them.
"""

import numpy as np
from jaxtyping import Float, Int

from optical_cli.compiled import compiled


@compiled
def fold_tile(
    similarity: Float[np.ndarray, "row column"],
    first_row: int,
    rows: int,
    offsets: Int[np.ndarray, " passage_and_one"],
    passage: int,
    best: Float[np.ndarray, " column"],
    starts: Int[np.ndarray, " query_and_one"],
    scores: Float[np.ndarray, "passage query"],
) -> int:
    """Take one tile of similarities into account.

    Args:
        similarity: Products of passage tokens (rows) and query tokens (columns).
        first_row: Which token of the block the first row is.
        rows: How many rows count; those behind are padding.
        offsets: Where the block's passages start among its tokens.
        passage: The passage that the tile starts in.
        best: Maxima so far of that passage; afterwards those of the one that the tile ends in.
        starts: First column of each query.
        scores: Gets the scores of passages that end in the tile; -inf of those without tokens.

    Returns:
        The first passage that is not finished.
    """
    columns = starts[-1]
    row = 0
    while passage < len(offsets) - 1:
        stop = min(offsets[passage + 1] - first_row, rows)
        for r in range(row, stop):
            for c in range(columns):
                value = similarity[r, c]
                best[c] = value if value > best[c] else best[c]
        row = max(row, stop)
        if offsets[passage + 1] - first_row > rows:
            return passage
        for q in range(len(starts) - 1):
            total = 0.0
            for c in range(starts[q], starts[q + 1]):
                total += best[c]
            scores[passage, q] = total
        best[:] = -np.inf
        passage += 1
    return passage
