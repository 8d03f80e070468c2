"""Plans that pair tokens one to one."""

import torch
from jaxtyping import Bool
from torch import Tensor

from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem


def matching_plan(
    problem: TransportProblem, matched: Bool[Tensor, "batch row col"], solver: str
) -> TransportPlan:
    """The plan that shares a problem's mass among its matched pairs, as columns weigh.

    Equal columns are equal pairs. A row takes what its column has, and with unequal numbers of rows
    and columns some stay without a partner, so the marginals are not met; the plan says by how
    much.
    """
    plan = matched * problem.col_marginal[:, None, :]
    whole = plan.sum((1, 2))
    plan = plan * (problem.mass / whole.clamp_min(torch.finfo(plan.dtype).tiny))[:, None, None]
    found = torch.ones_like(whole, dtype=torch.bool)
    return assemble(problem, plan, solver=solver, certificate=lambda: found)
