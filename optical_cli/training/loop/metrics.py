"""What a run measures of itself: means over steps, metrics.jsonl, trackers.

metrics.jsonl holds nothing that depends on the clock, so that equal runs write equal bytes; how
fast a run was is said on the progress line, to trackers and in the manifest.
"""

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

# Before the name of a value, the name of the number of its rows.
COUNTED = "rows of "


class Meter:
    """Sums over rows, on the device, so that a step does not wait for a number to be read.

    Beside what is one per row stands the number of its rows: an objective may begin or end between
    two records, and what a batch of passages does not have is not 0.
    """

    def __init__(self, accelerator: Accelerator):
        self.accelerator = accelerator
        self.sums: dict[str, Tensor] = defaultdict(lambda: torch.zeros((), dtype=torch.float64))

    def add(self, values: Mapping[str, Tensor | float], weight: float = 1.0) -> None:
        """Add each value, summed and counted where it is one per row."""
        for name, value in values.items():
            total = value.detach().double().sum() if isinstance(value, Tensor) else value
            self.sums[name] = self.sums[name] + total * weight
            if isinstance(value, Tensor) and value.ndim:
                self.sums[COUNTED + name] = self.sums[COUNTED + name] + len(value) * weight

    def so_far(self) -> dict[str, float]:
        """The sums of this process alone since the last `take`."""
        return {name: float(total) for name, total in self.sums.items()}

    def restore(self, sums: Mapping[str, float]) -> None:
        """Go on from what an interrupted run had summed."""
        for name, total in sums.items():
            self.sums[name] = torch.tensor(total, dtype=torch.float64)

    def means(self) -> tuple[dict[str, float], dict[str, float]]:
        """Of all processes since the last call: means over rows, and sums of what has none."""
        sums = self.take()
        rows = {
            name.removeprefix(COUNTED): sums.pop(name)
            for name in list(sums)
            if name.startswith(COUNTED)
        }
        return {name: sums.pop(name) / count for name, count in rows.items() if count}, sums

    def take(self) -> dict[str, float]:
        """The sums over all processes since the last call."""
        if not self.sums:
            return {}
        device = self.accelerator.device
        stacked = torch.stack([torch.as_tensor(s, device=device) for s in self.sums.values()])
        totals = self.accelerator.reduce(stacked.double(), reduction="sum").tolist()
        names, self.sums = list(self.sums), type(self.sums)(self.sums.default_factory)
        return dict(zip(names, totals, strict=True))


class MetricsFile:
    """``metrics.jsonl``: a line for every few steps and every validation.

    Args:
        path: The file.
        kept: Bytes of an interrupted run to keep; what was written after its last checkpoint
            comes again.
    """

    def __init__(self, path: Path, kept: int = 0):
        self.stream = path.open("ab")
        self.stream.truncate(kept)

    def write(self, record: Mapping[str, Any]) -> None:
        """Append a line, for whoever watches the file to see at once."""
        self.stream.write(json.dumps(record).encode() + b"\n")
        self.stream.flush()

    def length(self) -> int:
        """Bytes so far, all of them on disk."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        return self.stream.tell()

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


def rounded(values: Mapping[str, float]) -> dict[str, float]:
    """Seven significant digits: what float32 computed, and no more."""
    return {name: float(f"{value:.7g}") for name, value in values.items()}
