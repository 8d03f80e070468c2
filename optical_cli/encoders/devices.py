"""Where and how precisely a model runs, from ``--device`` and ``--dtype``."""

import contextlib
import logging
import re
from contextlib import AbstractContextManager
from pathlib import Path

import torch

from optical_cli.errors import EnvironmentFault, UsageError

log = logging.getLogger(__name__)

DRIVER_FILE = Path("/proc/driver/nvidia/version")
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
CPUS_WITH_BFLOAT16 = ("amx_bf16", "avx512_bf16")


def choose_device(name: str = "auto") -> torch.device:
    """The device that `name` (auto, cpu, cuda or cuda:N) stands for.

    ``auto`` takes a GPU if torch can use one. If one is there and torch cannot use it, it warns
    with both versions: a run that is silently slow is worse than a line too many.

    Raises:
        EnvironmentFault: A GPU was asked for and cannot be used.
        UsageError: `name` is no device.
    """
    if name == "auto":
        return _automatic()
    if not re.fullmatch(r"cpu|cuda(:\d+)?", name):
        raise UsageError(f"--device {name}: expected auto, cpu, cuda or cuda:N")
    device = torch.device(name)
    if device.type == "cuda":
        _require_cuda(device)
    return device


def _automatic() -> torch.device:
    if torch.cuda.is_available():
        return torch.device("cuda")
    if DRIVER_FILE.exists():
        log.warning("running on the CPU, although there is a GPU: %s", _mismatch())
    return torch.device("cpu")


def _require_cuda(device: torch.device) -> None:
    if not torch.cuda.is_available():
        raise EnvironmentFault(
            f"--device {device}: {_mismatch()}",
            hint="the README's 'Your own torch' says how to install one that fits; or --device cpu",
        )
    if (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise EnvironmentFault(f"--device {device}: there are {count} GPUs, counted from 0")


def _mismatch() -> str:
    """Why torch cannot use CUDA, with the driver's version and torch's."""
    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    return f"torch {torch.__version__} is built for {built}, the driver is {_driver()}"


def _driver() -> str:
    try:
        found = re.search(r"Kernel Module\D*?(\d+\.[\d.]+)", DRIVER_FILE.read_text())
    except OSError:
        return "absent"
    return found[1] if found else "unknown"


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the hardware computes bfloat16 itself: recent GPUs, CPUs with AMX or AVX-512 BF16.

    Elsewhere it is emulated, on a CPU up to sixty times slower than float32.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    able = torch.cpu.get_capabilities()
    return any(able.get(name, False) for name in CPUS_WITH_BFLOAT16)


def resolve_dtype(name: str, device: torch.device) -> torch.dtype:
    """The dtype that `name` (auto or a dtype's name) stands for on `device`."""
    if name == "auto":
        return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    return DTYPES[name]


def autocast(device: torch.device, dtype: str = "auto") -> AbstractContextManager:
    """Run the backbone in a lower precision within the context; float32 changes nothing."""
    resolved = resolve_dtype(dtype, device)
    if resolved is torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, resolved)
