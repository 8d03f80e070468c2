"""``chamfer``: every token to the nearest token of the other side, both ways."""

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.training.objectives.terms import Value, Views
from optical_cli.transport.costs import COSTS
from optical_cli.transport.marginals import marginal
from optical_cli.transport.settings import TransportSettings


class Chamfer:
    """``sum_i a_i min_j C_ij + sum_j b_j min_i C_ij``: symmetric MaxSim, read as a distance.

    Unlike transport it lets several tokens share one partner, and leaves others without any.
    """

    def __init__(self, settings: TransportSettings):
        self.settings = settings

    def __call__(self, views: Views, progress: float) -> Value:
        """The two coverages of each pair; positions without mass are nobody's nearest."""
        name = "all" if self.settings.marginals == "blocks" else self.settings.marginals
        row, col = marginal(name, views.teacher), marginal(name, views.student)
        cost = COSTS[self.settings.cost](views.teacher.vectors, views.student.vectors)
        return Value(_nearest(cost, row, col) + _nearest(cost.transpose(1, 2), col, row))


def _nearest(
    cost: Float[Tensor, "batch row col"],
    row: Float[Tensor, "batch row"],
    col: Float[Tensor, "batch col"],
) -> Float[Tensor, " batch"]:
    least = cost.masked_fill((col == 0)[:, None, :], torch.inf).amin(2)
    return (row * least.masked_fill(row == 0, 0.0)).sum(1)
