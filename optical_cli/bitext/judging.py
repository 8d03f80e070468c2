"""Judge one block of records by all that can be told from the block alone.

A `Judge` is picklable and its verdict on a block depends on nothing else, so any number of
processes give the same output. What depends on other pairs (duplicates, caps, the split) comes
later, from the keys that are made here.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int

from optical_cli.bitext.account import EXAMPLES, Account, histograms
from optical_cli.bitext.cleaning import clean_all, moses_punctuation
from optical_cli.bitext.overlap import OverlapIndex
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rows import account_row, json_lines, malformed_row
from optical_cli.bitext.rules import RULES, Rule
from optical_cli.bitext.rules.corpus import BEST, OVERLAP
from optical_cli.bitext.rules.language import source_language, target_language
from optical_cli.bitext.stopwatch import Stopwatch
from optical_cli.bitext.survivors import Survivors, add_comparisons, survivors_of
from optical_cli.formats.parallel import Block, Pairs, ParallelReader

EMPTY = "empty"
LANGUAGE_RULES = {source_language.name: "source", target_language.name: "target"}


class Finding(NamedTuple):
    """A rule that a pair breaks."""

    row: int
    rule: str
    value: float
    query_id: str | None = None


@dataclass
class Verdict:
    """What became of one block.

    Attributes:
        survivors: What is left.
        account: Counts.
        rejected: JSON lines of the pairs that are not.
        marked: JSON lines of pairs that were only marked.
        faults: Records that gave no pair, with their places, in words.
    """

    survivors: Survivors
    account: Account
    rejected: bytes
    marked: bytes
    faults: list[str]


@dataclass(frozen=True)
class Judge:
    """Normalizes, scores and accepts.

    Attributes:
        readers: The inputs; a block is understood by the reader that made it.
        profile: What is known of the language pair.
        thresholds: By rule name; a rule without one is off.
        overlap: Texts that must not be in the output.
        flag_only: Mark what would be rejected, and keep it.
        sign: Make signatures by which near copies are found.
        moses: Also normalize punctuation as the Moses scripts do.
    """

    readers: list[ParallelReader]
    profile: Profile
    thresholds: dict[str, float] = field(default_factory=dict)
    overlap: OverlapIndex | None = None
    flag_only: bool = False
    sign: bool = True
    moses: bool = False

    def judge(self, place: int, block: Block) -> Verdict:
        """The verdict on a block of input number `place`."""
        watch = Stopwatch()
        reader = self.readers[place]
        pairs = reader.parse(block)
        watch.lap("parse")
        batch = self._cleaned(pairs)
        watch.lap("normalize")
        lengths = histograms(batch.source.lengths, batch.target.lengths, self.profile.length_ratio)
        account = Account(read=Counter({reader.name: pairs.read}), before=lengths)
        findings = self._findings(batch, account, watch)
        broken = {f.row: f for f in reversed(findings) if not self._only_marks(f.rule)}
        marks = [f for f in findings if self._only_marks(f.rule) and f.row not in broken]
        lines = self._accounted(reader, pairs, batch, broken, marks, account)
        survivors = self._survivors(place, pairs, batch, broken)
        watch.lap("keys")
        account.seconds.update(watch.seconds)
        return Verdict(survivors, account, *lines, _faults(reader, pairs, broken))

    def _accounted(
        self, reader: ParallelReader, pairs: Pairs, batch: PairBatch,
        broken: dict[int, Finding], marks: list[Finding], account: Account,
    ) -> tuple[bytes, bytes]:  # fmt: skip
        """Count what was found, and give the lines of what is rejected and of what is marked."""
        rejected = [malformed_row(reader.name, entry) for entry in pairs.malformed]
        rejected += [self._row(reader.name, pairs, batch, broken[row]) for row in sorted(broken)]
        wanted = marks if self.flag_only else marks[:EXAMPLES]
        marked = [self._row(reader.name, pairs, batch, finding) for finding in wanted]
        account.flags.update(finding.rule for finding in marks)
        for row in rejected:
            account.reject(row)
        for row in marked:
            account.show(row)
        return json_lines(rejected), json_lines(marked)

    def _survivors(
        self, place: int, pairs: Pairs, batch: PairBatch, broken: dict[int, Finding]
    ) -> Survivors:
        alive = np.array([row for row in range(len(batch)) if row not in broken], dtype=np.int64)
        survivors = survivors_of(batch, alive, pairs.records, self.readers[place].name)
        survivors.columns["input"] = np.full(len(alive), place, dtype=np.uint16)
        survivors.columns["line"] = np.array(pairs.lines, dtype=np.int64)[alive]
        add_comparisons(survivors, batch, alive, self.profile, sign=self.sign)
        if BEST.name in self.thresholds:
            survivors.columns["margin"] = batch.score("margin")[alive]
        return survivors

    def _only_marks(self, rule: str) -> bool:
        return rule not in self.thresholds or (self.flag_only and rule != EMPTY)

    def _cleaned(self, pairs: Pairs) -> PairBatch:
        profile = self.profile
        return PairBatch(
            self._side(pairs.sources, profile.source_scripts, profile.source_lang),
            self._side(pairs.targets, profile.target_scripts, profile.target_lang),
            np.array(pairs.scores) if pairs.scores else None,
        )

    def _side(self, raw: list[str], scripts: tuple[str, ...], language: str) -> Side:
        side = Side.cleaned(raw, scripts)
        if not self.moses:
            return side
        return Side(clean_all(list(map(moses_punctuation(language), side.texts))), raw, scripts)

    def _findings(self, batch: PairBatch, account: Account, watch: Stopwatch) -> list[Finding]:
        """Broken rules in the order of the rules; a dear one is not asked about rejected pairs."""
        findings: list[Finding] = []
        rows = np.arange(len(batch))
        for rule in RULES:
            threshold = self._threshold(rule)
            if threshold is None or not len(rows):
                continue
            if rule.dear:
                batch, rows = self._narrowed(batch, rows, findings)
            scores = rule.score(batch, self.profile)
            for place in np.flatnonzero(~rule.accept(scores, threshold)).tolist():
                findings.append(Finding(int(rows[place]), rule.name, float(scores[place])))
            if rule.name in LANGUAGE_RULES:
                _count_languages(rule, batch, account)
            watch.lap(rule.name)
        batch, rows = self._narrowed(batch, rows, findings)
        findings += self._overlaps(batch, rows)
        watch.lap(OVERLAP.name)
        return findings

    def _threshold(self, rule: Rule) -> float | None:
        """A rule that only flags is asked with the thresholds of its own."""
        own = rule.thresholds["gentle"] if rule.flags else None
        return self.thresholds.get(rule.name, own)

    def _narrowed(
        self, batch: PairBatch, rows: Int[np.ndarray, " row"], findings: list[Finding]
    ) -> tuple[PairBatch, Int[np.ndarray, " row"]]:
        """What no rule has rejected so far."""
        out = {finding.row for finding in findings if not self._only_marks(finding.rule)}
        left = np.array(
            [i for i, row in enumerate(rows.tolist()) if row not in out], dtype=np.int64
        )
        return (batch, rows) if len(left) == len(rows) else (batch.take(left), rows[left])

    def _overlaps(self, batch: PairBatch, rows: Int[np.ndarray, " row"]) -> list[Finding]:
        threshold = self.thresholds.get(OVERLAP.name)
        if self.overlap is None or threshold is None or not len(rows):
            return []
        shares, owners = self.overlap.score(batch)
        return [
            Finding(int(rows[place]), OVERLAP.name, float(shares[place]), owners[place])
            for place in np.flatnonzero(~OVERLAP.accept(shares, threshold)).tolist()
        ]

    def _row(self, name: str, pairs: Pairs, batch: PairBatch, finding: Finding) -> dict[str, Any]:
        row = finding.row
        return account_row(
            f"{name}:{pairs.records[row]}", name, pairs.lines[row], finding.rule,
            round(finding.value, 4), self.thresholds.get(finding.rule, 0.0),
            batch.source.texts[row], batch.target.texts[row], query_id=finding.query_id,
        )  # fmt: skip


def _count_languages(rule: Rule, batch: PairBatch, account: Account) -> None:
    """What the texts that a language rule was asked about look like, long enough ones."""
    name = LANGUAGE_RULES[rule.name]
    side = batch.source if name == "source" else batch.target
    account.languages.update((name, code) for code in side.languages[0] if code)


def _faults(reader: ParallelReader, pairs: Pairs, broken: dict[int, Finding]) -> list[str]:
    """Records that give no pair, with their places, in words."""
    faults = [
        f"{reader.files[entry.file].given}:{entry.line}: {entry.reason}"
        for entry in pairs.malformed
    ]
    blank = (row for row, finding in broken.items() if finding.rule == EMPTY)
    where = reader.files[0].given
    return faults + [f"{where}:{pairs.lines[row]}: a side is blank" for row in blank]
