"""The cost between two tokens, by their vectors."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.transport.precision import at_least_single, without_autocast

Rows = Float[Tensor, "batch row dim"]
Cols = Float[Tensor, "batch col dim"]
Cost = Float[Tensor, "batch row col"]


def cosine_cost(rows: Rows, cols: Cols) -> Cost:
    """One minus the cosine: ``C[i, j] = 1 - <x_i, y_j> / (|x_i| |y_j|)``, in [0, 2].

    A zero vector costs 1 to everything and receives no gradient through it. On unit vectors this
    is half the squared Euclidean distance, so that is no second option. Computed in float32 or
    wider, inside autocast too.
    """
    with without_autocast(rows):
        unit_rows = torch.nn.functional.normalize(at_least_single(rows), dim=-1)
        unit_cols = torch.nn.functional.normalize(at_least_single(cols), dim=-1)
        return 1 - unit_rows @ unit_cols.transpose(-1, -2)


def euclidean_cost(rows: Rows, cols: Cols) -> Cost:
    """The Euclidean distance, whose transport cost is the Wasserstein-1 distance.

    The gradient between two equal vectors, where the distance has a kink, is zero. Differences
    are taken vector by vector: by inner products the distance of near duplicates, which bitext
    is full of, would lose half its digits.
    """
    with without_autocast(rows):
        return torch.cdist(
            at_least_single(rows), at_least_single(cols),
            compute_mode="donot_use_mm_for_euclid_dist",
        )  # fmt: skip


COSTS: dict[str, Callable[[Rows, Cols], Cost]] = {
    "cosine": cosine_cost,
    "euclidean": euclidean_cost,
}
