"""From a step and its data to a trained module: the part that both training commands share."""

import contextlib
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from accelerate import Accelerator
from torch import nn

from optical_cli.encoders.attention import train_on_cpu_in_bfloat16
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import InputError, UsageError
from optical_cli.formats.streams import STDIO
from optical_cli.training.loop.checkpoints import Checkpoints, State
from optical_cli.training.loop.descent import Descent, Speed
from optical_cli.training.loop.horizon import Horizon
from optical_cli.training.loop.loop import Loop
from optical_cli.training.loop.metrics import MetricsFile
from optical_cli.training.loop.optimizer import make_optimizer, set_dropout
from optical_cli.training.loop.report import report_run
from optical_cli.training.loop.rowwise import make_gradient_sparse
from optical_cli.training.loop.runs import CHECKPOINTS, METRICS
from optical_cli.training.loop.selection import Score, Selection
from optical_cli.training.loop.step import Source
from optical_cli.training.loop.unfreezing import EVERYTHING, Frozen, GradualUnfreezing
from optical_cli.training.settings import TrainingSettings, ValidationSettings

log = logging.getLogger(__name__)

VALIDATIONS = 10
# Many times what a thread takes that waits for nothing but the interpreter.
LETTING_GO_SECONDS = 0.2


@dataclass(frozen=True)
class Outcome:
    """How a run went.

    Attributes:
        state: Where it ended.
        speed: How fast it was.
        scores: The selection's best, by name.
    """

    state: State
    speed: Speed
    scores: Mapping[str, float]


def require_files(paths: Iterable[Path | str | None]) -> None:
    """Raise before any work for what is missing, or can be read only once.

    Raises:
        UsageError: One is standard input or a pipe.
        InputError: One is not there.
    """
    for path in map(Path, filter(None, paths)):
        if str(path) == STDIO or path.is_fifo() or path.is_char_device():
            raise UsageError(
                f"{path}: training reads its inputs more than once, so they cannot come from stdin"
                " or a pipe"
            )
        if not path.exists():
            raise InputError("no such file", where=path)


def fit(
    step: nn.Module,
    model: LateInteractionEncoder,
    source: Source,
    settings: TrainingSettings,
    folder: Path,
    accelerator: Accelerator,
    *,
    score: Score | None = None,
    unfreezing: GradualUnfreezing = EVERYTHING,
    beside: Sequence[nn.Module] = (),
) -> Outcome:
    """Train until the schedule or the selection ends, and leave the selected weights in `model`.

    Args:
        step: The module that gives losses; `model` is in it.
        model: What is trained.
        source: The data.
        settings: How.
        folder: The run's directory, perhaps with checkpoints of an interrupted run.
        accelerator: Processes and devices.
        score: What is selected on; made and computed by the main process alone.
        unfreezing: What of `model` stays as it is for how long.
        beside: Other models in memory.
    """
    horizon = Horizon(settings.schedule, len(source))
    selection = _selection(score, source, horizon, settings.selecting, accelerator)
    _prepare(model, settings, accelerator)
    frozen = Frozen.of(model, unfreezing, accelerator)
    optimizer = make_optimizer(model, settings.schedule)
    checkpoints = Checkpoints(folder / CHECKPOINTS, model, optimizer, accelerator.scaler)
    state = _resumed(checkpoints)
    metrics = None
    if accelerator.is_main_process:
        checkpoints.require_space()
        held = sum(weight.numel() for other in beside for weight in other.parameters())
        report_run(model, source, horizon, settings.batches, accelerator, frozen=held)
        metrics = MetricsFile(folder / METRICS, state.metrics_bytes)
    descent = Descent(
        step, source, optimizer, accelerator, accumulate=settings.batches.accumulate,
        max_grad_norm=settings.schedule.max_grad_norm, seed=settings.seed,
        frozen=frozen,
    )  # fmt: skip
    loop = Loop(
        descent, schedule=settings.schedule, keeping=settings.keeping, checkpoints=checkpoints,
        metrics=metrics, selection=selection, state=state,
    )  # fmt: skip
    with contextlib.closing(metrics) if metrics else contextlib.nullcontext():
        state = loop.run()
    # Gloo's thread may still be letting go of the last step's tensors, for which it needs the
    # interpreter, while who frees the group holds that and waits for the thread. Here all wait
    # without holding it, and then for the tensors of that waiting itself.
    accelerator.wait_for_everyone()
    if accelerator.num_processes > 1:
        time.sleep(LETTING_GO_SECONDS)
    accelerator.end_training()
    if state.best_step is not None and state.best_step != state.step:
        checkpoints.restore_weights(state.best_step)
    return Outcome(state, loop.speed, {score.name: state.best_score} if score else {})


def _prepare(
    model: LateInteractionEncoder, settings: TrainingSettings, accelerator: Accelerator
) -> None:
    dropout, recompute = settings.schedule.dropout, settings.batches.checkpoint_gradients
    set_dropout(model, dropout)
    if recompute:
        model.checkpoint_gradients()
    # Evaluation mode turns off all that is random, also where a model hides it.
    model.train(dropout > 0 or recompute)
    model.to(accelerator.device)
    if accelerator.device.type == "cpu" and accelerator.mixed_precision == "bf16":
        train_on_cpu_in_bfloat16(model.backbone)
    if settings.batches.compile:
        model.backbone.compile(dynamic=True)
    elif settings.schedule.embedding_lr and _takes_sparse_gradients(accelerator):
        make_gradient_sparse(model.backbone.get_input_embeddings())


def _takes_sparse_gradients(accelerator: Accelerator) -> bool:
    """Whether processes can average them: NCCL cannot, gloo can."""
    return accelerator.num_processes == 1 or accelerator.device.type == "cpu"


def _selection(
    score: Score | None,
    source: Source,
    horizon: Horizon,
    selecting: ValidationSettings,
    accelerator: Accelerator,
) -> Selection | None:
    if score is None:
        return None
    every = selecting.validate_every or max(horizon.steps_over(source) // VALIDATIONS, 1)
    # The others meanwhile wait for the main process, as long as they do while it tokenises.
    compute = score.make() if accelerator.is_main_process else None
    return Selection(score.name, compute, every=every, patience=selecting.patience)


def _resumed(checkpoints: Checkpoints) -> State:
    step = checkpoints.latest()
    if step is None:
        return State()
    log.info("resuming at step %d", step)
    return checkpoints.restore(step)
