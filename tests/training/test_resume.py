"""A run that is killed and resumed ends in the bytes of one that never was."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
import torch

from optical_cli.formats.outputs import partial_path


@pytest.fixture
def distill(world, teacher, command, tmp_path):
    """Arguments of a short run with checkpoints and selection, to `name`."""

    def run(name: str, *more: object) -> list[object]:
        return [
            "distill", "--teacher", teacher, "--bitext", world.bitext, "--dev", world.dev,
            "-o", tmp_path / name, "--steps", 24, "--lr", 2e-3, "--batch-size", 8, "--dropout", 0.1,
            "--checkpoint-every", 3, "--validate-every", 10, "--trust", "0.7@0.5", "-q",
            "--objective", "ot+score-kl=0.1", "--passages", world.collection,
            "--train", "embeddings@0.5", "--also-source", 0.2, *more,
        ]  # fmt: skip

    return run


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and p.name != "manifest.json"}  # fmt: skip


def what_of(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    return manifest["what"], manifest["lineage"]


def run_and_kill(arguments, checkpoints, delay: float) -> bool:
    """Run in a fresh process and kill it some time after its first checkpoint; was it alive?"""
    command = [sys.executable, "-m", "optical_cli", *map(str, arguments)]
    child = subprocess.Popen(command)
    while child.poll() is None and not any(checkpoints.glob("step-*")):
        time.sleep(0.005)
    time.sleep(delay)
    alive = child.poll() is None
    child.kill()
    child.wait()
    return alive


@pytest.mark.multiprocess
def test_killed_and_resumed_is_never_killed(distill, command, tmp_path):
    command(*distill("whole"))
    partial = partial_path(tmp_path / "killed")
    assert run_and_kill(distill("killed"), partial / "checkpoints", 0.1)
    assert not (tmp_path / "killed").exists() and partial.is_dir()
    command(*distill("killed", "--resume"))
    assert bytes_of(tmp_path / "killed") == bytes_of(tmp_path / "whole")
    assert what_of(tmp_path / "killed") == what_of(tmp_path / "whole")
    assert not partial.exists()


@pytest.mark.slow
@pytest.mark.multiprocess
def test_twenty_kills_at_random_moments(distill, command, tmp_path):
    started = time.monotonic()
    command(*distill("whole"))
    longest = time.monotonic() - started
    chance = random.Random(1)
    for number in range(20):
        name = f"killed{number}"
        partial = partial_path(tmp_path / name) / "checkpoints"
        while True:  # kill again and again, until a run comes through
            killed = run_and_kill(distill(name, "--resume"), partial, chance.uniform(0, longest))
            if not killed:
                break
        assert bytes_of(tmp_path / name) == bytes_of(tmp_path / "whole"), number


def before_step(monkeypatch, number: int, act) -> None:
    """Call `act` at the beginning of optimizer step `number` (from 0)."""
    from optical_cli.training.loop.descent import Descent

    take = Descent.__call__

    def patched(self, rows, step, *rest):
        if step == number:
            act()
        return take(self, rows, step, *rest)

    monkeypatch.setattr(Descent, "__call__", patched)


def test_sigterm_leaves_a_checkpoint_and_exit_143(distill, tmp_path, optical_here, monkeypatch):
    before_step(monkeypatch, 4, lambda: os.kill(os.getpid(), signal.SIGTERM))
    code, _, err = optical_here(*distill("stopped"))
    assert code == 143
    assert "stopped at step 5; --resume continues from there" in err
    assert not (tmp_path / "stopped").exists()
    assert (partial_path(tmp_path / "stopped") / "checkpoints" / "step-5").is_dir()


def test_ctrl_c_leaves_a_checkpoint_and_resuming_with_another_setting_names_it(
    distill, tmp_path, optical_here, monkeypatch
):
    checkpoints = partial_path(tmp_path / "x") / "checkpoints"
    with monkeypatch.context() as patch:
        before_step(patch, 4, lambda: os.kill(os.getpid(), signal.SIGINT))
        assert optical_here(*distill("x"))[0] == 130
    before = sorted(path.name for path in checkpoints.iterdir())
    assert "step-5" in before
    code, _, err = optical_here(*distill("x", "--resume", "--weight-decay", 0.5))
    assert code == 4
    assert "was begun with setting schedule.weight_decay 0.01, now 0.5" in err
    with monkeypatch.context() as patch:  # --dtype auto on another machine
        patch.setattr("optical_cli.training.loop.runs.precision_of", lambda accelerator: "float8")
        code, _, err = optical_here(*distill("x", "--resume"))
    assert code == 4
    assert "was begun with hardware and precision cpu, " in err and "now cpu, float8" in err
    assert sorted(path.name for path in checkpoints.iterdir()) == before


def test_a_run_that_fails_before_a_checkpoint_leaves_nothing(distill, tmp_path, optical_here):
    bad = tmp_path / "bad.tsv"
    bad.write_text("a\tb\nonly one field\n")
    arguments = distill("none")
    arguments[arguments.index("--bitext") + 1] = bad
    code, _, err = optical_here(*arguments)
    assert code == 3 and "bad.tsv:2" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tsv"]


def test_a_checkpoint_that_another_version_wrote_is_refused(
    distill, tmp_path, optical_here, monkeypatch
):
    with monkeypatch.context() as patch:
        before_step(patch, 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
        assert optical_here(*distill("old"))[0] == 143
    checkpoint = partial_path(tmp_path / "old") / "checkpoints" / "step-3"
    moments = torch.load(checkpoint / "optimizer.pt", weights_only=True)
    moments["param_groups"][0]["params"].pop()
    torch.save(moments, checkpoint / "optimizer.pt")
    before = {path: path.read_bytes() for path in checkpoint.iterdir()}
    code, _, err = optical_here(*distill("old", "--resume"))
    assert code == 4
    assert "step-3: does not fit this program: the optimizer has groups of" in err
    assert "resume with that one, or leave --resume out to begin anew" in err
    assert {path: path.read_bytes() for path in checkpoint.iterdir()} == before
