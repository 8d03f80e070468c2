"""Groups of pairs that share a side or are near copies, so that a split keeps them together."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int, UInt64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Edges = tuple[Int[np.ndarray, " edge"], Int[np.ndarray, " edge"]]


def connected(keys: Sequence[UInt64[np.ndarray, " pair"]], more: Edges) -> Int[np.ndarray, " pair"]:
    """Label pairs so that two agree if an entry of `keys` or an edge joins them, or others do."""
    edges = [*map(_edges, keys), more]
    left = np.concatenate([edge[0] for edge in edges])
    right = np.concatenate([edge[1] for edge in edges])
    count = len(keys[0])
    ones = np.ones(len(left), dtype=np.int8)
    graph = coo_array((ones, (left, right)), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _edges(column: UInt64[np.ndarray, " pair"]) -> Edges:
    """Each pair joined to the next that has its key."""
    order = np.argsort(column, kind="stable")
    same = column[order[1:]] == column[order[:-1]]
    return order[:-1][same], order[1:][same]
