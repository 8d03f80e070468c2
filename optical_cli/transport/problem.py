"""A batch of transport problems, checked once and then trusted by every solver."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from optical_cli.errors import FAULTS_SHOWN, InputError, NumericalError, UsageError
from optical_cli.transport.precision import at_least_single
from optical_cli.transport.schedule import Amount

# Share by which the sides' masses may differ; they are normalized afterwards. Those of half
# precision add up to one within 2^-8.
MASS_TOLERANCE = 1e-4
HALF_TOLERANCE = 1e-2
HALF = (torch.bfloat16, torch.float16)
# Rounding errors of the largest cost (in units in its last place, as this is) leave columns off by
# .1 to .18 of them over the strength: here by less than a thousandth of the mass.
LEAST_STRENGTH = 200


@dataclass(frozen=True)
class TransportProblem:
    """Move mass from rows to columns at the least cost.

    Positions of zero mass are padding. Pairs with padding carry the largest real cost of their
    problem: large enough never to be any row's cheapest, small enough not to widen the range
    that a kernel has to span.

    Attributes:
        cost: Finite everywhere.
        row_marginal: Mass that leaves each row.
        col_marginal: Mass that reaches each column.
    """

    cost: Float[Tensor, "batch row col"]
    row_marginal: Float[Tensor, "batch row"]
    col_marginal: Float[Tensor, "batch col"]

    @classmethod
    def checked(
        cls,
        cost: Float[Tensor, "batch row col"],
        row_marginal: Float[Tensor, "batch row"],
        col_marginal: Float[Tensor, "batch col"],
        *,
        balanced: bool = True,
        name: str = "cost",
    ) -> "TransportProblem":
        """A problem in float32 or float64 from what a caller hands in.

        Costs of pairs with padding are ignored, whatever they are.

        Args:
            cost: Cost of moving a unit of mass from a row to a column.
            row_marginal: Mass per row, zero for padding.
            col_marginal: Mass per column, zero for padding.
            balanced: Whether both sides of a problem must hold the same mass.
            name: What the cost is called where it is at fault.

        Raises:
            UsageError: The shapes do not fit each other.
            NumericalError: A cost between two positions with mass is infinite or NaN.
            InputError: Mass is negative or not finite, or one side of a problem has none and the
                other some, or the sides differ although `balanced`.
        """
        _check_shapes(cost, row_marginal, col_marginal, name)
        half = row_marginal.dtype in HALF or col_marginal.dtype in HALF
        cost = at_least_single(cost.detach())
        row = row_marginal.detach().to(cost)
        col = col_marginal.detach().to(cost)
        if not (row.all() & col.all()):
            real = (row > 0)[:, :, None] & (col > 0)[:, None, :]
            highest = torch.where(real, cost, -torch.inf).amax((1, 2), keepdim=True)
            cost = torch.where(real, cost, highest.masked_fill(highest == -torch.inf, 0.0))
        problem = cls(cost, row, col)
        tolerance = (HALF_TOLERANCE if half else MASS_TOLERANCE) if balanced else torch.inf
        _check_values(problem, tolerance, name)
        return problem

    def __getitem__(self, piece: slice) -> "TransportProblem":
        """The problems of a slice of the batch."""
        return TransportProblem(
            self.cost[piece], self.row_marginal[piece], self.col_marginal[piece]
        )

    @cached_property
    def real(self) -> Bool[Tensor, "batch row col"]:
        """Pairs of positions that both have mass."""
        return (self.row_marginal > 0)[:, :, None] & (self.col_marginal > 0)[:, None, :]

    @cached_property
    def mass(self) -> Float[Tensor, " batch"]:
        """Mass on the rows' side."""
        return self.row_marginal.sum(1)

    @cached_property
    def largest_cost(self) -> Float[Tensor, " batch"]:
        """The largest absolute cost; infinite or NaN if any cost is."""
        return torch.maximum(self.cost.amax((1, 2)), -self.cost.amin((1, 2)))

    @cached_property
    def cost_range(self) -> Float[Tensor, " batch"]:
        """Largest less smallest cost."""
        return self.cost.amax((1, 2)) - self.cost.amin((1, 2))

    def independent(self) -> Float[Tensor, "batch row col"]:
        """The product of the marginals, the most spread out plan."""
        return self.row_marginal[:, :, None] * self.col_marginal[:, None, :]

    def expectation(self, values: Float[Tensor, "batch row col"]) -> Float[Tensor, " batch"]:
        """Mean of `values` under the product of the marginals, if both have unit mass."""
        return ((self.row_marginal[:, None, :] @ values)[:, 0] * self.col_marginal).sum(1)

    def least_cost(self) -> Float[Tensor, " batch"]:
        """What no plan costs less than: every row, or every column, at its cheapest."""
        by_row = (self.row_marginal * self.cost.amin(2)).sum(1)
        by_col = (self.col_marginal * self.cost.amin(1)).sum(1)
        return torch.maximum(by_row, by_col)

    def cost_deviation(self) -> Float[Tensor, " batch"]:
        """Standard deviation of the cost under the product of the marginals; 0 where empty."""
        unit = self.normalized()
        centered = self.cost - unit.expectation(self.cost)[:, None, None]
        # In units of the largest cost, since float32 has no squares of what is over 1e19.
        largest = self.largest_cost.clamp_min(torch.finfo(self.cost.dtype).tiny)
        centered.div_(largest[:, None, None])
        return largest * unit.expectation(centered.square_()).sqrt()

    def least_strength(self) -> Float[Tensor, " batch"]:
        """The regularization strength below which a plan consists of rounding errors.

        It is 2.4e-5 of the largest cost in float32. There rounding errors move a little less than
        a thousandth of the mass, at a hundredth of it almost a tenth.
        """
        return LEAST_STRENGTH * torch.finfo(self.cost.dtype).eps * self.largest_cost

    def in_cost_units(self, amount: "Amount | str | float | Tensor") -> Float[Tensor, "batch 1 1"]:
        """A regularization strength per problem, in units of its cost, always positive.

        A relative amount of a problem whose costs are all equal has no scale; any positive
        strength then has the same plan, and a millionth of the cost stands in. An amount below
        `least_strength` is raised to it.

        Raises:
            UsageError: The amount is too small for the precision.
        """
        precision = torch.finfo(self.cost.dtype)
        least = self.least_strength()
        if isinstance(amount, Tensor):
            strength = amount.to(self.cost).flatten()
        else:
            amount = Amount.parse(amount)
            if amount.value < precision.tiny:
                raise UsageError(f"{amount} is too small a regularization strength")
            strength = amount.value
            if amount.relative:
                strength = strength * self.cost_deviation()
                least = torch.maximum(least, 1e-6 * self.largest_cost.clamp_min(1e-6))
        return least.clamp_min(strength)[:, None, None]

    def normalized(self) -> "TransportProblem":
        """The same problem with unit mass on either side; an empty problem stays empty."""
        smallest = torch.finfo(self.cost.dtype).tiny
        row = self.row_marginal / self.row_marginal.sum(1, keepdim=True).clamp_min(smallest)
        col = self.col_marginal / self.col_marginal.sum(1, keepdim=True).clamp_min(smallest)
        return replace(self, row_marginal=row, col_marginal=col)


def require_positive(name: str, strength: Tensor, problem: TransportProblem) -> None:
    """Check the strengths of a batch of problems, or the one of all.

    Raises:
        UsageError: Their number does not fit, or one is not positive in the problem's precision.
    """
    batch = len(problem.cost)
    if strength.numel() not in (1, batch):
        raise UsageError(f"{name}: {strength.numel()} strengths for {batch} problems")
    strength = strength.detach().to(problem.cost).reshape(-1).expand(batch)
    faulty = ~(strength >= torch.finfo(strength.dtype).tiny)
    if faulty.any():
        raise UsageError(_named(f"{name} is not positive", faulty, lambda i: f" ({strength[i]:g})"))


def _check_shapes(cost: Tensor, row: Tensor, col: Tensor, name: str) -> None:
    if cost.ndim != 3 or row.shape != cost.shape[:2] or col.shape != cost.shape[::2]:
        shapes = ", ".join(str(list(tensor.shape)) for tensor in (cost, row, col))
        raise UsageError(
            f"{name}, row marginal and column marginal do not fit each other: {shapes}",
            hint="they are [batch, row, col], [batch, row] and [batch, col]",
        )
    if 0 in cost.shape[1:]:
        raise UsageError(f"a side of the transport problem has no positions: {list(cost.shape)}")


def _check_values(problem: TransportProblem, tolerance: float, name: str) -> None:
    """Raise what is wrong; a single transfer from the device when nothing is.

    Args:
        problem: What to look at.
        tolerance: Share by which the masses of the sides may differ.
        name: What the cost is called.
    """
    row, col = problem.row_marginal, problem.col_marginal
    row_mass, col_mass = row.sum(1), col.sum(1)
    infinite = ~problem.largest_cost.isfinite()
    negative = ~((row >= 0).all(1) & (col >= 0).all(1) & (row_mass + col_mass).isfinite())
    one_sided = (row_mass > 0) != (col_mass > 0)
    unequal = (row_mass - col_mass).abs() > tolerance * torch.maximum(row_mass, col_mass)
    if not torch.stack([infinite, negative, one_sided, unequal]).any():
        return
    if negative.any():
        raise InputError(_named("mass is negative or not finite", negative, lambda i: ""))
    if one_sided.any():
        raise InputError(
            _named(
                "one side has mass and the other none", one_sided,
                lambda i: f" (rows {row_mass[i]:g}, columns {col_mass[i]:g})",
            ),
            hint="leave out texts without a scored token",
        )  # fmt: skip
    if infinite.any():
        raise NumericalError(
            _named(
                f"{name} is infinite or NaN",
                infinite,
                lambda i: _place(problem.cost[i], problem.real[i]),
            )
        )
    raise InputError(
        _named(
            "rows and columns differ in mass", unequal,
            lambda i: f" (rows {row_mass[i]:g}, columns {col_mass[i]:g})",
        ),
        hint="the unbalanced solver takes sides of different mass",
    )  # fmt: skip


def _named(what: str, faulty: Tensor, detail: Callable[[int], str]) -> str:
    places = faulty.nonzero().flatten().tolist()
    shown = ", ".join(f"{place}{detail(place)}" for place in places[:FAULTS_SHOWN])
    more = f" and {len(places) - FAULTS_SHOWN} more" if len(places) > FAULTS_SHOWN else ""
    return f"{what} in transport problem {shown}{more} of a batch of {len(faulty)}"


def _place(cost: Tensor, real: Tensor) -> str:
    row, col = (~cost.isfinite() & real).nonzero()[0].tolist()
    return f" (row {row}, column {col})"
