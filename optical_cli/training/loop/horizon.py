"""How far a run has come, and where it ends."""

import math

from optical_cli.training.loop.checkpoints import State
from optical_cli.training.loop.step import Source
from optical_cli.training.settings import ScheduleSettings


class Horizon:
    """The length of a run, in steps or in rows.

    Args:
        settings: Epochs, or steps instead.
        rows: Rows of an epoch.
    """

    def __init__(self, settings: ScheduleSettings, rows: int):
        self.steps = settings.steps
        self.rows = math.ceil(settings.epochs * rows)

    @property
    def total(self) -> int:
        """Steps, or rows where the run is so many epochs."""
        return self.steps if self.steps is not None else self.rows

    def steps_over(self, source: Source) -> int:
        """Steps that the run will take, as near as batches of even size tell."""
        if self.steps is not None:
            return self.steps
        return max(round(self.rows / len(source) * source.batches_in_epoch()), 1)

    def done(self, state: State) -> int:
        """How many of them are done."""
        return state.step if self.steps is not None else state.rows

    def reached(self, state: State) -> bool:
        """Whether the run has come to its end."""
        return self.done(state) >= self.total

    def progress(self, state: State, rows: int) -> float:
        """The share of the run that is done in the middle of the next step, one of `rows`."""
        half = 0.5 if self.steps is not None else rows / 2
        return min((self.done(state) + half) / self.total, 1.0)
