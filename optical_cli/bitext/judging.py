"""Judge one block of records by all that can be told from the block alone.

A `Judge` is small and picklable and its verdict on a block depends on nothing else, so any number
of processes give the same output. What depends on other pairs (duplicates, caps, the split) comes
later, from the keys that are made here.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optical_cli.bitext.account import Account
from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.keys import hash_keys, key_characters
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.quality import quality
from optical_cli.bitext.rules import RULES, Rule
from optical_cli.formats.parallel import Block, Pairs, ParallelReader


@dataclass
class Survivors:
    """Pairs of a block that no rule rejected, as they will be written, with their keys."""

    lines: bytes
    sizes: np.ndarray
    input: int
    records: np.ndarray
    places: np.ndarray
    source_keys: np.ndarray
    target_keys: np.ndarray
    quality: np.ndarray


@dataclass
class Verdict:
    """What became of one block."""

    survivors: Survivors
    account: Account
    rejected: bytes


@dataclass(frozen=True)
class Judge:
    """Normalizes, scores and accepts.

    Attributes:
        readers: The inputs; a block is understood by the reader that made it.
        profile: What is known of the language pair.
        thresholds: By rule name; a rule without one is off.
    """

    readers: list[ParallelReader]
    profile: Profile
    thresholds: dict[str, float] = field(default_factory=dict)

    def judge(self, place: int, block: Block) -> Verdict:
        """The verdict on a block of input number `place`."""
        reader = self.readers[place]
        pairs = reader.parse(block)
        account = Account(read=Counter({reader.name: pairs.read}))
        rows = [_malformed_row(reader.name, entry) for entry in pairs.malformed]
        batch = self._cleaned(pairs)
        first = self._first_reasons(batch)
        for row in sorted(first):
            rows.append(self._rejected_row(reader.name, pairs, batch, row, *first[row]))
        for row in rows:
            account.reject(row)
        alive = [row for row in range(len(batch)) if row not in first]
        survivors = self._survivors(place, pairs, batch, alive)
        return Verdict(survivors, account, json_lines(rows))

    def _cleaned(self, pairs: Pairs) -> PairBatch:
        sources, source_chars = clean_all(pairs.sources)
        targets, target_chars = clean_all(pairs.targets)
        return PairBatch(
            Side(sources, source_chars, self.profile.source_scripts),
            Side(targets, target_chars, self.profile.target_scripts),
        )

    def _first_reasons(self, batch: PairBatch) -> dict[int, tuple[Rule, float]]:
        """By row, the first rule that rejects it and its score there."""
        first: dict[int, tuple[Rule, float]] = {}
        for rule in RULES:
            threshold = self.thresholds.get(rule.name)
            if threshold is None or not len(batch):
                continue
            scores = rule.score(batch, self.profile)
            for row in np.flatnonzero(~rule.accept(scores, threshold)).tolist():
                first.setdefault(row, (rule, float(scores[row])))
        return first

    def _rejected_row(
        self, name: str, pairs: Pairs, batch: PairBatch, row: int, rule: Rule, score: float
    ) -> dict[str, Any]:
        return {
            "id": f"{name}:{pairs.records[row]}", "input": name, "line": pairs.lines[row],
            "rule": rule.name, "value": round(score, 4), "threshold": self.thresholds[rule.name],
            "source": batch.source.texts[row], "target": batch.target.texts[row],
            "duplicate_of": None, "query_id": None,
        }  # fmt: skip

    def _survivors(self, place: int, pairs: Pairs, batch: PairBatch, alive: list[int]) -> Survivors:
        name = self.readers[place].name
        sources = [batch.source.texts[row] for row in alive]
        targets = [batch.target.texts[row] for row in alive]
        records = [pairs.records[row] for row in alive]
        lines = [
            f"{source}\t{target}\t{name}:{record}\n".encode()
            for source, target, record in zip(sources, targets, records, strict=True)
        ]
        return Survivors(
            lines=b"".join(lines), sizes=np.fromiter(map(len, lines), np.uint32, len(lines)),
            input=place, records=np.array(records, dtype=np.int64),
            places=np.array([pairs.lines[row] for row in alive], dtype=np.int64),
            source_keys=hash_keys(key_characters(sources)),
            target_keys=hash_keys(key_characters(targets)),
            quality=quality(batch, self.profile)[alive],
        )  # fmt: skip


def _malformed_row(name: str, entry: Any) -> dict[str, Any]:
    return {
        "id": f"{name}:{entry.record}", "input": name, "line": entry.line, "rule": entry.rule,
        "value": entry.reason, "threshold": None, "source": entry.source, "target": entry.target,
        "duplicate_of": None, "query_id": None,
    }  # fmt: skip


def json_lines(rows: list[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
