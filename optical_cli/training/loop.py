"""The loop that both training commands run: rows in, a trained model and its curves out.

It knows nothing of languages or encoders: a step gives a loss per row, a source gives batches.
"""

import contextlib
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Int
from torch import nn

from optical_cli.console import Steps, progress
from optical_cli.errors import EnvironmentFault, NumericalError
from optical_cli.seeds import derive
from optical_cli.training.checkpoints import Checkpoints, State
from optical_cli.training.data.batches import share_of
from optical_cli.training.interruption import Interruption, leave
from optical_cli.training.metrics import Meter, MetricsFile, rounded
from optical_cli.training.optimizer import learning_rate, set_learning_rate
from optical_cli.training.selection import Selection
from optical_cli.training.settings import BatchSettings, CheckpointSettings, ScheduleSettings
from optical_cli.training.step import NonFinite, Source

log = logging.getLogger(__name__)

NOTHING, CHECKPOINT = 0, 1


@dataclass
class Speed:
    """How fast a run was, apart from validation and checkpoints.

    Attributes:
        seconds: Time in steps.
        rows: Rows trained on.
        tokens: Tokens that the trained encoder read.
    """

    seconds: float = 0.0
    rows: int = 0
    tokens: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows of all processes."""
        return self.rows / max(self.seconds, 1e-9)

    @property
    def tokens_per_second(self) -> float:
        """Tokens of this process."""
        return self.tokens / max(self.seconds, 1e-9)


class Loop:
    """Trains `step` on `source`.

    Args:
        step: A module whose forward gives a `Value` for a batch and the progress.
        source: Gives the batches.
        optimizer: Of the step's parameters.
        checkpoints: Keeps the run.
        metrics: Keeps the curves; None on all but the main process.
        selection: Validates and picks; None trains to the end and keeps the last weights.
        accelerator: The processes and devices; `step` and `optimizer` are prepared by it here.
        schedule: How long and how fast.
        batches: How a batch is cut into what fits.
        keeping: How often to log and to checkpoint.
        seed: Of dropout.
        state: Where an interrupted run was.
    """

    def __init__(
        self,
        step: nn.Module,
        source: Source,
        *,
        optimizer: torch.optim.Optimizer,
        checkpoints: Checkpoints,
        metrics: MetricsFile | None,
        selection: Selection | None,
        accelerator: Accelerator,
        schedule: ScheduleSettings,
        batches: BatchSettings,
        keeping: CheckpointSettings,
        seed: int,
        state: State,
    ):
        self.accelerator = accelerator
        self.module = step
        self.step, self.optimizer = accelerator.prepare(step, optimizer)
        self.source, self.checkpoints, self.metrics = source, checkpoints, metrics
        self.selection, self.schedule, self.keeping = selection, schedule, keeping
        self.accumulate, self.seed, self.state = batches.accumulate, seed, state
        self.meter, self.speed = Meter(accelerator), Speed()
        self.total = math.ceil(schedule.epochs * len(source))

    def run(self) -> State:
        """Train to the end, or until selection or a signal stops it.

        Raises:
            NumericalError: A loss or a gradient is not finite; the rows are named.
            EnvironmentFault: A batch does not fit into memory.
            SystemExit: On SIGTERM, with a checkpoint written; Ctrl-C likewise interrupts.
        """
        total = self.schedule.steps or self.total
        with Interruption() as self.interruption, progress("training", total) as bar:
            bar.advance(self.state.step if self.schedule.steps else self.state.rows)
            self.saved_at = time.monotonic()
            if self.state.step == 0 and self.state.best_step is None:
                self._validate()
            for rows in self._remaining():
                self._take_step(rows)
                self._show(bar, rows)
                self._look_around()
                if self.state.stopped:
                    break
        return self.state

    def finished(self) -> bool:
        """Whether the schedule has come to its end."""
        if self.schedule.steps is not None:
            return self.state.step >= self.schedule.steps
        return self.state.rows >= self.total

    def _remaining(self) -> Iterator[Int[np.ndarray, " row"]]:
        """The global batches from where the run is."""
        state = self.state
        while not self.finished():
            for number, rows in enumerate(self.source.epoch(state.epoch)):
                if number < state.batch:
                    continue
                yield rows
                if self.finished():
                    return
            state.epoch, state.batch = state.epoch + 1, 0

    def progress(self, rows: int) -> float:
        """The share of the training that is done in the middle of a step of `rows`."""
        if self.schedule.steps is not None:
            return min((self.state.step + 0.5) / self.schedule.steps, 1.0)
        return min((self.state.rows + rows / 2) / self.total, 1.0)

    def _take_step(self, rows: Int[np.ndarray, " row"]) -> None:
        started = time.monotonic()
        done = self.progress(len(rows))
        rate = learning_rate(self.schedule, done)
        set_learning_rate(self.optimizer, rate)
        torch.manual_seed(derive(self.seed, "step", self.state.step, self.accelerator.process_index))
        losses = [self._descend(*part, len(rows), done) for part in self._parts(rows)]
        norm = self._clip()
        self._require_finite(losses, norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.state.step += 1
        self.state.batch += 1
        self.state.rows += len(rows)
        seen = {"rows": float(len(rows)), "lr": rate, "gradient_norm": norm, "steps": 1.0}
        self.meter.add(seen, float(self.accelerator.is_main_process))
        self.speed.seconds += time.monotonic() - started
        self.speed.rows += len(rows)

    def _parts(
        self, rows: Int[np.ndarray, " row"]
    ) -> Iterator[tuple[Int[np.ndarray, " row"], float, bool]]:
        """This process's rows in parts, what each weighs, and whether it is the last.

        A process for which no row is left runs one of weight 0, since all have to take part.
        """
        own = share_of(rows, self.accelerator.process_index, self.accelerator.num_processes)
        if not len(own):
            yield rows[:1], 0.0, True
            return
        count = min(self.accumulate, len(own))
        for number in range(count):
            yield own[number::count], 1.0, number == count - 1

    def _descend(
        self, rows: np.ndarray, weight: float, last: bool, of: int, done: float
    ) -> tuple[np.ndarray, torch.Tensor]:
        """Add the gradient of these rows; the loss is the mean over all processes' rows."""
        batch = self.source.load(rows).to(self.accelerator.device)
        together = contextlib.nullcontext() if last else self.accelerator.no_sync(self.step)
        try:
            with together:
                value = self.step(batch, done)
                share = weight * self.accelerator.num_processes / of
                self.accelerator.backward(value.losses.sum() * share)
        except NonFinite as error:
            raise self._named(str(error), rows[error.places]) from None
        except torch.OutOfMemoryError:
            raise self._too_large(rows) from None
        tokens = batch.tokens() * weight
        self.speed.tokens += tokens
        self.meter.add({"loss": value.losses, "tokens": tokens, **value.seen}, weight)
        return rows, value.losses.detach()

    def _clip(self) -> torch.Tensor | float:
        if not self.schedule.max_grad_norm:
            return 0.0
        return self.accelerator.clip_grad_norm_(
            self.step.parameters(), self.schedule.max_grad_norm
        )

    def _require_finite(self, losses: list, norm: torch.Tensor | float) -> None:
        for rows, values in losses:
            if not (finite := values.isfinite()).all():
                faulty = rows[(~finite).cpu().numpy()]
                raise self._named("the loss is not finite", faulty)
        scaled = self.accelerator.scaler is not None  # it skips such steps and lowers its scale
        if not scaled and not math.isfinite(norm):
            raise self._named("the gradient is not finite", losses[0][0])

    def _named(self, what: str, rows: np.ndarray) -> NumericalError:
        names = self.source.names(rows[:10].tolist()) or ["in no single row"]
        return NumericalError(
            f"{what} at step {self.state.step + 1}: {', '.join(names)}",
            hint="a lower --lr, --dtype float32, or a lower --max-grad-norm",
        )

    def _too_large(self, rows: np.ndarray) -> EnvironmentFault:
        parts = self.accumulate * 2
        return EnvironmentFault(
            f"{len(rows)} rows at once do not fit into the device's memory",
            hint=f"--accumulate {parts} computes the same batch in smaller parts;"
            " --checkpoint-gradients also needs less",
        )

    def _show(self, bar: Steps, rows: np.ndarray) -> None:
        if self.state.step % self.keeping.log_every == 0 or self.finished():
            record = self._record()
            bar.note(_line(record, self.speed))
            self._log(record)
        bar.advance(1 if self.schedule.steps else len(rows))

    def _record(self) -> dict[str, Any]:
        """Means since the last one."""
        sums = self.meter.take()
        steps, rows = sums.pop("steps"), sums.pop("rows")
        tokens = int(sums.pop("tokens"))
        rates = {name: sums.pop(name) / steps for name in ("lr", "gradient_norm")}
        means = {name: total / rows for name, total in sums.items()}
        where = {"step": self.state.step, "epoch": self.state.epoch, "rows": self.state.rows}
        return where | {"tokens": tokens} | rounded(means | rates)

    def _log(self, record: dict[str, Any]) -> None:
        if self.metrics:
            self.metrics.write(record)
        values = {name: value for name, value in record.items() if name != "step"}
        pace = {"rows_per_second": self.speed.rows_per_second}
        self.accelerator.log(values | pace, step=self.state.step)

    def _look_around(self) -> None:
        """Validate, checkpoint and stop where it is time to."""
        if self.selection and (self.finished() or self.selection.is_due(self.state.step)):
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
            score = self.selection.validate(self.state)
            self._log({"step": self.state.step, self.selection.name: score})
            if self.state.best_step == self.state.step:
                self._checkpoint()
        self.state.stopped = bool(self._agreed(int(self.state.stopped)))

    def _due(self) -> bool:
        every = self.keeping.cadence()
        if every.steps is not None:
            return self.state.step % every.steps == 0
        return time.monotonic() - self.saved_at >= every.seconds

    def _agreed(self, number: int) -> int:
        """The largest of what the processes want, so that all do the same."""
        if self.accelerator.num_processes == 1:
            return number
        wanted = torch.tensor([number], device=self.accelerator.device)
        return int(self.accelerator.gather(wanted).max())

    def _checkpoint(self) -> None:
        if self.accelerator.is_main_process and self.metrics:
            self.state.metrics_bytes = self.metrics.length()
            self.checkpoints.save(self.state)
        self.saved_at = time.monotonic()


def _line(record: dict[str, Any], speed: Speed) -> str:
    return (
        f"loss {record['loss']:.4f}  lr {record['lr']:.1e}"
        f"  {speed.rows_per_second:,.0f} rows/s  {speed.tokens_per_second:,.0f} tokens/s"
    )
