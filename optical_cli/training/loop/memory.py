"""How much memory a step needs, how much there is, and what running out of it looks like."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

# Bytes that a layer keeps for the backward pass, per token and unit of width, in 16 bits and with
# fused attention: Korthikanti et al. 2022, "Reducing activation recomputation", equation 2.
KEPT_BYTES = 34
CHECKPOINTED_BYTES = 2
MEMORY_INFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Need:
    """Bytes that a run takes.

    Attributes:
        held: Weights that are in memory already.
        fixed: Gradients and AdamW's moments, whatever the batch is.
        activations: What the backward pass keeps of a batch that is computed in one part.
    """

    held: int
    fixed: int
    activations: int

    def of(self, parts: int = 1) -> int:
        """All of it where a batch is computed in so many parts."""
        return self.held + self.fixed + self.activations // parts

    def parts_within(self, free: int, most: int) -> int | None:
        """The fewest parts, a power of 2 up to `most`, that need no more than `free` bytes more."""
        powers = (1 << place for place in range(most.bit_length()))
        return next((n for n in powers if self.of(n) - self.held <= free), None)


def estimate(
    model: nn.Module, padded_tokens: int, *, frozen: int, recompute: bool, bytes_per_number: int
) -> Need:
    """What training `model` on batches of `padded_tokens` needs, about.

    Args:
        model: What is trained, with a `backbone`.
        padded_tokens: Tokens that it computes at once.
        frozen: Weights of other models in memory.
        recompute: Activations are recomputed instead of kept.
        bytes_per_number: Of activations.
    """
    weights = sum(weight.numel() for weight in model.parameters())
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    config = model.backbone.config
    kept = CHECKPOINTED_BYTES if recompute else KEPT_BYTES
    numbers = padded_tokens * config.hidden_size * config.num_hidden_layers
    activations = numbers * kept * bytes_per_number // 2
    return Need(4 * (weights + frozen), 12 * trained, activations)


def free_memory(device: torch.device) -> int | None:
    """Bytes that can still be had on `device`; None where nobody says."""
    if device.type == "cuda":
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + unused
    known = [size for size in (_available(), _left_in_group()) if size is not None]
    return min(known, default=None)


def _available() -> int | None:
    if not MEMORY_INFO.exists():
        return None
    lines = (line.split() for line in MEMORY_INFO.read_text().splitlines())
    return next((int(line[1]) << 10 for line in lines if line[0] == "MemAvailable:"), None)


def _left_in_group() -> int | None:
    """What a container's limit leaves, where there is one."""
    most, used = (CONTROL_GROUP / f"memory.{name}" for name in ("max", "current"))
    if not most.exists() or not used.exists() or (limit := most.read_text().strip()) == "max":
        return None
    return max(int(limit) - int(used.read_text()), 0)


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether `error` is how a GPU, torch on a CPU, or Python says that there is no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
