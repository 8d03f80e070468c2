"""The one-to-one matching of least cost."""

import numpy as np
import torch

from optical_cli.transport.plan import TransportPlan
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.solvers._each import RealPart, each
from optical_cli.transport.solvers._matching import matching_plan


def assignment(problem: TransportProblem) -> TransportPlan:
    """Match as many pairs as the shorter side has tokens, at the least total cost.

    Which pairs are matched is no matter of marginals; a pair counts what its column weighs. With
    as many rows as columns and uniform marginals this is exact transport. Runs on the CPU, in
    threads.

    Source: Crouse 2016 (a shortest augmenting path method), as implemented in SciPy.
    """
    matched = np.zeros(problem.cost.shape, dtype=bool)
    for part, (rows, cols) in each(problem, _least_cost_matching):
        matched[part.index, part.rows[rows], part.cols[cols]] = True
    return matching_plan(problem, torch.from_numpy(matched).to(problem.cost.device), "assignment")


def _least_cost_matching(part: RealPart) -> tuple[np.ndarray, np.ndarray]:
    # Imported late, as POT is.
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(part.cost)
