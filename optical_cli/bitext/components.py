"""Groups of pairs that share a side, so that a split can keep them together."""

import numpy as np
from jaxtyping import Int, UInt64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connected(count: int, keys: list[UInt64[np.ndarray, "pair"]]) -> Int[np.ndarray, "pair"]:
    """Label pairs so that two with an equal entry in any of `keys`, or joined by others, agree."""
    edges = [_edges(column) for column in keys]
    left = np.concatenate([edge[0] for edge in edges])
    right = np.concatenate([edge[1] for edge in edges])
    ones = np.ones(len(left), dtype=np.int8)
    graph = coo_array((ones, (left, right)), shape=(count, count))
    return connected_components(graph, directed=False)[1]


def _edges(column: UInt64[np.ndarray, "pair"]) -> tuple[np.ndarray, np.ndarray]:
    """Each pair joined to the next that has its key."""
    order = np.argsort(column, kind="stable")
    same = column[order[1:]] == column[order[:-1]]
    return order[:-1][same], order[1:][same]
