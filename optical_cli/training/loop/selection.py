"""Which state of the model is kept, judged by a score that the command hands in."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from optical_cli.training.loop.checkpoints import State

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Score:
    """What a model is selected by.

    Attributes:
        name: What it is called, such as ``teacher_agreement``.
        make: Reads and encodes what stays as it is, and returns the function that computes the
            score from the model as it is then; higher is better.
    """

    name: str
    make: Callable[[], Callable[[], float]]


@dataclass(frozen=True)
class Selection:
    """Validates now and then, and remembers the best.

    Attributes:
        name: What the score is called.
        score: Computes it; None on processes that leave this to the main one.
        every: Steps between validations.
        patience: Stop after so many validations without a better one; None never stops early.
    """

    name: str
    score: Callable[[], float] | None
    every: int
    patience: int | None = None

    def is_due(self, step: int) -> bool:
        """Whether to validate after `step`."""
        return step % self.every == 0

    def validate(self, state: State) -> float:
        """Score the model and note in `state` whether it is the best, or the end is reached."""
        score = self.score()
        if state.best_score is None or score > state.best_score:
            state.best_score, state.best_step, state.stale = score, state.step, 0
        else:
            state.stale += 1
        log.info("step %d: %s %.4f (best %.4f at step %d)", state.step, self.name, score,
                 state.best_score, state.best_step)  # fmt: skip
        if self.patience is not None and state.stale >= self.patience:
            state.stopped = True
            log.info("no better one in %d validations: stopping early", state.stale)
        return score
