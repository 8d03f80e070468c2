"""Checkpoints: all that a run needs to go on as if it had never stopped."""

import dataclasses
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim import Optimizer

from optical_cli.errors import OutputError
from optical_cli.formats.outputs import output_directory, require_space

STEP = re.compile(r"step-(\d+)")
FORMAT = "optical-checkpoint/1"


@dataclass
class State:
    """Where a run is; the generators need no place here, as every step seeds its own.

    Attributes:
        step: Optimizer steps taken.
        epoch: The epoch of the next batch.
        batch: The next batch's number in it.
        rows: Rows seen.
        best_step: At which step selection found the best student; None without selection.
        best_score: Its score.
        stale: Validations since then.
        metrics_bytes: Length of metrics.jsonl.
        sums: What the main process has summed for the next line of it.
        stopped: Early stopping has ended the run.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    rows: int = 0
    best_step: int | None = None
    best_score: float | None = None
    stale: int = 0
    metrics_bytes: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    stopped: bool = False
    format: str = field(default=FORMAT)


class Checkpoints:
    """The folders ``step-N`` of a run: the last one and the best one are kept.

    Args:
        folder: Where they lie.
        model: Whose weights they hold.
        optimizer: Whose moments they hold.
    """

    def __init__(self, folder: Path, model: nn.Module, optimizer: Optimizer):
        self.folder = folder
        self.model = model
        self.optimizer = optimizer

    def require_space(self) -> None:
        """Raise before the first step if not even three checkpoints fit on the disk.

        Raises:
            EnvironmentFault: They do not.
        """
        weights = sum(w.numel() * w.element_size() for w in self.model.state_dict().values())
        trained = sum(w.numel() * w.element_size() for w in self.model.parameters()
                      if w.requires_grad)  # fmt: skip
        require_space(self.folder, 3 * (weights + 2 * trained))

    def save(self, state: State) -> None:
        """Write ``step-N``, whole or not at all, and drop those that are neither last nor best."""
        with output_directory(self._path(state.step), overwrite=True) as partial:
            weights = {name: w.contiguous() for name, w in self.model.state_dict().items()}
            save_file(weights, partial / "weights.safetensors")
            torch.save(self.optimizer.state_dict(), partial / "optimizer.pt")
            text = json.dumps(dataclasses.asdict(state), indent=2)
            (partial / "state.json").write_text(text + "\n", encoding="utf-8")
        self._prune({state.step, state.best_step})

    def latest(self) -> int | None:
        """The step of the last checkpoint, if there is one."""
        return max(self._steps(), default=None)

    def restore(self, step: int) -> State:
        """Load weights and moments of ``step-N``.

        Raises:
            OutputError: It is of a format that this program does not write.
        """
        path = self._path(step)
        body = json.loads((path / "state.json").read_text(encoding="utf-8"))
        if body.get("format") != FORMAT:
            raise OutputError(f"is {body.get('format')}; this program reads {FORMAT}", where=path)
        self.restore_weights(step)
        moments = torch.load(path / "optimizer.pt", weights_only=True, map_location="cpu")
        self.optimizer.load_state_dict(moments)
        return State(**body)

    def restore_weights(self, step: int) -> None:
        """Load the weights of ``step-N`` alone."""
        self.model.load_state_dict(load_file(self._path(step) / "weights.safetensors"))

    def clear(self) -> None:
        """Remove all of them."""
        self._prune(set())

    def _prune(self, kept: set[int | None]) -> None:
        for step in self._steps():
            if step not in kept:
                shutil.rmtree(self._path(step))

    def _steps(self) -> list[int]:
        names = (STEP.fullmatch(path.name) for path in self.folder.iterdir())
        return [int(match[1]) for match in names if match]

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step}"
