"""What a solver gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from optical_cli.transport.precision import without_autocast
from optical_cli.transport.problem import TransportProblem

Certificate = Callable[[], Bool[Tensor, " batch"]]


@dataclass(frozen=True)
class TransportPlan:
    """A batch of plans and how good they are; nothing in it carries a gradient.

    Attributes:
        plan: Mass moved from each row to each column; zero at padding.
        transport_cost: ``<plan, cost>``.
        marginal_error: Mass by which the plan misses its marginals: the L1 distance on the
            worse side. Unbalanced, partial and one-to-one plans miss them by design.
        certificate: What tells whether the plan has `converged`, which costs something; called
            when that is first asked.
        iterations: Iterations that were run; 0 for a direct method.
        solver: Name of the solver that made it.
        regularized_cost: What an entropic solver minimizes, its regularization included; the
            plan is the gradient of this with respect to the cost. None for other solvers.
        row_potential: Dual value of each row, zero at padding; None where there are none.
        col_potential: Dual value of each column, likewise.
        divergence: The debiased Sinkhorn divergence, where asked for.
        col_self_plan: Plan of the columns to themselves, which the divergence's gradient needs.
        row_self_cost: ``<plan, cost>`` of the rows to themselves, a constant of that loss.
    """

    plan: Float[Tensor, "batch row col"]
    transport_cost: Float[Tensor, " batch"]
    marginal_error: Float[Tensor, " batch"]
    certificate: Certificate
    iterations: int
    solver: str
    regularized_cost: Float[Tensor, " batch"] | None = None
    row_potential: Float[Tensor, "batch row"] | None = None
    col_potential: Float[Tensor, "batch col"] | None = None
    divergence: Float[Tensor, " batch"] | None = None
    col_self_plan: Float[Tensor, "batch col col"] | None = None
    row_self_cost: Float[Tensor, " batch"] | None = None

    @cached_property
    def converged(self) -> Bool[Tensor, " batch"]:
        """Whether the plan is what its solver tends to, within the solver's tolerance.

        A plan that is not is still a plan: this is data, not an exception.
        """
        with torch.no_grad(), without_autocast(self.plan):
            return self.certificate()

    def scaled(self, mass: Float[Tensor, " batch"]) -> "TransportPlan":
        """The plan of the problem whose marginals are `mass` times as heavy."""
        return replace(self, **{
            name: value * mass.reshape(-1, *[1] * (value.ndim - 1))
            for name, value in self._linear().items()
        })  # fmt: skip

    def merged(self, blocks: int) -> "TransportPlan":
        """One plan per problem from `blocks` that were solved in turn, each for the whole batch.

        Plans, costs and errors add up; a problem has converged when all its blocks have. There
        are no common potentials.
        """
        added = {
            name: value.unflatten(0, (blocks, -1)).sum(0) for name, value in self._linear().items()
        }
        return replace(
            self, certificate=lambda: self.converged.unflatten(0, (blocks, -1)).all(0),
            row_potential=None, col_potential=None, **added,
        )  # fmt: skip

    @staticmethod
    def concatenated(plans: Sequence["TransportPlan"]) -> "TransportPlan":
        """The plans of one batch that was solved in pieces, in order."""
        if len(plans) == 1:
            return plans[0]
        names = [f.name for f in fields(plans[0]) if isinstance(getattr(plans[0], f.name), Tensor)]
        joined = {name: torch.cat([getattr(plan, name) for plan in plans]) for name in names}
        return replace(
            plans[0], certificate=lambda: torch.cat([plan.converged for plan in plans]), **joined
        )

    def _linear(self) -> dict[str, Tensor]:
        """What is proportional to the mass."""
        names = (
            "plan", "transport_cost", "marginal_error",
            "regularized_cost", "divergence", "col_self_plan", "row_self_cost",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def assemble(
    problem: TransportProblem,
    plan: Float[Tensor, "batch row col"],
    *,
    solver: str,
    iterations: int = 0,
    tolerance: float | None = None,
    **known: Tensor | Certificate | None,
) -> TransportPlan:
    """A `TransportPlan` whose costs and error are computed from `plan`.

    Args:
        problem: What was solved.
        plan: The solver's answer.
        solver: Its name.
        iterations: How many it ran.
        tolerance: Largest marginal error, as a share of the mass, that counts as converged;
            None where `known` holds a `certificate`.
        known: Further fields, such as potentials; they win over computed ones.
    """
    error = marginal_error(problem, plan)
    if tolerance is not None:
        known.setdefault("certificate", lambda: error <= tolerance * problem.mass)
    values = {
        "transport_cost": (plan * problem.cost).sum((1, 2)),
        "marginal_error": error,
        **known,
    }
    return TransportPlan(plan=plan, solver=solver, iterations=iterations, **values)


def marginal_error(
    problem: TransportProblem, plan: Float[Tensor, "batch row col"]
) -> Float[Tensor, " batch"]:
    """L1 distance between a plan's marginals and the required ones, on the worse side."""
    rows = (plan.sum(2) - problem.row_marginal).abs().sum(1)
    cols = (plan.sum(1) - problem.col_marginal).abs().sum(1)
    return torch.maximum(rows, cols)


def rounded(
    plan: Float[Tensor, "batch row col"],
    row_marginal: Float[Tensor, "batch row"],
    col_marginal: Float[Tensor, "batch col"],
) -> Float[Tensor, "batch row col"]:
    """The nearby plan that meets both marginals exactly, up to rounding errors.

    Scales down what is too heavy, then spreads the missing mass independently. The result moves
    at most twice the marginal error in L1, so its cost is a valid upper bound of the exact one.

    Source: Altschuler, Weed and Rigollet 2017, algorithm 2.
    """
    smallest = torch.finfo(plan.dtype).tiny
    plan = plan * (row_marginal / plan.sum(2).clamp_min(smallest)).clamp_max(1)[:, :, None]
    plan = plan * (col_marginal / plan.sum(1).clamp_min(smallest)).clamp_max(1)[:, None, :]
    row_gap = (row_marginal - plan.sum(2)).clamp_min(0)
    col_gap = (col_marginal - plan.sum(1)).clamp_min(0)
    missing = row_gap.sum(1).clamp_min(smallest)
    return plan + row_gap[:, :, None] * col_gap[:, None, :] / missing[:, None, None]
