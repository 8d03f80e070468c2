"""Two processes learn what one does."""

import json
import os
import socket
import subprocess
import sys
import time

import pytest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_together(arguments, ranks: int, **options) -> list[int | None]:
    """Run `optical ARGUMENTS...` in fresh processes, as torchrun does; give their exit codes.

    None stands for one that did not end.

    Fresh ones: a fork of a process whose torch has run threads may wait for them forever.
    """
    shared = {
        "WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()),
    }  # fmt: skip
    command = [sys.executable, "-m", "optical_cli", *map(str, arguments)]
    processes = [
        subprocess.Popen(
            command, env=os.environ | shared | {"RANK": str(r), "LOCAL_RANK": str(r)}, **options
        )
        for r in range(ranks)
    ]
    try:
        # One that has failed, perhaps without a word, leaves the others a minute to notice.
        end = time.monotonic() + 600
        while (codes := [process.poll() for process in processes]).count(None):
            if any(codes):
                end = min(end, time.monotonic() + 60)
            if time.monotonic() > end:
                break
            time.sleep(0.1)
        return codes
    finally:
        for process in processes:
            process.kill()


def curve(folder, *names: str) -> list[list[float]]:
    records = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    # A batch of passages has no scores of passages.
    return [[record.get(name, -1.0) for name in names] for record in records if "loss" in record]


@pytest.mark.multiprocess
def test_a_student_of_two_processes(world, teacher, command, tmp_path):
    """Batches of 5, so that the shares differ, and losses that look across processes."""
    arguments = [
        "distill", "--teacher", teacher, "--bitext", world.bitext, "--dev", world.dev, "--steps", 8,
        "--batch-size", 5, "--objective", "ot+contrastive=0.2+score-kl=0.5",
        "--passages", world.collection, "--encode-side", "both", "--trust", "0.5@0.5",
        "--also-source", 0.3, "--train", "embeddings@0.5", "--log-every", 1, "--lr", 1e-3,
        "--device", "cpu", "--dtype", "float32", "-q", "-o",
    ]  # fmt: skip
    command(*arguments, tmp_path / "one")
    assert run_together([*arguments, tmp_path / "two"], 2) == [0, 0]
    names = (
        "step", "rows", "tokens", "loss", "ot", "contrastive", "score-kl", "trusted",
        "gradient_norm",
    )  # fmt: skip
    one, two = (curve(tmp_path / name, *names) for name in ("one", "two"))
    assert len(one) == 8
    assert [record[6] > 0 for record in one] == [True, False] * 4
    # Sums in another order: float32's last digits, which AdamW's first steps enlarge.
    for alone, shared in zip(one, two, strict=True):
        assert shared == pytest.approx(alone, rel=2e-3)
    assert one[0] == pytest.approx(two[0], rel=1e-5)


@pytest.mark.multiprocess
def test_a_teacher_of_two_processes(world, blank, command, tmp_path):
    arguments = [
        "train-teacher", "--model", blank, "--triples", world.triples, "--steps", 5, "--dim", 16,
        "--batch-size", 7, "--query-length", 8, "--passage-length", 12, "--log-every", 1,
        "--device", "cpu", "--dtype", "float32", "-q", "-o",
    ]  # fmt: skip
    command(*arguments, tmp_path / "one")
    said = tmp_path / "said"
    with said.open("w") as stream:
        assert run_together([*arguments, tmp_path / "two"], 2, stderr=stream) == [0, 0]
    assert said.read_text().count("without --dev-queries the last weights are kept") == 1
    one, two = (curve(tmp_path / name, "loss", "first") for name in ("one", "two"))
    assert one[0] == pytest.approx(two[0], rel=1e-5)
    for alone, shared in zip(one, two, strict=True):
        assert shared == pytest.approx(alone, rel=2e-3, abs=1e-6)


@pytest.mark.multiprocess
def test_bad_input_ends_all_processes_with_one_explanation(world, teacher, tmp_path):
    bad = tmp_path / "bad.tsv"
    bad.write_text("a\tb\nonly one field\n")
    said = tmp_path / "said"
    arguments = ["distill", "--teacher", teacher, "--bitext", bad, "--device", "cpu",
                 "-o", tmp_path / "x"]  # fmt: skip
    with said.open("w") as stream:
        assert sorted(run_together(arguments, 2, stderr=stream)) == [3, 5]
    lines = said.read_text()
    assert "bad.tsv:2: expected" in lines and "another process of this run has ended" in lines
    assert "Traceback" not in lines
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.tsv", "said"]
