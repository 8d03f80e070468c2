"""The mixer: lines in, noisy lines and an account of every change out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from optical_cli.errors import InputError
from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance, content_hash
from optical_cli.noise.kind import Noise, Surveyor
from optical_cli.noise.material import Material

Mode = Literal["replace", "add"]


@dataclass(frozen=True)
class Change:
    """One noise that changed one pair: a row of the ledger.

    Attributes:
        line: The pair's line in the input, from 1.
        noise: Which, with its side.
        before: The pair before it.
        after: The pair after it.
        how: Which of several ways it took.
        origin: Where foreign text is from.
    """

    line: int
    noise: str
    before: SentencePair
    after: SentencePair
    how: str
    origin: str

    def record(self) -> dict[str, Any]:
        """The ledger's JSON object."""
        row = {"line": self.line, "pair_id": self.before.pair_id, "noise": self.noise}
        row |= {name: value for name, value in (("how", self.how), ("from", self.origin)) if value}
        for when, pair in (("before", self.before), ("after", self.after)):
            row[when] = {"source": pair.source, "target": pair.target}
        return row


@dataclass
class Tally:
    """What a noise did: pairs chosen, those that it changed, and in which ways."""

    chosen: int = 0
    changed: int = 0
    ways: Counter[str] = field(default_factory=Counter)


class Mixer:
    """Puts noises into a file of pairs.

    A change that would leave a side blank is not made: nothing could read the file.

    Args:
        noises: In the order in which they are applied to a pair that several hit.
        material: The files that they draw on.
        mode: ``replace`` a changed pair, or ``add`` its noisy form behind it.
        seed: Of everything random.
    """

    def __init__(self, noises: Sequence[Noise], material: Material, mode: Mode, seed: int):
        self.noises, self.mode, self.seed = noises, mode, seed
        self.editors = [noise.kind.editor(noise.request, material, seed) for noise in noises]
        self.tallies = [Tally() for _ in noises]
        self.read = self.written = 0

    @property
    def surveys(self) -> bool:
        """Whether some noise needs to see the pairs around a chosen one."""
        return any(noise.kind.surveys for noise in self.noises)

    def survey(self, rows: Iterable[BitextRow]) -> None:
        """Let the noises that need it look at `rows`, the pairs that `mix` is given next."""
        # There is one such kind, and it has no sides: rows are gone through once.
        for _, editor in self._surveyors():
            editor.survey(rows)

    def in_windows(
        self, rows: Iterable[BitextRow], size: int
    ) -> Iterator[tuple[BitextRow, list[Change]]]:
        """`mix` for rows that can be read only once, surveyed `size` at a time."""
        remaining = iter(rows)
        while window := list(islice(remaining, size)):
            self.survey(window)
            yield from self.mix(window)

    def mix(self, rows: Iterable[BitextRow]) -> Iterator[tuple[BitextRow, list[Change]]]:
        """Yield each line to write, with the changes that made it."""
        for row in rows:
            self.read += 1
            noisy, changes = self._noisy(row)
            if self.mode == "add":
                self.written += 1 + bool(changes)
                yield row, []
                if changes:
                    yield _added(row, noisy), changes
            else:
                self.written += 1
                yield row.holding(noisy), changes

    def _noisy(self, row: BitextRow) -> tuple[SentencePair, list[Change]]:
        pair, changes = row.pair, []
        digest = content_hash(pair.source, pair.target)
        for noise, editor, tally in zip(self.noises, self.editors, self.tallies, strict=True):
            chance = Chance(self.seed, noise.request.label, digest)
            if not chance.hits(noise.request.rate):
                continue
            tally.chosen += 1
            edit = editor(row, pair, chance)
            if edit.pair == pair or not all(side.strip() for side in edit.pair[:2]):
                continue
            tally.changed += 1
            tally.ways.update([edit.how] if edit.how else [])
            label = noise.request.label
            changes.append(Change(row.number, label, pair, edit.pair, edit.how, edit.origin))
            pair = edit.pair
        return pair, changes

    def check(self, where: str) -> None:
        """Raise after all if a noise found too few pairs.

        Raises:
            InputError: A derangement of fewer than two pairs was asked for.
        """
        for noise, editor in self._surveyors():
            if noise.request.rate > 0 and editor.found < 2:
                raise InputError(
                    f"{noise.request.label}={noise.request.rate:g} chose {editor.found} of the"
                    " pairs, and a derangement needs two", where=where,
                    hint="give more pairs or a higher rate",
                )  # fmt: skip

    def account(self) -> list[dict[str, Any]]:
        """For the manifest: what each noise was asked for and what it did."""
        return [
            {
                "noise": noise.request.label, "intensity": noise.request.intensity,
                "requested": noise.request.rate, "effective": self._share(tally.changed),
                "chosen": tally.chosen, "changed": tally.changed,
                "unchanged": tally.chosen - tally.changed, "ways": dict(sorted(tally.ways.items())),
            }
            for noise, tally in zip(self.noises, self.tallies, strict=True)
        ]  # fmt: skip

    def _share(self, count: int) -> float:
        return round(count / max(self.read, 1), 6)

    def _surveyors(self) -> list[tuple[Noise, Surveyor]]:
        pairs = zip(self.noises, self.editors, strict=True)
        return [(noise, editor) for noise, editor in pairs if noise.kind.surveys]


def _added(row: BitextRow, noisy: SentencePair) -> BitextRow:
    """A noisy pair beside the clean one: its id says that it is not the same pair."""
    return row.holding(noisy._replace(pair_id=f"{noisy.pair_id}+noise"))
