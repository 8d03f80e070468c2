"""Transport as a training objective: settings and token vectors in, a loss per text pair out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.errors import UsageError
from optical_cli.transport._solve import accepted_options, solve
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.costs import COSTS
from optical_cli.transport.loss import transport_loss
from optical_cli.transport.marginals import TokenSide, blocks, marginal, uniform
from optical_cli.transport.plan import TransportPlan
from optical_cli.transport.precision import at_least_single
from optical_cli.transport.priors import identity_affinity, position_affinity, with_prior
from optical_cli.transport.settings import TransportSettings

Affinity = Float[Tensor, "batch row col"]

# What a solver calls a setting that some solvers have.
SOLVER_OPTIONS = {
    "beta": "beta", "epsilon": "epsilon", "iterations": "iterations", "mass_penalty": "penalty",
    "partial_share": "share", "compile_transport": "compiled",
}  # fmt: skip


class TransportLoss(NamedTuple):
    """A loss per text pair, differentiable in the vectors, and the plan that it is made with."""

    loss: Float[Tensor, " batch"]
    plan: TransportPlan


class TransportObjective:
    """The loss that settings describe, at any point of the training.

    Args:
        settings: Cost, marginals and solver.
        annealing: Priors, and how they and epsilon change over the training.

    Raises:
        UsageError: The solver has nothing of what is to be annealed.
    """

    def __init__(self, settings: TransportSettings, annealing: AnnealingSettings | None = None):
        self.settings = settings
        self.annealing = annealing or AnnealingSettings()
        self.annealing.require_for(settings)
        self.cost = COSTS[settings.cost]

    def __call__(
        self,
        rows: TokenSide,
        cols: TokenSide,
        *,
        progress: float = 1.0,
        affinities: Mapping[str, Affinity] | None = None,
    ) -> TransportLoss:
        """Align two batches of texts and charge the columns for where they are.

        Vectors at positions that are not scored are ignored, whatever they are, and receive no
        gradient.

        Args:
            rows: The teacher's tokens.
            cols: The student's tokens, whose vectors receive the gradient.
            progress: Share of the training steps done, in [0, 1]; schedules follow it.
            affinities: By the prior's name, what only the caller can know: ``lexicon``, and
                ``identical`` where the sides have no `type_ids`.

        Raises:
            UsageError: A prior or the marginals need what was not given, or a gradient is asked of
                unbalanced transport that moves no mass in the whole batch.
            NumericalError: A cost between positions with mass is infinite or NaN.
        """
        rows, cols = rows.without_padding(), cols.without_padding()
        cost = self.cost(rows.vectors, cols.vectors)
        plan_cost = self._aligned_by(cost.detach(), rows, cols)
        plan_cost = self._with_priors(plan_cost, rows, cols, progress, affinities or {})
        options = self._options(progress)
        col_cost = None
        if self.settings.solver == "divergence":
            col_cost = self.cost(cols.vectors, cols.vectors)
            with torch.no_grad():
                row_cost = self.cost(rows.vectors, rows.vectors)
            options |= {"col_cost": col_cost, "row_cost": row_cost}
        plan = self._solve(plan_cost, rows, cols, options)
        loss = transport_loss(cost, plan, col_cost)
        if self.settings.solver == "unbalanced" and loss.requires_grad:
            _require_mass(plan)
        return TransportLoss(loss, plan)

    def _options(self, progress: float) -> dict[str, Any]:
        """What the settings say that the chosen solver wants to know."""
        settings = self.settings
        known = {option: getattr(settings, name) for name, option in SOLVER_OPTIONS.items()}
        known["epsilon"] = self.annealing.epsilon_at(progress, settings.epsilon)
        accepted = accepted_options(settings.solver)
        return {name: value for name, value in known.items() if name in accepted}

    @torch.no_grad()
    def _aligned_by(self, cost: Affinity, rows: TokenSide, cols: TokenSide) -> Affinity:
        if not self.settings.center_plan:
            return cost
        return self.cost(_centered(rows), _centered(cols))

    def _with_priors(
        self,
        cost: Affinity,
        rows: TokenSide,
        cols: TokenSide,
        progress: float,
        given: Mapping[str, Affinity],
    ) -> Affinity:
        weight = self.annealing.prior_weight_at(progress)
        if weight == 0:
            return cost
        for name in self.annealing.prior:
            cost = with_prior(cost, _affinity(name, rows, cols, given), weight)
        return cost

    def _solve(
        self, cost: Affinity, rows: TokenSide, cols: TokenSide, options: dict[str, Any]
    ) -> TransportPlan:
        settings = self.settings
        if settings.marginals != "blocks":
            row, col = marginal(settings.marginals, rows), marginal(settings.marginals, cols)
            return solve(cost, row, col, settings.solver, **options)
        return solve_blocks(cost, *blocks(rows, cols), settings.solver, **options)


def unread(settings: TransportSettings) -> dict[str, str]:
    """Why the chosen solver does not read some settings, by ``transport.NAME``."""
    accepted = accepted_options(settings.solver)
    return {
        f"transport.{name}": f"--solver {settings.solver} has none"
        for name, option in SOLVER_OPTIONS.items()
        if option not in accepted
    }


def solve_blocks(
    cost: Float[Tensor, "batch row col"],
    row_blocks: Float[Tensor, "block batch row"],
    col_blocks: Float[Tensor, "block batch col"],
    solver: str,
    **options: Any,
) -> TransportPlan:
    """Solve every block of each problem by itself and add up what comes out."""
    number = len(row_blocks)
    for name in {"col_cost", "row_cost"} & options.keys():
        options[name] = options[name].repeat(number, 1, 1)
    stacked = solve(
        cost.repeat(number, 1, 1), row_blocks.flatten(0, 1), col_blocks.flatten(0, 1),
        solver, **options,
    )  # fmt: skip
    return stacked.merged(number)


def _require_mass(plan: TransportPlan) -> None:
    """Refuse to train by plans whose mass has vanished to the last digit.

    Raises:
        UsageError: It has in every plan that has marginals to miss.
    """
    if not plan.plan.any() and plan.marginal_error.any():
        raise UsageError(
            f"unbalanced transport moves no mass in any of {len(plan.plan)} text pairs, so that "
            "there is nothing to learn from: all costs are hundreds of times the mass penalty",
            hint="choose a larger --mass-penalty",
        )


def _affinity(
    name: str, rows: TokenSide, cols: TokenSide, given: Mapping[str, Affinity]
) -> Affinity:
    if name in given:
        return given[name]
    if name == "position":
        return position_affinity(rows.real, cols.real)
    if name == "identical" and rows.type_ids is not None and cols.type_ids is not None:
        return identity_affinity(rows.type_ids, cols.type_ids)
    raise UsageError(f"--prior {name} needs affinities of tokens, which these texts come without")


def _centered(side: TokenSide) -> Float[Tensor, "batch token dim"]:
    """The vectors less their text's mean over scored positions, in float32 or wider.

    Token vectors of one text crowd around a common direction, its topic among it, which says
    nothing of which token is which. A text of one token keeps nothing but a zero vector.
    """
    vectors = at_least_single(side.vectors).masked_fill(~side.scored[:, :, None], 0.0)
    mean = uniform(side.scored).to(vectors)[:, None, :] @ vectors
    return vectors - mean
