"""What every objective is given, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.transport.marginals import Mass, TokenSide, marginal
from optical_cli.weighing import Weighing

# Marginals less the weight that vectors bring along before they are normalised: their norm.
LESS_NORM = {"norm": "real", "words+norm": "words"}


@dataclass(frozen=True)
class Views:
    """A batch of sentence pairs as the two encoders see them.

    Attributes:
        teacher: The teacher's tokens; rows of the transport problem.
        student: The student's tokens; its columns. Only these vectors carry a gradient.
        teacher_hidden: The teacher's token vectors before they are normalised.
        student_hidden: The student's.
        source_keys: A number for each source text, the same for equal texts.
        affinities: Of token pairs, by the name of the prior that reads them.
        passages: Token vectors of frozen passages for each pair; no mask, copies of a passage's
            own vectors fill it up.
        as_passages: Both sides are read as passages are; the student's then answer queries.
    """

    teacher: TokenSide
    student: TokenSide
    teacher_hidden: Float[Tensor, "batch row dim"]
    student_hidden: Float[Tensor, "batch col dim"]
    source_keys: Int[Tensor, " batch"]
    affinities: Mapping[str, Float[Tensor, "batch row col"]] = field(default_factory=dict)
    passages: Float[Tensor, "batch passage token dim"] | None = None
    as_passages: bool = False


@dataclass(frozen=True)
class Value:
    """A loss for each pair, and what else is worth a curve.

    Attributes:
        losses: One per pair, with a gradient.
        seen: Values per pair by name, without one.
        applies: False where an objective has nothing to say of these pairs, and the losses are 0.
    """

    losses: Float[Tensor, " batch"]
    seen: Mapping[str, Float[Tensor, " batch"]] = field(default_factory=dict)
    applies: bool = True


class Term(Protocol):
    """A distance between the teacher's and the student's view of each pair."""

    def __call__(self, views: Views, progress: float) -> Value:
        """The loss of each pair after `progress`, a share of the training in [0, 1]."""


def pooled(
    side: TokenSide, marginals: str, hidden: Float[Tensor, "batch token dim"] | None = None
) -> Float[Tensor, "batch dim"]:
    """The mean of token vectors, weighted by the mass that transport would give each token.

    Args:
        side: The tokens.
        marginals: By which transport weighs them.
        hidden: The vectors before they are normalised, to be taken instead. They weigh their norm
            by themselves, which is not counted twice.
    """
    if hidden is not None:
        marginals = LESS_NORM.get(marginals, marginals)
    mass = marginal("all" if marginals == "blocks" else marginals, side)
    vectors = side.vectors if hidden is None else hidden
    return torch.einsum("bt,btd->bd", mass, vectors.float())


def as_retrieved(marginals: str, side: TokenSide) -> Mass:
    """What each token of a query counts in retrieval, where [MASK]s count as tokens do; sums to 1.

    Args:
        marginals: By which transport weighs tokens. What they weigh by (`Weighing`) is folded into
            the lengths of query vectors; all others leave retrieval as it is.
        side: The queries.
    """
    weighed = marginals if Weighing.of(marginals) else "all"
    return marginal(weighed, replace(side, expansion=None))


def teachers_counts(marginals: str) -> str:
    """Marginals by which the teacher's query tokens count.

    All alike, unless the student is trained to weigh by what both encoders say of tokens themselves
    (norm, attention), as one of queries is wherever its teacher does.

    Args:
        marginals: By which transport weighs tokens.
    """
    return Weighing.of(marginals).of_backbone or "all"
