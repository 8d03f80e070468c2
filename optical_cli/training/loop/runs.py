"""The directory of a training run while it is made: what an interruption leaves can be resumed."""

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from optical_cli.errors import DiskFull, EnvironmentFault
from optical_cli.formats.manifest import describe_input
from optical_cli.formats.outputs import asked_for, no_space_as_fault, output_directory, partial_path
from optical_cli.formats.resuming import is_complete, plan_of, take_up
from optical_cli.settings import Invocation, ResumableOutputSettings
from optical_cli.training.loop.engine import peers_as_fault, precision_of

log = logging.getLogger(__name__)

RUN = "run.json"
CHECKPOINTS = "checkpoints"
CACHE = "cache"
METRICS = "metrics.jsonl"
# What only a run in the making needs.
TRANSIENT = (RUN, CHECKPOINTS, CACHE)


def plan_of_run(
    out: ResumableOutputSettings, invocation: Invocation, inputs: Sequence[Path | str]
) -> dict[str, Any] | None:
    """All that a run's result depends on; None where ``--resume`` finds it whole.

    Args:
        out: The target, and whether to resume.
        invocation: The command.
        inputs: What it reads.

    Raises:
        OutputError: The target is of another run; the first difference is named.
    """
    plan = plan_of({"settings": invocation.settings}, [describe_input(path) for path in inputs])
    if out.resume and is_complete(out.output, plan):
        log.info("%s is complete already", out.output)
        return None
    return plan


@contextmanager
def training_run(
    out: ResumableOutputSettings, plan: Mapping[str, Any], accelerator: Accelerator
) -> Iterator[Path]:
    """Yield the partial directory that becomes the model when the body ends well.

    The main process owns it. If the body fails before there is a checkpoint, nothing is left.

    Args:
        out: The target, and whether to overwrite or resume.
        plan: All that the result depends on, by name, but for hardware and precision.
        accelerator: Knows this run's processes.

    Raises:
        OutputError: The target exists, another process is writing it, or what was left is of
            another run; the first difference is named.
    """
    if not accelerator.is_main_process:
        with peers_as_fault():
            accelerator.wait_for_everyone()
            _require_shared(partial_path(out.output), out.output)
            yield partial_path(out.output)
        return
    with output_directory(out.output, overwrite=out.overwrite, resume=True) as folder:
        try:
            with no_space_as_fault(out.output), peers_as_fault():
                # What --device auto and --dtype auto stand for on another machine may be another.
                kind = f"{accelerator.device.type}, {precision_of(accelerator)}"
                _begin(folder, {**plan, "hardware and precision": kind}, out)
                accelerator.wait_for_everyone()
                yield folder
        except DiskFull as error:
            raise DiskFull(
                error.problem, where=_known_name(error.where, out.output),
                hint=f"free some space; {_remains(folder)}",
            ) from None  # fmt: skip
        except BaseException:
            _remains(folder)
            raise
        _tidy(folder)


def _require_shared(folder: Path, target: Path) -> None:
    if not (folder / RUN).is_file():
        raise EnvironmentFault(
            "a process on another machine does not see what the first one writes there",
            where=target, hint="put the output on a file system that all machines share",
        )  # fmt: skip


def _known_name(place: Path, target: Path) -> Path:
    """The output instead of a place within it."""
    return target if asked_for(place).is_relative_to(target) else place


def _remains(folder: Path) -> str:
    """Keep what can be resumed of a run that has failed, and say what a person can do with it."""
    steps = [int(path.name[5:]) for path in (folder / CHECKPOINTS).glob("step-*")]
    if steps:
        return f"--resume then continues at step {max(steps)}"
    shutil.rmtree(folder, ignore_errors=True)
    return "nothing was kept of this run"


def _begin(folder: Path, plan: Mapping[str, Any], out: ResumableOutputSettings) -> None:
    take_up(folder, RUN, plan, out.output, resume=out.resume)
    for name in (CHECKPOINTS, CACHE):
        (folder / name).mkdir(exist_ok=True)
    for stale in (folder / CHECKPOINTS).glob(".*"):
        shutil.rmtree(stale)


def _tidy(folder: Path) -> None:
    (folder / RUN).unlink()
    for name in (CHECKPOINTS, CACHE):
        shutil.rmtree(folder / name)
