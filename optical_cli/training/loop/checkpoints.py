"""Checkpoints: all that a run needs to go on as if it had never stopped."""

import dataclasses
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.optim import Optimizer

from optical_cli.errors import OutputError
from optical_cli.formats.outputs import output_directory, require_space
from optical_cli.training.loop.memory import ran_out_of_memory

STEP = re.compile(r"step-(\d+)")
FORMAT = "optical-checkpoint/1"
# Beside the optimizer's own entries: its class, and what float16's gradients are multiplied by.
KIND, SCALER = "kind", "scaler"


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
        scaler: Whose scale they hold, where gradients are in float16.
    """

    def __init__(
        self,
        folder: Path,
        model: nn.Module,
        optimizer: Optimizer,
        scaler: torch.amp.GradScaler | None = None,
    ):
        self.folder = folder
        self.model = model
        self.optimizer = optimizer
        self.scaler = scaler

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
            moments = {KIND: type(self.optimizer).__name__, **self.optimizer.state_dict()}
            if self.scaler is not None:
                moments[SCALER] = self.scaler.state_dict()
            torch.save(moments, partial / "optimizer.pt")
            text = json.dumps(dataclasses.asdict(state), indent=2)
            (partial / "state.json").write_text(text + "\n", encoding="utf-8")
        self._prune({state.step, state.best_step})

    def latest(self) -> int | None:
        """The step of the last checkpoint, if there is one."""
        return max(self._steps(), default=None)

    def restore(self, step: int) -> State:
        """Load weights and moments of ``step-N``.

        Raises:
            OutputError: It is of a format that this program does not write, or of other weights or
                another optimizer than this program makes of the same settings.
        """
        path = self._path(step)
        body = json.loads((path / "state.json").read_text(encoding="utf-8"))
        if body.get("format") != FORMAT:
            raise _of_another_version(path, f"is {body.get('format')}, not {FORMAT}")
        try:
            state = State(**body)
            self.restore_weights(step)
            self._restore_moments(path)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            if ran_out_of_memory(error):
                raise
            # torch's own first line names the model's class only.
            lines = str(error).strip().split("\n")
            what = lines[min(1, len(lines) - 1)].strip()
            raise _of_another_version(path, f"does not fit this program: {what}") from error
        return state

    def _restore_moments(self, path: Path) -> None:
        """Load the optimizer's state; raise a ValueError where it is of another optimizer."""
        moments = torch.load(path / "optimizer.pt", weights_only=True, map_location="cpu")
        kind, own = moments.pop(KIND, "AdamW"), type(self.optimizer).__name__
        if kind != own:
            raise ValueError(f"the optimizer was {kind} and is now {own}")
        scale = moments.pop(SCALER, None)
        if self.scaler is not None:
            if scale is None:
                raise ValueError("there is no scale for gradients in float16")
            self.scaler.load_state_dict(scale)
        _require_fitting(moments, self.optimizer)
        self.optimizer.load_state_dict(moments)

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


def _require_fitting(moments: Mapping[str, Any], optimizer: Optimizer) -> None:
    """Raise a ValueError for what `load_state_dict` overlooks and a step would trip over.

    Args:
        moments: The saved state.
        optimizer: What it is for.
    """
    groups, owns = moments["param_groups"], optimizer.param_groups
    sizes, wanted = ([len(group["params"]) for group in either] for either in (groups, owns))
    if sizes != wanted:
        raise ValueError(f"the optimizer has groups of {wanted} weights, the checkpoint of {sizes}")
    for saved, own in zip(groups, owns, strict=True):
        if missing := sorted(own.keys() - saved.keys()):
            raise ValueError(f"the optimizer's groups lack {', '.join(missing)}")
        for place, weight in zip(saved["params"], own["params"], strict=True):
            for name, value in moments["state"].get(place, {}).items():
                # A moment is a number, one per row, or one per weight.
                if torch.is_tensor(value) and value.shape != weight.shape[: value.ndim]:
                    raise ValueError(
                        f"{name} of a weight is {tuple(value.shape)}, the weight"
                        f" {tuple(weight.shape)}"
                    )


def _of_another_version(path: Path, what: str) -> OutputError:
    return OutputError(
        what, where=path,
        hint="another version of optical wrote it: resume with that one, or leave --resume out to"
        " begin anew",
    )  # fmt: skip
