"""Sinkhorn's fixed point in potentials, which every entropic solver shares.

All of them minimize ``<P, C> + epsilon KL(P | mu x nu)`` plus, without hard marginals,
``rho KL(P 1 | mu) + rho KL(P' 1 | nu)``. The optimum has the form
``P = mu nu' exp((f + g - C) / epsilon)``, and one iteration sets, with ``w = 1`` for hard
marginals and ``w = rho / (rho + epsilon)`` else,
``f_i = -w epsilon log sum_j nu_j exp((g_j - C_ij) / epsilon)`` and then g likewise.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.transport.problem import TransportProblem

# Costs of up to this many epsilons fit a float32 kernel with room for the scalings.
KERNEL_REACH = 50.0
# exp(80) is 6e34, still within float32.
LARGEST_EXPONENT = 80.0
# Leaves float32 room for the masses that soft scalings are multiplied with.
LARGEST_SCALING = 1e30
# Iterations from one pass in the log domain to the next.
STRIDE = 10

Potentials = tuple[Float[Tensor, "batch row"], Float[Tensor, "batch col"]]
Strength = Float[Tensor, "batch 1 1"]


def potentials(
    problem: TransportProblem, epsilon: Strength, iterations: int, penalty: float | None = None
) -> Potentials:
    """The potentials f and g after `iterations`; zero where there is no mass.

    Where epsilon allows, the iterations run on the kernel ``exp(-C / epsilon)``. A small epsilon
    asks for the log domain: then one iteration in ten is a log-sum-exp, and the others run on
    the kernel of what it has absorbed (Schmitzer 2019), while epsilon falls to its value over
    the first half of the iterations, which a small one would otherwise spend far from the goal.
    The last is a log-sum-exp, too: potentials that a kernel has moved far can give mass to pairs
    that were too small for it to see.

    Args:
        problem: What to solve.
        epsilon: Regularization; may be infinite for hard marginals.
        iterations: Their number is fixed, so that a problem's plan does not depend on its batch.
        penalty: rho; None for hard marginals.
    """
    f, g, stages = start(problem, epsilon, iterations, shift=penalty is None)
    for stage in stages:
        if stage.far:
            f, g = _log_iteration(problem, stage.epsilon, g, penalty)
        steps = stage.iterations - stage.far - stage.last
        f, g = _kernel_iterations(problem, stage.epsilon, (f, g), steps, penalty)
        if stage.last:
            f, g = _log_iteration(problem, stage.epsilon, g, penalty)
    return limit(problem, epsilon, f, g) if penalty is None else (f, g)


@dataclass(frozen=True)
class Stage:
    """Iterations between one look at the whole log domain and the next.

    Attributes:
        epsilon: Regularization meanwhile.
        iterations: How many.
        far: Whether the first of them has to be a log-sum-exp.
        last: Whether the last of them has to be one, and is not the first.
    """

    epsilon: Strength
    iterations: int
    far: bool
    last: bool = False


def start(
    problem: TransportProblem, epsilon: Strength, iterations: int, *, shift: bool
) -> tuple[Float[Tensor, "batch row"], Float[Tensor, "batch col"], list[Stage]]:
    """Potentials to start from and the stages to go through.

    With `shift`, which hard marginals allow, costs count from each row's least, so that adding a
    constant to them changes nothing.
    """
    f = problem.cost.amin(2) if shift else torch.zeros_like(problem.row_marginal)
    f = f.masked_fill(problem.row_marginal == 0, 0.0)
    g = torch.zeros_like(problem.col_marginal)
    span = problem.cost_range if shift else problem.largest_cost
    reach = span[:, None, None] / epsilon
    if not (reach > KERNEL_REACH).any():
        return f, g, [Stage(epsilon, iterations, far=False)]
    excess = (reach / KERNEL_REACH).clamp_min(1)
    count = math.ceil(iterations / STRIDE)
    lengths = [min(STRIDE, iterations - STRIDE * index) for index in range(count)]
    left = [max(0.0, 1 - 2 * index / count) if count > 1 else 0.0 for index in range(count)]
    stages = zip(left, lengths, strict=True)
    found = [Stage(epsilon * excess**power, length, far=True) for power, length in stages]
    found[-1] = replace(found[-1], last=found[-1].iterations > 1)
    return f, g, found


def coupling(
    problem: TransportProblem, epsilon: Strength, f: Tensor, g: Tensor
) -> tuple[Float[Tensor, "batch row col"], Float[Tensor, " batch"]]:
    """``P = mu nu' exp(e)`` with ``e = (f + g - C) / epsilon``, and ``epsilon KL(P | mu x nu)``.

    The divergence is ``sum mu nu' (e exp(e) - exp(e) + 1)``, which also counts a total mass that
    is off. A large epsilon makes its terms small and multiplies what is wrong with them, hence no
    difference of almost equal exponentials.
    """
    exponent, independent = _exponent(problem, epsilon, f, g), problem.independent()
    plan = independent * exponent.exp()
    terms = plan * exponent - independent * exponent.expm1()
    penalty = epsilon[:, 0, 0] * terms.sum((1, 2))
    return plan, penalty.masked_fill(epsilon[:, 0, 0].isinf(), 0.0)


def kernel(problem: TransportProblem, epsilon: Strength, f: Tensor, g: Tensor) -> Tensor:
    """``exp((f + g - C) / epsilon)``."""
    return _exponent(problem, epsilon, f, g).exp_()


def _exponent(problem: TransportProblem, epsilon: Strength, f: Tensor, g: Tensor) -> Tensor:
    # Capped, since pairs with padding are bound by nothing: their zero mass must not meet inf.
    exponent = (f[:, :, None] + g[:, None, :] - problem.cost).div_(epsilon)
    return exponent.clamp_max_(LARGEST_EXPONENT)


def _log_iteration(
    problem: TransportProblem, epsilon: Strength, g: Tensor, penalty: float | None
) -> Potentials:
    """One iteration by log-sum-exp, which no epsilon makes overflow."""
    weight = epsilon if penalty is None else epsilon * penalty / (penalty + epsilon)
    row_log, col_log = log_mass(problem.row_marginal), log_mass(problem.col_marginal)
    scores = (g[:, None, :] - problem.cost).div_(epsilon).add_(col_log[:, None, :])
    f = -weight[:, :, 0] * scores.logsumexp(2)
    f = f.masked_fill(problem.row_marginal == 0, 0.0)
    scores = (f[:, :, None] - problem.cost).div_(epsilon).add_(row_log[:, :, None])
    g = -weight[:, 0, :] * scores.logsumexp(1)
    return f, g.masked_fill(problem.col_marginal == 0, 0.0)


def log_mass(mass: Tensor) -> Tensor:
    """Logarithm with a finite floor: minus infinity would make NaN of an empty problem."""
    return torch.where(mass > 0, mass.log(), -1e30)


def _kernel_iterations(
    problem: TransportProblem,
    epsilon: Strength,
    absorbed: Potentials,
    iterations: int,
    penalty: float | None,
) -> Potentials:
    """Iterations on ``exp((f + g - C) / epsilon)`` with the given f and g absorbed in it."""
    f, g = absorbed
    straight, flipped = _absorbing(problem, epsilon, absorbed, penalty)
    row, col = problem.row_marginal[:, None, :], problem.col_marginal[:, None, :]
    scaling = _scaling(epsilon, penalty)
    row_scaling, col_scaling = torch.ones_like(row), torch.ones_like(col)
    for _ in range(iterations):
        row_scaling = scaling(torch.bmm(col * col_scaling, flipped))
        col_scaling = scaling(torch.bmm(row * row_scaling, straight))
    f = f + (epsilon * row_scaling.log())[:, 0]
    g = g + (epsilon * col_scaling.log())[:, 0]
    return f.masked_fill(row[:, 0] == 0, 0.0), g.masked_fill(col[:, 0] == 0, 0.0)


def _absorbing(
    problem: TransportProblem, epsilon: Strength, absorbed: Potentials, penalty: float | None
) -> tuple[Float[Tensor, "batch row col"], Float[Tensor, "batch col row"]]:
    """The kernel that sums over rows, and transposed the one that sums over columns.

    Two copies, since the product of a row vector and a matrix is the one that CPU libraries
    compute ten times faster for small matrices. Soft marginals make two different ones of them:
    their sums tend to ``exp(-f / rho)`` and ``exp(-g / rho)``, which no precision holds where a
    cost is many penalties, so each copy is divided by what its sums tend to. That is also the
    pull of a soft marginal on what is absorbed, and leaves ``sums ** -w`` as the new scalings.
    """
    f, g = absorbed
    if penalty is None:
        straight = kernel(problem, epsilon, f, g)
        return straight, straight.transpose(1, 2).contiguous()
    exponent = (f[:, :, None] + g[:, None, :] - problem.cost).div_(epsilon)
    by_col = exponent + g[:, None, :] / penalty
    by_row = exponent.add_(f[:, :, None] / penalty).transpose(1, 2).contiguous()
    straight, flipped = (part.clamp_max_(LARGEST_EXPONENT).exp_() for part in (by_col, by_row))
    return straight, flipped


def _scaling(epsilon: Strength, penalty: float | None) -> Callable[[Tensor], Tensor]:
    """What turns the kernel's sums into new scalings, ``exp(change of potential / epsilon)``."""
    if penalty is None:
        return lambda sums: sums.clamp_min(torch.finfo(sums.dtype).tiny).reciprocal()
    weight = penalty / (penalty + epsilon)
    return lambda sums: sums.clamp(1 / LARGEST_SCALING, LARGEST_SCALING).pow(-weight)


def limit(problem: TransportProblem, epsilon: Strength, f: Tensor, g: Tensor) -> Potentials:
    """Replace f and g where epsilon is out of the cost's sight by what they tend to: mean costs.

    There the plan is the independent coupling, up to the last digits of its precision, and
    ``<mu, f> + <nu, g>`` its cost.
    """
    visible = 8 * torch.finfo(f.dtype).eps * epsilon[:, :, 0]
    endless = problem.largest_cost[:, None] < visible
    if not endless.any():
        return f, g
    row_mean = (problem.cost * problem.col_marginal[:, None, :]).sum(2)
    col_mean = (problem.cost * problem.row_marginal[:, :, None]).sum(1)
    mean = (row_mean * problem.row_marginal).sum(1, keepdim=True)
    f_limit = row_mean.masked_fill(problem.row_marginal == 0, 0.0)
    g_limit = (col_mean - mean).masked_fill(problem.col_marginal == 0, 0.0)
    return torch.where(endless, f_limit, f), torch.where(endless, g_limit, g)
