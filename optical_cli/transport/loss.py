"""The loss that moves the student: a plan's expected cost, differentiable in the vectors alone."""

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.errors import UsageError
from optical_cli.transport.plan import TransportPlan
from optical_cli.transport.precision import at_least_single, without_autocast


def transport_loss(
    cost: Float[Tensor, "batch row col"],
    plan: TransportPlan,
    col_cost: Float[Tensor, "batch col col"] | None = None,
) -> Float[Tensor, " batch"]:
    """Expected cost under a constant plan: ``sum_ij P_ij C_ij``.

    For the plan of a Sinkhorn divergence ``- 1/2 sum_jk Q_jk D_jk`` follows, with the columns'
    plan to themselves Q and their own costs D, which depend on the student too, and the rows' own
    term as a constant.

    By the envelope theorem the gradient is that of exact transport where its optimum is unique,
    and of `regularized_cost` (with its self-term: of the divergence) for a converged entropic or
    unbalanced plan. For truncated IPOT it approximates the former. Costs at pairs without mass
    are ignored, whatever they are; but vectors that make them infinite or NaN still have such
    gradients, so padding wants finite ones: see `TokenSide.without_padding`. float32 or wider,
    inside autocast too.

    Args:
        cost: Costs that the student's vectors have a gradient through, without a prior.
        plan: The plan, made of these costs or of similar ones.
        col_cost: Costs of the columns to themselves; for a Sinkhorn divergence alone.

    Raises:
        UsageError: The plan is that of a divergence and `col_cost` is missing.
    """
    with without_autocast(cost):
        loss = _expected(plan.plan, cost)
        if plan.col_self_plan is None:
            return loss
        if col_cost is None:
            raise UsageError("the loss of a Sinkhorn divergence needs the columns' own costs")
        loss = loss - _expected(plan.col_self_plan, col_cost) / 2
        return loss if plan.row_self_cost is None else loss - plan.row_self_cost / 2


def _expected(plan: Tensor, cost: Tensor) -> Tensor:
    cost = at_least_single(cost)
    return (plan * torch.where(plan > 0, cost, 0.0)).sum((1, 2))
