"""The loop that both training commands run: rows in, a trained model and its curves out.

It knows nothing of languages or encoders: a step gives a loss per row, a source gives batches.
"""

import logging
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Int

from optical_cli.console import Steps, progress
from optical_cli.training.loop.checkpoints import Checkpoints, State
from optical_cli.training.loop.descent import Descent, Speed
from optical_cli.training.loop.horizon import Horizon
from optical_cli.training.loop.interruption import Interruption, leave
from optical_cli.training.loop.metrics import MetricsFile, rounded
from optical_cli.training.loop.optimizer import learning_rate
from optical_cli.training.loop.selection import Selection
from optical_cli.training.settings import CheckpointSettings, ScheduleSettings

log = logging.getLogger(__name__)

# What processes agree on after a step; above these stands a signal's number.
NOTHING, CHECKPOINT = 0, 1
WARM_STEPS = 5


class Loop:
    """Takes steps until the schedule, the selection or a signal ends the run.

    Args:
        descent: Takes one step.
        schedule: How long and how fast.
        keeping: How often to log and to checkpoint.
        checkpoints: Keeps the run.
        metrics: Keeps the curves; None on all but the main process.
        selection: Validates and picks; None keeps the last weights.
        state: Where the run is.
    """

    def __init__(
        self,
        descent: Descent,
        *,
        schedule: ScheduleSettings,
        keeping: CheckpointSettings,
        checkpoints: Checkpoints,
        metrics: MetricsFile | None,
        selection: Selection | None,
        state: State,
    ):
        self.descent, self.accelerator = descent, descent.accelerator
        self.schedule, self.keeping = schedule, keeping
        self.checkpoints, self.metrics = checkpoints, metrics
        self.selection, self.state = selection, state
        self.horizon = Horizon(schedule, len(descent.source))
        self.saved_at, self.saved_step = time.monotonic(), None
        self.validation_seconds = 0.0
        self.interruption = Interruption()
        if metrics:
            descent.meter.restore(state.sums)

    @property
    def speed(self) -> Speed:
        """How fast the run has been."""
        return self.descent.speed

    def run(self) -> State:
        """Train to the end and return where that is.

        Raises:
            NumericalError: A loss or a gradient is not finite; the rows are named.
            EnvironmentFault: A batch does not fit into memory.
            SystemExit: On SIGTERM, with a checkpoint written; Ctrl-C likewise interrupts.
        """
        with self.interruption, progress("training", self.horizon.total) as bar:
            bar.skip(self.horizon.done(self.state))
            if self.state.step == 0 and self.state.best_step is None:
                self._validate()
            for rows in self._remaining():
                self._take(rows)
                self._show(bar)
                self._look_around()
                if self.state.stopped:
                    break
        return self.state

    def _remaining(self) -> Iterator[Int[np.ndarray, " row"]]:
        """The global batches from where the run is."""
        state = self.state
        while not (self.horizon.reached(state) or state.stopped):
            for rows in self.descent.source.epoch(state.epoch, skip=state.batch):
                yield rows
                if self.horizon.reached(state):
                    return
            state.epoch, state.batch = state.epoch + 1, 0

    def _take(self, rows: Int[np.ndarray, " row"]) -> None:
        done = self.horizon.progress(self.state, len(rows))
        self.descent(rows, self.state.step, done, learning_rate(self.schedule, done))
        self.state.step += 1
        self.state.batch += 1
        self.state.rows += len(rows)

    def _show(self, bar: Steps) -> None:
        if self.state.step % self.keeping.log_every == 0 or self.horizon.reached(self.state):
            record = self._record()
            bar.note(_line(record, self.speed, self.descent.source.unit))
            self._log(
                record, rows_per_second=self.speed.rows_per_second,
                tokens_per_second=self.speed.tokens_per_second,
            )  # fmt: skip
        if self.speed.steps == WARM_STEPS:
            self._foretell()
        bar.advance(self.horizon.done(self.state) - bar.done)

    def _foretell(self) -> None:
        """Say how long the rest will take, by the first few steps and the first validation."""
        pace = self.speed.steps if self.horizon.steps is not None else self.speed.rows
        left = (self.horizon.total - self.horizon.done(self.state)) / pace
        minutes = left * self.speed.seconds / 60
        text, values = "about %.1f minutes to go", [minutes]
        if self.selection:
            validations = left * self.speed.steps / self.selection.every
            text += ", and %.1f for validation"
            values.append(validations * self.validation_seconds / 60)
        log.info(text, *values)

    def _record(self) -> dict[str, Any]:
        """Means since the last one, each over the rows that have it."""
        means, sums = self.descent.meter.means()
        rates = {name: sums[name] / sums["steps"] for name in ("lr", "gradient_norm")}
        where = {"step": self.state.step, "epoch": self.state.epoch, "rows": self.state.rows}
        return where | {"tokens": int(sums["tokens"])} | rounded(means | rates)

    def _log(self, record: dict[str, Any], **clock: float) -> None:
        """Write a record; trackers also get what depends on the clock."""
        if self.metrics:
            self.metrics.write(record)
        values = {name: value for name, value in record.items() if name != "step"}
        self.accelerator.log(values | clock, step=self.state.step)

    def _look_around(self) -> None:
        """Validate, checkpoint and stop where it is time to."""
        if self.selection and (
            self.horizon.reached(self.state) or self.selection.is_due(self.state.step)
        ):
            self._validate()
        wanted = self._agreed(self.interruption.signal or (CHECKPOINT if self._due() else NOTHING))
        if wanted != NOTHING:
            self._checkpoint()
        if wanted > CHECKPOINT:
            log.warning("stopped at step %d; --resume continues from there", self.state.step)
            leave(wanted)

    def _validate(self) -> None:
        """Score the model; the best one is kept as a checkpoint."""
        if self.selection is None:
            return
        if self.accelerator.is_main_process:
            started = time.monotonic()
            score = self.selection.validate(self.state)
            self.validation_seconds = time.monotonic() - started
            self._log({"step": self.state.step, self.selection.name: score})
            if self.state.best_step == self.state.step:
                self._checkpoint()
        self.state.stopped = bool(self._agreed(int(self.state.stopped)))

    def _due(self) -> bool:
        cadence = self.keeping.cadence()
        if cadence.steps is not None:
            return self.state.step % cadence.steps == 0
        return time.monotonic() - self.saved_at >= cadence.seconds

    def _agreed(self, number: int) -> int:
        """The largest of what the processes want, so that all do the same."""
        if self.accelerator.num_processes == 1:
            return number
        wanted = torch.tensor([number], device=self.accelerator.device)
        return int(self.accelerator.gather(wanted).max())

    def _checkpoint(self) -> None:
        if self.metrics and self.saved_step != self.state.step:
            self.state.metrics_bytes = self.metrics.length()
            self.state.sums = self.descent.meter.so_far()
            self.checkpoints.save(self.state)
        self.saved_at, self.saved_step = time.monotonic(), self.state.step


def _line(record: dict[str, Any], speed: Speed, unit: str) -> str:
    return (
        f"loss {record['loss']:.4f}  lr {record['lr']:.1e}"
        f"  {speed.rows_per_second:,.4g} {unit}/s  {speed.tokens_per_second:,.0f} tokens/s"
    )
