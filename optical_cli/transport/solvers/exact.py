"""Exact transport by POT's network simplex."""

import numpy as np
import torch

from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem
from optical_cli.transport.solvers._each import RealPart, each

OPTIMAL = 1
PIVOTS = 10_000_000


def exact(problem: TransportProblem, *, pivots: int = PIVOTS) -> TransportPlan:
    """Minimize ``<P, C>`` over plans with the given marginals, to the last digit of float64.

    The optimum is a vertex: at most rows + columns - 1 pairs have mass. With as many rows as
    columns and uniform marginals some optimum is a permutation. The potentials satisfy
    ``f_i + g_j <= C_ij``, with equality where the plan has mass. Rows and columns without mass
    are left out. Runs on the CPU, in threads.

    Args:
        problem: What to solve.
        pivots: Most pivots of the simplex; a problem that needs more is reported as not
            converged.

    Source: Bonneel et al. 2011, as implemented in POT (Flamary et al. 2021).
    """
    plan = np.zeros(problem.cost.shape)
    row_potential = np.zeros(problem.row_marginal.shape)
    col_potential = np.zeros(problem.col_marginal.shape)
    optimal = np.ones(len(plan), dtype=bool)
    for part, (flow, log) in each(problem, lambda part: _network_simplex(part, pivots)):
        plan[part.index][np.ix_(part.rows, part.cols)] = flow
        row_potential[part.index, part.rows] = log["u"]
        col_potential[part.index, part.cols] = log["v"]
        optimal[part.index] = log["result_code"] == OPTIMAL
    like = problem.cost
    return assemble(
        problem,
        torch.from_numpy(plan).to(like),
        solver="exact",
        certificate=lambda: torch.from_numpy(optimal).to(like.device),
        row_potential=torch.from_numpy(row_potential).to(like),
        col_potential=torch.from_numpy(col_potential).to(like),
    )


def _network_simplex(part: RealPart, pivots: int) -> tuple[np.ndarray, dict]:
    # Imported late: POT loads much that no other solver needs.
    import ot

    # POT calls problems with costs below -1 infeasible.
    least = min(part.cost.min(), 0.0)
    flow, log = ot.emd(
        part.row_marginal, part.col_marginal, part.cost - least if least else part.cost,
        numItermax=pivots, log=True,
        # The front door has checked, in float32's tolerance; centering takes a third of the time.
        check_marginals=False, center_dual=False,
    )  # fmt: skip
    return flow, log | {"u": log["u"] + least}
