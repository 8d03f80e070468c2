"""What a checkpoint holds comes back, or is refused with what does not fit."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from optical_cli.errors import OutputError
from optical_cli.training.loop.checkpoints import Checkpoints, State


def checkpoints(folder, optimizer=torch.optim.AdamW, **group) -> Checkpoints:
    torch.manual_seed(3)
    model = nn.Linear(3, 2)
    return Checkpoints(folder, model, optimizer([{"params": model.parameters(), **group}], lr=0.1))


def step(of: Checkpoints) -> None:
    of.optimizer.zero_grad()
    of.model(torch.ones(1, 3)).sum().backward()
    of.optimizer.step()


@pytest.fixture
def saved(tmp_path):
    """A checkpoint of step 1; whoever restores it is to have `factor` in its group."""
    written = checkpoints(tmp_path, factor=2.0)
    step(written)
    written.save(State(step=1, rows=7))
    return tmp_path / "step-1"


def test_a_restored_run_goes_on_as_the_one_that_was_saved(saved):
    first, second = checkpoints(saved.parent, factor=2.0), checkpoints(saved.parent, factor=2.0)
    step(first)
    assert second.restore(1) == State(step=1, rows=7)
    step(first), step(second)
    assert torch.equal(first.model.weight, second.model.weight)


def change_moments(folder, change) -> None:
    moments = torch.load(folder / "optimizer.pt", weights_only=True)
    change(moments)
    torch.save(moments, folder / "optimizer.pt")


def narrow(moments):
    moments["state"][0]["exp_avg"] = moments["state"][0]["exp_avg"][:, :1].clone()


def fewer(moments):
    moments["param_groups"][0]["params"].pop()


@pytest.mark.parametrize(("change", "message"), [
    (narrow, r"exp_avg of a weight is \(2, 1\), the weight \(2, 3\)"),
    (fewer, r"groups of \[2\] weights, the checkpoint of \[1\]"),
    (lambda moments: moments["param_groups"][0].pop("factor"), "groups lack factor"),
    (lambda moments: moments.pop("state"), "state"),
])  # fmt: skip
def test_moments_of_another_make_are_refused(saved, change, message):
    change_moments(saved, change)
    with pytest.raises(OutputError, match=message):
        checkpoints(saved.parent, factor=2.0).restore(1)


def test_another_optimizer_is_refused(saved):
    with pytest.raises(OutputError, match="the optimizer was AdamW and is now SGD"):
        checkpoints(saved.parent, torch.optim.SGD, factor=2.0).restore(1)


def test_weights_of_another_shape_are_refused(saved):
    weights = load_file(saved / "weights.safetensors")
    save_file({**weights, "weight": weights["weight"][:1].clone()}, saved / "weights.safetensors")
    with pytest.raises(OutputError, match="size mismatch for weight"):
        checkpoints(saved.parent, factor=2.0).restore(1)


def test_a_state_with_other_fields_is_refused(saved):
    body = json.loads((saved / "state.json").read_text())
    (saved / "state.json").write_text(json.dumps({**body, "dice": [1]}))
    with pytest.raises(OutputError, match="dice"):
        checkpoints(saved.parent, factor=2.0).restore(1)


def test_the_scale_of_float16_gradients_comes_back_and_is_missed(saved):
    written = checkpoints(saved.parent, factor=2.0)
    written.scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    written.scaler.scale(torch.ones(1))
    written.save(State(step=2, best_step=1))
    again = checkpoints(saved.parent, factor=2.0)
    again.scaler = torch.amp.GradScaler("cpu")
    again.restore(2)
    assert again.scaler.get_scale() == 8.0
    with pytest.raises(OutputError, match="no scale for gradients in float16"):
        again.restore(1)
