"""Solve the problems of a batch one by one on the CPU, in as many threads as torch may use."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from optical_cli.transport.problem import TransportProblem


@dataclass(frozen=True)
class RealPart:
    """One problem without its padding, in float64.

    Attributes:
        index: Its place in the batch.
        rows: Places of its rows that have mass.
        cols: Places of its columns that have mass.
        cost: ``[rows, cols]``.
        row_marginal: ``[rows]``.
        col_marginal: ``[cols]``.
    """

    index: int
    rows: np.ndarray
    cols: np.ndarray
    cost: np.ndarray
    row_marginal: np.ndarray
    col_marginal: np.ndarray


def each(
    problem: TransportProblem, function: Callable[[RealPart], Any]
) -> Iterator[tuple[RealPart, Any]]:
    """Every problem that has mass, with what `function` makes of it.

    Threads help because POT's and SciPy's solvers release the interpreter lock.
    """
    parts = list(_real_parts(problem))
    workers = min(torch.get_num_threads(), len(parts))
    if workers <= 1:
        yield from ((part, function(part)) for part in parts)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from zip(parts, pool.map(function, parts), strict=True)


def _real_parts(problem: TransportProblem) -> Iterator[RealPart]:
    cost = problem.cost.cpu().numpy()
    row_marginal = problem.row_marginal.cpu().double().numpy()
    col_marginal = problem.col_marginal.cpu().double().numpy()
    for index, (row, col) in enumerate(zip(row_marginal, col_marginal, strict=True)):
        rows, cols = np.flatnonzero(row), np.flatnonzero(col)
        if len(rows):
            part = cost[index][np.ix_(rows, cols)].astype(np.float64, order="C")
            yield RealPart(index, rows, cols, part, row[rows], col[cols])
