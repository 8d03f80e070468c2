"""What a person may choose of transport that changes over the steps of a training."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from optical_cli.bounds import FRACTION, NOT_NEGATIVE
from optical_cli.errors import UsageError
from optical_cli.settings import option, require_within
from optical_cli.transport.schedule import Amount, EpsilonSchedule
from optical_cli.transport.settings import PANEL, TransportSettings, require_known

PriorName = Literal["position", "identical", "lexicon"]
# Solvers that have an epsilon.
ENTROPIC = ("sinkhorn", "divergence", "unbalanced")


@dataclass(frozen=True, kw_only=True)
class AnnealingSettings:
    """Regularization and priors that fade while a student trains, and are gone when it is done."""

    epsilon_schedule: str | None = option(
        None,
        help="Anneal epsilon over the training steps, or over a share of them: inf:0.05x@0.5.",
        metavar="START:END[@SHARE]", panel=PANEL,
    )  # fmt: skip
    prior: tuple[PriorName, ...] = option(
        (),
        help="Raise the plan's cost (never the loss) of pairs that are unlikely by relative "
        "position, by spelling, or by the lexicon. Repeatable.",
        panel=PANEL,
    )
    prior_weight: float = option(
        0.3,
        help="Cost that a prior adds to its least likely pair, at the first step.",
        panel=PANEL,
        within=NOT_NEGATIVE,
    )
    prior_decay: float = option(
        0.5,
        help="Share of the training steps after which the prior has faded to nothing.",
        panel=PANEL,
        within=FRACTION,
    )

    def __post_init__(self):
        for name in self.prior:
            require_known("--prior", name, get_args(PriorName))
        if self.epsilon_schedule is not None:
            EpsilonSchedule.parse(self.epsilon_schedule)
        require_within(self)

    def require_for(self, transport: TransportSettings) -> None:
        """Refuse a schedule of what the solver lacks, and a prior that would be in the loss.

        Raises:
            UsageError: It has no epsilon, none that may be infinite, or its loss is that of its own
                plans, of which a prior would raise one and not the others.
        """
        if self.prior and transport.solver == "divergence":
            raise UsageError("--prior: the divergence's loss is that of its own plans")
        if self.epsilon_schedule is None:
            return
        if transport.solver not in ENTROPIC:
            raise UsageError(
                f"--epsilon-schedule: --solver {transport.solver} has no epsilon",
                hint=f"--solver {', '.join(ENTROPIC)} have",
            )
        schedule = EpsilonSchedule.parse(self.epsilon_schedule)
        ends = (schedule.start, schedule.end)
        if transport.solver == "unbalanced" and any(math.isinf(end.value) for end in ends):
            raise UsageError("--solver unbalanced needs a finite epsilon")

    def epsilon_at(self, progress: float, constant: str) -> Amount:
        """Epsilon after `progress`, a share of the training steps in [0, 1].

        Args:
            progress: That share.
            constant: Epsilon where there is no schedule.
        """
        if self.epsilon_schedule is None:
            return Amount.parse(constant)
        return EpsilonSchedule.parse(self.epsilon_schedule).at(progress)

    def prior_weight_at(self, progress: float) -> float:
        """The prior's weight after `progress`: it falls linearly to 0 at `prior_decay`."""
        return self.prior_weight * max(0.0, 1.0 - progress / self.prior_decay)
