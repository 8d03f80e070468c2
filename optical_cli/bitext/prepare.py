"""The whole road from readers to a directory of clean pairs and an account of the others."""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from optical_cli.bitext.account import Account, histograms
from optical_cli.bitext.judging import Judge
from optical_cli.bitext.resolving import REASONS, Resolution, resolve
from optical_cli.bitext.rows import account_row, json_lines
from optical_cli.bitext.splitting import choose_dev, dev_size
from optical_cli.bitext.spool import Spool
from optical_cli.bitext.stopwatch import Stopwatch
from optical_cli.bitext.waterfall import waterfall
from optical_cli.bitext.workers import verdicts
from optical_cli.console import progress
from optical_cli.errors import InputError
from optical_cli.formats.bitext_writing import BitextStyle, LineSink, bitext_sink
from optical_cli.formats.outputs import output_file

LOG = logging.getLogger(__name__)
REJECTED = "rejected.jsonl.zst"
MARKED = "flagged.jsonl.zst"


@dataclass(frozen=True)
class Plan:
    """What happens to the pairs that the judge lets through.

    Attributes:
        style: Format of the train and dev files.
        dev: ``--dev``: a number of pairs or a share.
        seed: Seed of the split.
        workers: Processes that judge.
        fail_on_malformed: A record that gives no pair ends the run.
    """

    style: BitextStyle
    dev: str
    seed: int
    workers: int = 1
    fail_on_malformed: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was done.

    Attributes:
        account: What became of every record.
        written: Pairs by file: train and dev.
    """

    account: Account
    written: dict[str, int]


def prepare(judge: Judge, plan: Plan, directory: Path) -> Outcome:
    """Judge every record, resolve copies, split, and write the files into `directory`.

    Raises:
        InputError: No pair is left, or one is malformed and that is to end the run.
    """
    spool = Spool(directory / ".spool")
    try:
        with ExitStack() as stack:
            rejected = stack.enter_context(output_file(directory / REJECTED))
            marked: Callable[[bytes], Any] = len
            if judge.flag_only:
                marked = stack.enter_context(output_file(directory / MARKED)).write
            account = _judge_all(judge, plan, spool, rejected.write, marked)
            watch = Stopwatch()
            resolution = resolve(spool, judge.thresholds, watch)
            tell = marked if judge.flag_only else rejected.write
            dev = _finish(judge, plan, spool, resolution, account, directory, tell)
            watch.lap("write")
            account.seconds.update(watch.seconds)
    finally:
        spool.remove()
    account.check()
    kept = account.kept.total()
    return Outcome(account, {"train": kept - dev, "dev": dev})


def _judge_all(judge: Judge, plan: Plan, spool: Spool, reject: Callable, mark: Callable) -> Account:
    account = Account()
    with progress("judging pairs") as steps:
        for verdict in verdicts(judge, plan.workers):
            if verdict.faults and plan.fail_on_malformed:
                raise InputError.gather(verdict.faults, hint="--on-malformed reject counts them")
            account.add(verdict.account)
            reject(verdict.rejected)
            mark(verdict.marked)
            spool.append(verdict.survivors)
            steps.advance(verdict.account.read.total())
    spool.finish()
    return account


def _finish(
    judge: Judge, plan: Plan, spool: Spool, resolution: Resolution, account: Account,
    directory: Path, tell: Callable[[bytes], Any],
) -> int:  # fmt: skip
    """Write what is kept and account for what is not; how many pairs went to dev."""
    kept = np.ones(len(spool), dtype=bool) if judge.flag_only else resolution.kept
    _count_kept(judge, spool, kept, account)
    held_out = _held_out(plan, resolution, kept)
    with ExitStack() as stack:
        sinks = [stack.enter_context(bitext_sink(directory, "train", plan.style))]
        if float(plan.dev):
            sinks.append(stack.enter_context(bitext_sink(directory, "dev", plan.style)))
        _write(judge, spool, resolution, account, (kept, held_out), sinks, tell)
    if not kept.any():
        raise InputError(f"no pair is left\n{waterfall(account)}")
    return int(held_out.sum())


def _held_out(
    plan: Plan, resolution: Resolution, kept: Bool[np.ndarray, " pair"]
) -> Bool[np.ndarray, " pair"]:
    rows = np.flatnonzero(kept)
    size = dev_size(plan.dev, len(rows))
    held_out = np.zeros(len(kept), dtype=bool)
    chosen = choose_dev(resolution.groups[rows], resolution.keys[rows], size, plan.seed)
    held_out[rows[chosen]] = True
    if chosen.sum() < size * 0.9:
        LOG.warning(
            "dev has %d pairs, not %d: the others have near copies that would stand in train",
            chosen.sum(), size,
        )  # fmt: skip
    return held_out


def _count_kept(
    judge: Judge, spool: Spool, kept: Bool[np.ndarray, " pair"], account: Account
) -> None:
    counts = np.bincount(spool.column["input"][kept], minlength=len(judge.readers))
    names = [reader.name for reader in judge.readers]
    account.kept = Counter(dict(zip(names, counts.tolist(), strict=True)))
    lengths = [spool.column[name][kept].astype(np.int64) for name in LENGTHS]
    account.after = histograms(*lengths, judge.profile.length_ratio)


LENGTHS = ("source_length", "target_length")


def _write(
    judge: Judge, spool: Spool, resolution: Resolution, account: Account,
    split: tuple[np.ndarray, np.ndarray], sinks: list[LineSink], tell: Callable[[bytes], Any],
) -> None:  # fmt: skip
    kept, held_out = split
    copied = resolution.reason > 0
    state = kept + 2 * held_out + 4 * copied
    # Neighbors that go the same way are moved together.
    for first, lines in spool.runs(state):
        if kept[first]:
            sinks[int(held_out[first])].write(lines)
        if copied[first]:
            for number, line in enumerate(lines[:-1].split(b"\n"), first):
                _account_copy(judge, spool, resolution, account, number, line, tell)


def _account_copy(
    judge: Judge, spool: Spool, resolution: Resolution, account: Account, number: int, line: bytes,
    tell: Callable[[bytes], Any],
) -> None:  # fmt: skip
    row = _copy_row(judge, spool, resolution, number, line)
    tell(json_lines([row]))
    if judge.flag_only:
        account.flags[row["rule"]] += 1
        account.show(row)
    else:
        account.reject(row)


def _copy_row(
    judge: Judge, spool: Spool, resolution: Resolution, number: int, line: bytes
) -> dict[str, Any]:
    source, target, pair_id = line.decode().split("\t")
    rule = REASONS[resolution.reason[number]].name
    better = int(resolution.better[number])
    return account_row(
        pair_id, _input_name(judge, spool, number), int(spool.column["line"][number]), rule,
        round(float(resolution.value[number]), 4), judge.thresholds[rule], source, target,
        duplicate_of=None if better == number else _pair_id(judge, spool, better),
    )  # fmt: skip


def _input_name(judge: Judge, spool: Spool, number: int) -> str:
    return judge.readers[spool.column["input"][number]].name


def _pair_id(judge: Judge, spool: Spool, number: int) -> str:
    return f"{_input_name(judge, spool, number)}:{spool.column['record'][number]}"
