"""The front door: a cost, two marginals and a solver in, a plan out."""

import difflib
import functools
import importlib
import inspect
from collections.abc import Callable
from typing import Any, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.errors import UsageError
from optical_cli.transport.plan import TransportPlan
from optical_cli.transport.precision import without_autocast
from optical_cli.transport.problem import TransportProblem, require_positive
from optical_cli.transport.settings import SolverName

SOLVERS = tuple(name for name in get_args(SolverName) if name != "auto")
# Up to here POT's network simplex costs under a hundredth of a training step on the same CPU.
EXACT_POSITIONS = 64
# Entries that a CPU solves at a time: 4 MiB a matrix. Over that, iterations run at the speed of
# the memory instead of the cache's, half as fast.
CPU_ENTRIES = 2**20


def solve(
    cost: Float[Tensor, "batch row col"],
    row_marginal: Float[Tensor, "batch row"],
    col_marginal: Float[Tensor, "batch col"],
    solver: str = "ipot",
    **options: Any,
) -> TransportPlan:
    """Solve a batch of transport problems.

    Zero mass marks padding: its costs are ignored, whatever they are, and its plan is zero. A
    problem without any mass on both sides has a zero plan. Nothing carries a gradient: use
    `transport_loss`. Float64 costs are solved in float64, all others in float32, inside
    autocast too.

    Args:
        cost: Cost of moving a unit of mass from each row to each column.
        row_marginal: Mass of each row.
        col_marginal: Mass of each column; in each problem as much as the rows have, up to
            rounding errors, which are made good by scaling the columns. Unbalanced transport
            takes any.
        solver: A name in `SOLVERS`, or ``auto``: exact on a CPU for at most 64 positions, IPOT
            elsewhere.
        options: The solver's own; ``auto`` takes those of both and passes on what applies.

    Raises:
        UsageError: An unknown solver or option, a missing option, shapes that do not fit, or an
            option without meaning, such as no iterations.
        NumericalError: An infinite or NaN cost.
        InputError: Negative mass, mass on one side only, or sides of different mass.
    """
    if solver == "auto":
        _check_options("auto", _accepted("auto"), options)
        solver = automatic(cost)
        options = {name: options[name] for name in options if name in _accepted(solver)}
    _check_options(solver, _accepted(solver), options)
    balanced = solver != "unbalanced"
    with torch.no_grad(), without_autocast(cost):
        problem = TransportProblem.checked(cost, row_marginal, col_marginal, balanced=balanced)
        whole = problem.normalized() if balanced else problem
        plan = _in_pieces(whole, solver, _checked_values(whole, options))
        return plan.scaled(problem.mass) if balanced else plan


def automatic(cost: Float[Tensor, "batch row col"]) -> str:
    """The solver that ``auto`` stands for, by device and size."""
    short = max(cost.shape[1:]) <= EXACT_POSITIONS
    return "exact" if cost.device.type == "cpu" and short else "ipot"


def accepted_options(solver: str) -> frozenset[str]:
    """Names of the options that `solver` takes."""
    return frozenset(_accepted(solver))


def _checked_values(problem: TransportProblem, options: dict[str, Any]) -> dict[str, Any]:
    """`options` that fit every problem, said of the whole batch before it is cut in pieces.

    Strengths that are no tensors are left to `TransportProblem.in_cost_units`.
    """
    for name in ("iterations", "pivots"):
        if options.get(name, 1) < 1:
            raise UsageError(f"{name} must be at least 1, not {options[name]}")
    for name in ("beta", "epsilon"):
        if isinstance(options.get(name), Tensor):
            require_positive(name, options[name], problem)
    masses = {"col_cost": problem.col_marginal, "row_cost": problem.row_marginal}
    own = {
        name: TransportProblem.checked(options[name].to(problem.cost), mass, mass, name=name).cost
        for name, mass in masses.items()
        if options.get(name) is not None
    }
    return options | own


def _in_pieces(problem: TransportProblem, solver: str, options: dict[str, Any]) -> TransportPlan:
    """Solve the whole batch at once on a device, in pieces that fit the cache on a CPU."""
    batch, rows, cols = problem.cost.shape
    size = max(1, CPU_ENTRIES // (rows * cols))
    if problem.cost.device.type != "cpu" or batch <= size:
        return _function(solver)(problem, **options)
    plans = []
    for start in range(0, batch, size):
        piece = slice(start, start + size)
        own = {
            name: value[piece]
            if isinstance(value, Tensor) and value.shape[:1] == (batch,)
            else value
            for name, value in options.items()
        }
        plans.append(_function(solver)(problem[piece], **own))
    return TransportPlan.concatenated(plans)


def _function(solver: str) -> Callable[..., TransportPlan]:
    if solver not in SOLVERS:
        raise UsageError(f"unknown solver {solver!r}", hint=_suggestion(solver, SOLVERS))
    # Imported by name, so that choosing one solver does not load what the others need.
    module = importlib.import_module(f"optical_cli.transport.solvers.{solver}")
    return getattr(module, solver)


@functools.cache
def _accepted(solver: str) -> dict[str, bool]:
    """Option names, and whether each is required."""
    if solver == "auto":
        return _accepted("exact") | _accepted("ipot")
    parameters = list(inspect.signature(_function(solver)).parameters.values())[1:]
    return {parameter.name: parameter.default is parameter.empty for parameter in parameters}


def _check_options(solver: str, accepted: dict[str, bool], options: dict[str, Any]) -> None:
    unknown = [name for name in options if name not in accepted]
    if unknown:
        raise UsageError(
            f"solver {solver} has no option {unknown[0]!r}", hint=_suggestion(unknown[0], accepted)
        )
    missing = [name for name, required in accepted.items() if required and name not in options]
    if missing:
        raise UsageError(f"solver {solver} needs {' and '.join(missing)}")


def _suggestion(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"did you mean {close[0]}? There are {', '.join(known)}" if close else "it takes none"
