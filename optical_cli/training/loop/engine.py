"""The processes and devices of a training run, through Accelerate."""

import datetime
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import torch
from accelerate import Accelerator, InitProcessGroupKwargs
from accelerate.state import AcceleratorState
from accelerate.utils import broadcast_object_list

from optical_cli import console
from optical_cli.encoders.devices import choose_device, resolve_dtype
from optical_cli.errors import EnvironmentFault, UsageError
from optical_cli.settings import ComputeSettings, Invocation, nearest

T = TypeVar("T")
TRACKERS = ("tensorboard", "wandb")
MIXED_PRECISION = {torch.float32: "no", torch.bfloat16: "bf16", torch.float16: "fp16"}
# What gloo and NCCL say then.
PEER_IS_GONE = ("Connection closed by peer", "Connection reset by peer", "remote process exited")
# The main process tokenises and encodes alone while the others wait for it.
PATIENCE = datetime.timedelta(hours=12)


def make_accelerator(
    compute: ComputeSettings, track: Sequence[str] = (), tracked: Path | None = None
) -> Accelerator:
    """One process by itself, or its part among those that accelerate or torchrun started.

    All but the main process keep quiet.

    Args:
        compute: Device and precision.
        track: Names of experiment trackers.
        tracked: Where those that write files put them.

    Raises:
        EnvironmentFault: A device or a tracker is not there.
    """
    for name in track:
        _require_tracker(name)
    device = choose_device(compute.device)
    if device.type == "cuda" and device.index is not None:
        torch.cuda.set_device(device)
    # What an earlier run in this process chose would be kept silently otherwise.
    if not torch.distributed.is_initialized():
        AcceleratorState._reset_state(reset_partial_state=True)
    accelerator = Accelerator(
        mixed_precision=MIXED_PRECISION[resolve_dtype(compute.dtype, device)],
        cpu=device.type == "cpu",
        log_with=list(track) or None,
        project_dir=str(tracked) if track else None,
        kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)],
    )
    if not accelerator.is_main_process:
        console.leave_to_others()
    return accelerator


def precision_of(accelerator: Accelerator) -> str:
    """The name of the type that encoders are computed in."""
    names = {name: str(kind).removeprefix("torch.") for kind, name in MIXED_PRECISION.items()}
    return names[accelerator.mixed_precision]


def begin_tracking(accelerator: Accelerator, invocation: Invocation) -> None:
    """Tell the trackers, if there are any, that a run begins, and with which settings."""
    plain = {k: v if isinstance(v, int | float | str) else str(v)
             for k, v in invocation.values().items()}  # fmt: skip
    accelerator.init_trackers("optical", config=plain)


@contextmanager
def peers_as_fault() -> Iterator[None]:
    """Turn what a collective raises when another process has ended into the environment's fault.

    Raises:
        EnvironmentFault: It has; what it says itself is the reason.
    """
    try:
        yield
    except RuntimeError as error:
        if any(sign in str(error) for sign in PEER_IS_GONE):
            raise EnvironmentFault(
                "another process of this run has ended", hint="its own message says why"
            ) from None
        raise


def from_main(accelerator: Accelerator, make: Callable[[], T]) -> T:
    """What `make` gives in the main process, in all of them: files are read by one.

    Raises:
        EnvironmentFault: The main process has ended; what it says itself is the reason.
    """
    if accelerator.num_processes == 1:
        return make()
    held = [make() if accelerator.is_main_process else None]
    with peers_as_fault():
        return broadcast_object_list(held)[0]


def tracking_folder(output: Path) -> Path:
    """Where trackers write: beside the model, as what they write is known to the clock."""
    return output.with_name(f"{output.name}.tracking")


def _require_tracker(name: str) -> None:
    if name not in TRACKERS:
        raise UsageError(
            f"--track {name}: unknown tracker{nearest(name, TRACKERS)}",
            hint=f"there are {' and '.join(TRACKERS)}",
        )
    if importlib.util.find_spec(name) is None:
        raise EnvironmentFault(
            f"--track {name}: {name} is not installed", hint=f"pip install {name}"
        )
