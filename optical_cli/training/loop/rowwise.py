"""AdamW that moves, of a table of embeddings, only the rows that a batch has.

A bitext's words are rare: of 70,000 rows a batch has a few hundred. Dense AdamW reads and writes
all of them and their moments at every step, which on a CPU takes longer than the student's own
passes, and lets a row drift on long after its word was seen. Here a row moves when its word is
there, and its moments and their bias corrections count only those steps (as lazy and sparse
variants of Adam do, but with weight decay and a count per row).
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.utils import get_total_norm
from torch.optim import AdamW

# A parameter group that is moved by rows.
BY_ROWS = "by_rows"


class RowwiseAdamW(AdamW):
    """Fused AdamW; groups with ``by_rows`` are moved only where their gradient is not zero.

    Gradients of those may be sparse (``nn.Embedding(sparse=True)``) or dense, as those of processes
    that average them over a network are; both give the same rows.
    """

    def __init__(self, groups: list[dict[str, Any]], lr: float):
        super().__init__([{BY_ROWS: False} | group for group in groups], lr=lr, fused=True)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Move every parameter that has a gradient."""
        if self._skipped():
            return None
        tables = [(w, g) for g in self.param_groups if g[BY_ROWS] for w in g["params"]]
        for table, group in tables:
            if table.grad is not None:
                self._move_rows(table, group)
        gradients = [table.grad for table, _ in tables]
        for table, _ in tables:
            table.grad = None
        loss = super().step(closure)
        for (table, _), gradient in zip(tables, gradients, strict=True):
            table.grad = gradient
        return loss

    def _skipped(self) -> bool:
        """Whether a float16 gradient has overflowed; the scaler leaves it to fused optimizers."""
        found = getattr(self, "found_inf", None)
        return found is not None and bool(found.item())

    def _move_rows(self, table: nn.Parameter, group: dict[str, Any]) -> None:
        rows, gradient = rows_of(table.grad)
        state = self.state[table]
        if not state:
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(table), torch.zeros_like(table)
            state["step"] = torch.zeros(len(table), device=table.device)
        first, second = group["betas"]
        mean = state["exp_avg"][rows].lerp_(gradient, 1 - first)
        square = state["exp_avg_sq"][rows].lerp_(gradient.square(), 1 - second)
        step = state["step"][rows] + 1
        state["exp_avg"][rows], state["exp_avg_sq"][rows], state["step"][rows] = mean, square, step
        spread = (square / (1 - second**step)[:, None]).sqrt_().add_(group["eps"])
        change = (mean / (1 - first**step)[:, None]).div_(spread).mul_(-group["lr"])
        kept = table[rows].mul_(1 - group["lr"] * group["weight_decay"])
        table[rows] = kept.add_(change)


def rows_of(gradient: Tensor) -> tuple[Int[Tensor, " row"], Float[Tensor, "row dim"]]:
    """Numbers and gradients of a table's rows, of a dense gradient those that are not zero."""
    if gradient.is_sparse:
        gradient = gradient.coalesce()
        return gradient.indices()[0], gradient.values()
    rows = gradient.any(1).nonzero()[:, 0]
    return rows, gradient[rows]


def clip_gradients(parameters: Iterable[nn.Parameter], max_norm: float) -> Float[Tensor, ""]:
    """Scale gradients, dense or sparse, so that their norm is at most `max_norm` (0: any).

    Returns:
        The norm before that.
    """
    trained = [weight for weight in parameters if weight.grad is not None]
    for weight in trained:
        if weight.grad.is_sparse:
            weight.grad = weight.grad.coalesce()
    gradients = [w.grad.values() if w.grad.is_sparse else w.grad for w in trained]
    norm = get_total_norm(gradients)
    if max_norm:
        torch._foreach_mul_(gradients, (max_norm / (norm + 1e-6)).clamp_(max=1.0))
    return norm


def make_gradient_sparse(table: nn.Module) -> None:
    """Let a table of embeddings have a gradient of rows alone, if it is one that can."""
    if isinstance(table, nn.Embedding):
        table.sparse = True
