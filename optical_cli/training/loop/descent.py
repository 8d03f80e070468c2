"""One optimizer step: a global batch, this process's part of it, its gradient."""

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from accelerate import Accelerator
from jaxtyping import Float, Int
from torch import Tensor, nn

from optical_cli.errors import EnvironmentFault, NumericalError
from optical_cli.seeds import derive
from optical_cli.training.data.batches import share_of
from optical_cli.training.loop.memory import ran_out_of_memory
from optical_cli.training.loop.metrics import Meter
from optical_cli.training.loop.optimizer import set_learning_rate
from optical_cli.training.loop.rowwise import clip_gradients
from optical_cli.training.loop.step import NonFinite, Source
from optical_cli.training.loop.unfreezing import Frozen

ROWS_NAMED = 10


@dataclass
class Speed:
    """How fast a run was, apart from validation and checkpoints.

    Attributes:
        seconds: Time in steps.
        cpu_seconds: Processor time that this process spent in them.
        rows: Rows of all processes.
        tokens: Tokens that this process's encoder read.
        processes: How many there are; they read about as many tokens each.
        steps: Optimizer steps.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    rows: int = 0
    tokens: float = 0.0
    processes: int = 1
    steps: int = 0

    @property
    def rows_per_second(self) -> float:
        """Rows of all processes."""
        return self.rows / max(self.seconds, 1e-9)

    @property
    def tokens_per_second(self) -> float:
        """Tokens of all processes, about."""
        return self.processes * self.tokens / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class Part:
    """Rows that are computed at once.

    Attributes:
        rows: Which.
        weight: 1, or 0 for rows that only keep this process in step with the others.
        last: No part of this step follows.
    """

    rows: Int[np.ndarray, " row"]
    weight: float
    last: bool


class Descent:
    """Moves a step module's parameters down the gradient of its mean loss.

    Args:
        step: Gives a `Value` for a batch and the progress.
        source: Gives the batches.
        optimizer: Of the step's parameters.
        accelerator: Processes and devices; prepares both.
        accumulate: Parts of a batch, computed one after the other.
        max_grad_norm: Where the gradient is clipped; 0 does not clip.
        seed: Of dropout.
        frozen: Parameters that stay as they are for a while.
    """

    def __init__(
        self,
        step: nn.Module,
        source: Source,
        optimizer: torch.optim.Optimizer,
        accelerator: Accelerator,
        *,
        accumulate: int,
        max_grad_norm: float,
        seed: int,
        frozen: Frozen | None = None,
    ):
        self.accelerator = accelerator
        self.step, self.optimizer = accelerator.prepare(step, optimizer)
        self.source = source
        self.accumulate, self.max_grad_norm, self.seed = accumulate, max_grad_norm, seed
        self.frozen = frozen or Frozen()
        self.meter, self.speed = Meter(accelerator), Speed(processes=accelerator.num_processes)

    def __call__(
        self, rows: Int[np.ndarray, " row"], number: int, progress: float, rate: float
    ) -> None:
        """Take step `number` (from 0) on the global batch `rows`.

        Every step seeds the generators itself, so that a resumed run needs none of their state.

        Raises:
            NumericalError: A loss or the gradient is not finite; the weights are as before.
            EnvironmentFault: The batch does not fit into memory.
        """
        try:
            self._descend(rows, number, progress, rate)
            return
        except (RuntimeError, MemoryError) as error:
            if not ran_out_of_memory(error):
                raise
        # Not within the handler, whose exception keeps the tensors of the failed step.
        raise self._too_large(rows, progress)

    def _descend(
        self, rows: Int[np.ndarray, " row"], number: int, progress: float, rate: float
    ) -> None:
        started, spent = time.monotonic(), time.process_time()
        self._seed(number)
        set_learning_rate(self.optimizer, rate)
        self.frozen.before(progress)
        losses = [(p.rows, self._backward(p, len(rows), progress)) for p in self._parts(rows)]
        self.frozen.after(progress)
        norm = self._clip()
        self._require_finite(losses, norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        seen = {"lr": rate, "gradient_norm": norm, "steps": 1.0}
        self.meter.add(seen, float(self.accelerator.is_main_process))
        self.speed.seconds += time.monotonic() - started
        self.speed.cpu_seconds += time.process_time() - spent
        self.speed.rows += len(rows)
        self.speed.steps += 1

    def _seed(self, number: int) -> None:
        # Not torch.manual_seed: without CUDA it puts aside a stack trace at every call.
        seed = derive(self.seed, "step", number, self.accelerator.process_index)
        torch.default_generator.manual_seed(seed)
        if self.accelerator.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    def _own(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, " row"]:
        return share_of(rows, self.accelerator.process_index, self.accelerator.num_processes)

    def _parts(self, rows: Int[np.ndarray, " row"]) -> Iterator[Part]:
        """The rows of this process; one of weight 0 if none is left for it, since all take part."""
        own = self._own(rows)
        if not len(own):
            yield Part(rows[:1], 0.0, True)
            return
        count = min(self.accumulate, len(own))
        for number in range(count):
            yield Part(own[number::count], 1.0, number == count - 1)

    def _backward(self, part: Part, of: int, progress: float) -> Float[Tensor, " row"]:
        """Add the gradient of these rows' share in the mean over the global batch."""
        batch = self.source.load(part.rows).to(self.accelerator.device)
        last = part.last or self.accelerator.num_processes == 1
        with contextlib.nullcontext() if last else self.accelerator.no_sync(self.step):
            try:
                value = self.step(batch, progress)
                # Processes' gradients are averaged, hence their number.
                share = part.weight * self.accelerator.num_processes / of
                self.accelerator.backward(value.losses.sum() * share)
            except NonFinite as error:
                raise self._named(str(error), part.rows[error.places]) from None
        tokens = batch.tokens() * part.weight
        self.speed.tokens += tokens
        self.meter.add({"loss": value.losses, "tokens": tokens, **value.seen}, part.weight)
        return value.losses.detach()

    def _clip(self) -> Float[Tensor, ""]:
        self.accelerator.unscale_gradients(self.optimizer)
        return clip_gradients(self.step.parameters(), self.max_grad_norm)

    def _require_finite(
        self, losses: list[tuple[np.ndarray, Tensor]], norm: Float[Tensor, ""]
    ) -> None:
        for rows, values in losses:
            if not (finite := values.isfinite()).all():
                raise self._named("the loss is not finite", rows[(~finite).cpu().numpy()])
        # In float16 the scaler skips such steps and lowers its scale.
        if self.accelerator.scaler is None and not math.isfinite(norm):
            raise self._named("the gradient is not finite", losses[0][0])

    def _named(self, what: str, rows: np.ndarray) -> NumericalError:
        names = ", ".join(self.source.names(rows[:ROWS_NAMED].tolist()))
        more = f" and {len(rows) - ROWS_NAMED} more" if len(rows) > ROWS_NAMED else ""
        return NumericalError(
            f"{what}: {names}{more}",
            hint="try a lower --lr, a lower --max-grad-norm, or --dtype float32",
        )

    def _too_large(self, rows: Int[np.ndarray, " row"], progress: float) -> EnvironmentFault:
        """What is wrong with a batch that does not fit, and what would fit."""
        own = self._own(rows)
        count = -(-len(own) // self.accumulate)
        return EnvironmentFault(
            f"{count} rows at once do not fit into the memory of {self.accelerator.device}",
            hint=self._remedy(own, progress),
        )

    def _remedy(self, own: Int[np.ndarray, " row"], progress: float) -> str:
        """Options under which the batch fits, tried where no other process has to take part."""
        if self.accelerator.num_processes > 1:
            return f"try --accumulate {2 * self.accumulate}, or --checkpoint-gradients"
        parts = 2 * self.accumulate
        while parts < 2 * len(own):
            if self._fits(own[::parts], progress):
                return f"--accumulate {parts} fits: the same batch in smaller parts"
            parts *= 2
        return "not even one row fits: take --checkpoint-gradients, or lower the lengths"

    def _fits(self, rows: Int[np.ndarray, " row"], progress: float) -> bool:
        self.optimizer.zero_grad()
        if self.accelerator.device.type == "cuda":
            torch.cuda.empty_cache()
        try:
            self._backward(Part(rows, 1.0, True), len(rows), progress)
        except (RuntimeError, MemoryError) as error:
            if not ran_out_of_memory(error):
                raise
            return False
        return True
