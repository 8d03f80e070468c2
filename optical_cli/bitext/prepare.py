"""The whole road from readers to a directory of clean pairs and an account of the others."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from optical_cli.bitext.account import Account
from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.components import connected
from optical_cli.bitext.duplicates import best_of_equal
from optical_cli.bitext.judging import Judge, Verdict, json_lines
from optical_cli.bitext.keys import combine
from optical_cli.bitext.profile import SAMPLE_PAIRS, Profile, median_ratio
from optical_cli.bitext.splitting import choose_dev, dev_size
from optical_cli.bitext.spool import Spool
from optical_cli.console import progress
from optical_cli.errors import InputError
from optical_cli.formats.outputs import output_file
from optical_cli.formats.parallel import ParallelReader


@dataclass(frozen=True)
class Split:
    """How many pairs are held out, and by what seed."""

    dev: str
    seed: int


def take_profile(readers: list[ParallelReader], source_lang: str, target_lang: str) -> Profile:
    """Look at the beginning of every input."""
    ratios: list[float] = []
    sources: list[str] = []
    targets: list[str] = []
    for reader in readers:
        for block in islice(reader.blocks(), SAMPLE_PAIRS // 2048 + 1):
            pairs = reader.parse(block)
            sources += clean_all(pairs.sources)[0]
            targets += clean_all(pairs.targets)[0]
    ratios.append(median_ratio(sources, targets))
    return Profile(source_lang, target_lang, ratios[0])


def prepare(readers: list[ParallelReader], judge: Judge, split: Split, directory: Path) -> Account:
    """Judge every record, resolve duplicates, split, and write the files into `directory`.

    Raises:
        InputError: No pair is left.
    """
    account = Account()
    spool = Spool(directory / ".spool")
    with output_file(directory / "rejected.jsonl.zst") as rejected:
        with progress("pairs") as steps:
            for verdict in _verdicts(readers, judge):
                account.add(verdict.account)
                rejected.write(verdict.rejected)
                spool.append(verdict.survivors)
                steps.advance(sum(verdict.account.read.values()))
        spool.finish()
        keys = combine(spool.source_keys, spool.target_keys)
        best = best_of_equal(keys, spool.quality)
        kept = best == np.arange(len(best))
        for row in _duplicate_rows(readers, spool, best):
            account.reject(row)
            rejected.write(json_lines([row]))
    if not kept.any():
        raise InputError(f"no pairs are left: {dict(account.totals().most_common())}")
    account.kept = Counter(
        {reader.name: int((kept & (spool.inputs == i)).sum()) for i, reader in enumerate(readers)}
    )
    account.check()
    _write_split(directory, spool, kept, keys, split)
    spool.remove()
    _write_report(directory, account, judge.profile)
    return account


def _verdicts(readers: list[ParallelReader], judge: Judge) -> Iterator[Verdict]:
    for place, reader in enumerate(readers):
        for block in reader.blocks():
            yield judge.judge(place, block)


def _duplicate_rows(
    readers: list[ParallelReader], spool: Spool, best: np.ndarray
) -> Iterator[dict]:
    for number, line in enumerate(spool.lines()):
        if best[number] == number:
            continue
        source, target, name = line.decode().rstrip("\n").split("\t")
        winner = best[number]
        yield {
            "id": name, "input": readers[spool.inputs[number]].name,
            "line": int(spool.places[number]), "rule": "dup_pair", "value": 1.0, "threshold": 1.0,
            "source": source, "target": target,
            "duplicate_of": f"{readers[spool.inputs[winner]].name}:{spool.records[winner]}",
            "query_id": None,
        }  # fmt: skip


def _write_split(
    directory: Path, spool: Spool, kept: np.ndarray, keys: np.ndarray, split: Split
) -> None:
    rows = np.flatnonzero(kept)
    groups = connected(len(rows), [spool.source_keys[rows], spool.target_keys[rows]])
    size = dev_size(split.dev, len(rows))
    held_out = np.zeros(len(kept), dtype=bool)
    held_out[rows] = choose_dev(groups, keys[rows], size, split.seed)
    with (
        output_file(directory / "train.tsv") as train,
        output_file(directory / "dev.tsv") as dev,
    ):
        for number, line in enumerate(spool.lines()):
            if kept[number]:
                (dev if held_out[number] else train).write(line)


def _write_report(directory: Path, account: Account, profile: Profile) -> None:
    report = {
        "source_lang": profile.source_lang, "target_lang": profile.target_lang,
        "length_ratio": round(profile.length_ratio, 4), "read": account.read.total(),
        "kept": account.kept.total(), "rejected": dict(account.totals()),
        "inputs": {name: _input_report(account, name) for name in account.read},
    }  # fmt: skip
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    (directory / "report.json").write_text(text, encoding="utf-8")


def _input_report(account: Account, name: str) -> dict:
    reasons = dict(account.reasons.get(name, {}))
    return {"read": account.read[name], "kept": account.kept[name], "rejected": reasons}
