"""What is known of an alignment before any vector is: affinities in [0, 1] between tokens.

A prior raises the cost that a plan is made of and never the cost that the loss is made of, and its
weight fades while the student trains: it points a cold start in the right direction and has no say
in where the student ends.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Affinity = Float[Tensor, "batch row col"]


def with_prior(
    cost: Float[Tensor, "batch row col"], affinity: Affinity, weight: float
) -> Float[Tensor, "batch row col"]:
    """``cost + weight * (1 - affinity)``: a penalty, so that costs stay positive."""
    return cost if weight == 0 else cost + weight * (1 - affinity)


def position_affinity(
    row_mask: Bool[Tensor, "batch row"], col_mask: Bool[Tensor, "batch col"]
) -> Affinity:
    """One minus the distance of relative positions, which run from 0 to 1 along each text.

    Positions outside the masks take the place of the token before them.
    """
    return 1 - (_places(row_mask)[:, :, None] - _places(col_mask)[:, None, :]).abs()


def identity_affinity(
    row_types: Int[Tensor, "batch row"], col_types: Int[Tensor, "batch col"]
) -> Affinity:
    """1 for tokens of one type (names, digits, punctuation), else 0; -1 is like nothing."""
    same = row_types[:, :, None] == col_types[:, None, :]
    return (same & (row_types >= 0)[:, :, None]).float()


@dataclass(frozen=True)
class PairAffinity:
    """Affinities of pairs of types, such as a lexicon's probabilities, looked up in batches.

    Attributes:
        keys: ``row_type * width + col_type`` of each known pair, ascending.
        values: Their affinities in [0, 1].
        width: Number of column types.
    """

    keys: Int[Tensor, " pair"]
    values: Float[Tensor, " pair"]
    width: int

    @classmethod
    def of_pairs(
        cls,
        row_types: Int[Tensor, " pair"],
        col_types: Int[Tensor, " pair"],
        values: Float[Tensor, " pair"],
    ) -> "PairAffinity":
        """A table of the given pairs, each given once."""
        width = int(col_types.max()) + 1 if len(col_types) else 1
        keys, order = (row_types.long() * width + col_types).sort()
        return cls(keys, values[order].float(), width)

    def lookup(
        self, row_types: Int[Tensor, "batch row"], col_types: Int[Tensor, "batch col"]
    ) -> Affinity:
        """The affinity of each pair; 0 for pairs not in the table and for the type -1."""
        wanted = row_types[:, :, None].long() * self.width + col_types[:, None, :]
        known = (row_types >= 0)[:, :, None] & (col_types >= 0)[:, None, :]
        known = known & (col_types < self.width)[:, None, :]
        if not len(self.keys):
            return torch.zeros_like(wanted, dtype=torch.float32)
        place = torch.searchsorted(self.keys, wanted).clamp_max(len(self.keys) - 1)
        return torch.where(known & (self.keys[place] == wanted), self.values[place], 0.0)


def _places(mask: Bool[Tensor, "batch token"]) -> Float[Tensor, "batch token"]:
    """Place of each position among those of `mask`, from 0 to 1; 0 in a text of one token."""
    order = (mask.cumsum(1) - 1).clamp_min(0)
    return order / (mask.sum(1, keepdim=True) - 1).clamp_min(1)
