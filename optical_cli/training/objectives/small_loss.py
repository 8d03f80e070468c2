"""Trust: in bitext with wrong pairs, learn from those that transport finds cheap."""

import math
import re
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.errors import UsageError
from optical_cli.training.loop.gather import gathered, offset
from optical_cli.training.objectives.terms import Term, Value, Views

FORM = re.compile(r"([0-9.]+)(?:@([0-9.]+))?")
WARMUP = 0.3


@dataclass(frozen=True)
class TrustSchedule:
    """How much of every batch is believed, over the training.

    ``share(t) = 1 - (1 - share) min(t / warmup, 1)``: at first all, then ever fewer, since a
    student that has learned nothing cannot tell wrong pairs from right ones.

    Attributes:
        share: Of the pairs in the end, over 0 and at most 1.
        warmup: Share of the training over which it falls from 1.
    """

    share: float
    warmup: float = WARMUP

    @classmethod
    def parse(cls, text: str) -> "TrustSchedule":
        """Read ``SHARE`` or ``SHARE@WARMUP``, such as ``0.5@0.3``.

        Raises:
            UsageError: It has another form, or a number is not over 0 and at most 1.
        """
        match = FORM.fullmatch(text)
        numbers = [_number(word) for word in match.groups() if word] if match else [math.nan]
        if not all(0 < number <= 1 for number in numbers):
            raise UsageError(
                f"--trust {text}: expected SHARE or SHARE@WARMUP, each over 0 and at most 1",
                hint="0.5@0.3 believes half of the pairs from 30% of the training on",
            )
        return cls(*numbers)

    def at(self, progress: float) -> float:
        """The share after `progress`, a share of the training in [0, 1]."""
        return 1 - (1 - self.share) * min(progress / self.warmup, 1.0)


class SmallLossSelection:
    """An objective whose pairs weigh by the rank of their own transport cost in the batch.

    ``sum_i w_i loss_i / n`` with ``w_i = min(max(s n - r_i, 0), 1) / s``: n pairs, of which r_i are
    cheaper than pair i, and s is the share that is believed. So the ``s n`` cheapest pairs weigh
    1 / s, a fraction of one is a fraction of its weight, and the weights' mean is 1. The cost is
    the pair's ``ot`` term, or its loss where the objective has none; weights carry no gradient.

    The batch is that of all processes, and batches are cut by length, so that like is ranked with
    like. Nothing is remembered between steps, so a resumed run needs nothing. With ``--accumulate``
    each part of a batch is ranked by itself.

    Source: small-loss selection as in Han et al. 2018, "Co-teaching: Robust Training of Deep Neural
    Networks with Extremely Noisy Labels", its schedule R(t); with one network, which chooses for
    itself, and fractional at the boundary.

    Args:
        objective: Gives the losses.
        trust: How much is believed.
    """

    def __init__(self, objective: Term, trust: TrustSchedule):
        self.objective = objective
        self.trust = trust

    def __call__(self, views: Views, progress: float) -> Value:
        """The objective's losses, weighted; ``trusted`` is the part of each pair that counts."""
        value = self.objective(views, progress)
        cost = value.seen.get("ot", value.losses).detach()
        share = self.trust.at(progress)
        weights = believed(gathered(cost), share)[offset(len(cost)) :][: len(cost)]
        seen = {**value.seen, "trusted": weights * share}
        return Value(value.losses * weights, seen)


def believed(cost: Float[Tensor, " pair"], share: float) -> Float[Tensor, " pair"]:
    """The weight of each pair, whose mean is 1: the cheapest share of them weighs.

    Of equal costs the first is the cheapest; what is no number is the dearest.
    """
    order = torch.argsort(cost, stable=True)
    places = torch.arange(len(cost), device=cost.device, dtype=cost.dtype)
    kept = (share * len(cost) - places).clamp(0, 1)
    return torch.empty_like(cost).scatter(0, order, kept) / share


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
