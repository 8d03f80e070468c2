"""What a person may choose about transport."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from optical_cli.bounds import COUNT, FRACTION, POSITIVE
from optical_cli.errors import UsageError
from optical_cli.settings import nearest, option, require_within
from optical_cli.transport.schedule import Amount
from optical_cli.weighing import Weighing

SolverName = Literal[
    "auto", "ipot", "sinkhorn", "divergence", "exact",
    "assignment", "unbalanced", "partial", "greedy",
]  # fmt: skip
CostName = Literal["cosine", "euclidean"]
MarginalsName = Literal[
    "all", "real", "words", "blocks", "idf", "norm", "attention",
    "words+idf", "words+norm", "words+attention",
]  # fmt: skip

CHOICES = {"solver": SolverName, "cost": CostName, "marginals": MarginalsName}

PANEL = "Transport"


@dataclass(frozen=True, kw_only=True)
class TransportSettings:
    """Cost, marginals and solver of the soft alignment between two sets of token vectors.

    Marginals are what a saved student can weigh its queries by, or nothing that transport promises
    holds of retrieval.
    """

    solver: SolverName = option(
        "ipot",
        help="What finds the plan: IPOT (proximal, tends to exact), Sinkhorn, the debiased "
        "Sinkhorn divergence, exact, optimal or greedy one-to-one matching, unbalanced or partial "
        "transport. auto is exact on a CPU for short texts, IPOT elsewhere.",
        panel=PANEL,
    )
    cost: CostName = option(
        "cosine", help="Cost between two tokens: 1 - cosine, or Euclidean distance.", panel=PANEL
    )
    marginals: MarginalsName = option(
        "real",
        help="Mass per token: all positions alike (the paper), real tokens alike, words alike, "
        "blocks ([MASK] to [MASK], real to real), or by weight: idf, norm (of the vector before it "
        "is normalised), or attention (that the token receives in the last layer); words+norm: the "
        "pieces of a word share what they weigh. Without this option distill weighs as the "
        "teacher's ranking does, and by words where new words of a query encoder start from "
        "--lexicon and are in another script than the teacher's language, and all with "
        "--expand; real elsewhere.",
        panel=PANEL,
    )
    beta: str = option(
        "1x",
        help="IPOT's proximal step, in units of cost (0.5) or of each text pair's cost deviation "
        "(1x).",
        metavar="AMOUNT", panel=PANEL,
    )  # fmt: skip
    epsilon: str = option(
        "0.05",
        help="Entropic regularization, in units of cost (0.05) or of each pair's cost deviation "
        "(0.5x); inf is the independent coupling.",
        metavar="AMOUNT", panel=PANEL,
    )  # fmt: skip
    iterations: int = option(50, help="Iterations of IPOT or Sinkhorn.", panel=PANEL, within=COUNT)
    mass_penalty: float = option(
        0.5,
        help="Unbalanced transport: price of mass that a marginal is off, in units of cost.",
        panel=PANEL,
        within=POSITIVE,
    )
    partial_share: float = option(
        0.8,
        help="Partial transport: share of the mass that moves, in (0, 1].",
        panel=PANEL,
        within=FRACTION,
    )
    center_plan: bool = option(
        False,
        help="Find the plan (never the loss) by vectors less the mean of their text, which is what "
        "all its tokens have in common.",
        panel=PANEL,
    )
    compile_transport: bool = option(
        False,
        help="Compile the solver's iterations: a minute of start-up for fewer kernels on a GPU.",
        panel=PANEL,
    )

    def __post_init__(self):
        self._require_known_names()
        self._require_strengths()
        require_within(self)
        if self.center_plan and self.solver == "divergence":
            raise UsageError("--center-plan: the divergence's loss is that of its own plans")

    def _require_known_names(self) -> None:
        for field, kind in CHOICES.items():
            require_known(f"--{field}", getattr(self, field), get_args(kind))

    def _require_strengths(self) -> None:
        beta, epsilon = (_strength(name, getattr(self, name)) for name in ("beta", "epsilon"))
        if math.isinf(beta.value):
            raise UsageError("--beta must be finite")
        if self.solver == "unbalanced" and math.isinf(epsilon.value):
            raise UsageError("--solver unbalanced needs a finite epsilon")

    @property
    def weighing(self) -> Weighing:
        """What query vectors are to be weighed by, for retrieval to weigh as transport does."""
        return Weighing.of(self.marginals)


def _strength(option: str, text: str) -> Amount:
    try:
        return Amount.parse(text)
    except UsageError as error:
        raise UsageError(str(error), where=f"--{option}", hint=error.hint) from None


def require_known(flag: str, name: str, known: Sequence[str]) -> None:
    """Refuse a name that is none of those known.

    Raises:
        UsageError: It is not; the nearest of them is named.
    """
    if name not in known:
        raise UsageError(
            f"unknown {flag} {name!r}{nearest(name, known)}", hint=f"there are {', '.join(known)}"
        )
