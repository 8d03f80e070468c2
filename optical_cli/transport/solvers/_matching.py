"""Plans that pair tokens one to one."""

import torch
from jaxtyping import Bool
from torch import Tensor

from optical_cli.transport.plan import TransportPlan, assemble
from optical_cli.transport.problem import TransportProblem


def matching_plan(
    problem: TransportProblem, matched: Bool[Tensor, "batch row col"], solver: str
) -> TransportPlan:
    """The plan that shares a problem's mass equally among its matched pairs.

    With unequal numbers of rows and columns some stay without a partner, so the marginals are
    not met; the plan says by how much.
    """
    pairs = matched.sum((1, 2)).clamp_min(1)
    plan = matched.to(problem.cost) * (problem.mass / pairs)[:, None, None]
    found = torch.ones_like(pairs, dtype=torch.bool)
    return assemble(problem, plan, solver=solver, certificate=lambda: found)
