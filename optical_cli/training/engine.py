"""The processes and devices of a training run, through Accelerate."""

import datetime

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs, InitProcessGroupKwargs
from accelerate.state import AcceleratorState

from optical_cli import console
from optical_cli.encoders.devices import choose_device, resolve_dtype
from optical_cli.settings import ComputeSettings

MIXED_PRECISION = {torch.float32: "no", torch.bfloat16: "bf16", torch.float16: "fp16"}
# The main process tokenises and encodes alone while the others wait for it.
PATIENCE = datetime.timedelta(hours=12)


def make_accelerator(compute: ComputeSettings) -> Accelerator:
    """One process by itself, or its part among those that accelerate or torchrun started.

    All but the main process keep quiet.
    """
    device = choose_device(compute.device)
    if device.type == "cuda" and device.index is not None:
        torch.cuda.set_device(device)
    # What an earlier run in this process chose would be kept silently otherwise.
    if not torch.distributed.is_initialized():
        AcceleratorState._reset_state(reset_partial_state=True)
    accelerator = Accelerator(
        mixed_precision=MIXED_PRECISION[resolve_dtype(compute.dtype, device)],
        cpu=device.type == "cpu",
        kwargs_handlers=[
            InitProcessGroupKwargs(timeout=PATIENCE),
            DistributedDataParallelKwargs(broadcast_buffers=False),
        ],
    )
    if not accelerator.is_main_process:
        console.set_up(quiet=True)
    return accelerator
