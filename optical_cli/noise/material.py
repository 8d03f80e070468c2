"""What some kinds of noise draw on: a second bitext, a raw crawl, a lexicon."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from optical_cli.formats.bitext import SentencePair, read_bitext
from optical_cli.formats.lexicon import Lexicon, read_lexicon
from optical_cli.text import key


@dataclass(frozen=True)
class ForeignPairs:
    """The pairs of another file, held in memory.

    Attributes:
        path: The file.
        columns: Where its source and target stand.
    """

    path: Path
    columns: str

    @cached_property
    def pairs(self) -> list[SentencePair]:
        """All of them."""
        return list(read_bitext(self.path, columns=self.columns))

    @cached_property
    def by_source(self) -> Mapping[str, int]:
        """The first pair of each source, by the source's comparison key."""
        found: dict[str, int] = {}
        for number, pair in enumerate(self.pairs):
            found.setdefault(key(pair.source), number)
        return found

    def origin(self, number: int) -> str:
        """What the ledger calls pair `number` (from 0)."""
        return f"{self.path.name}:{number + 1}"


@dataclass(frozen=True)
class Words:
    """A lexicon read in both directions.

    Attributes:
        path: The lexicon.
    """

    path: Path

    @cached_property
    def to_source(self) -> Mapping[str, str]:
        """The most probable source word of each target word."""
        return {target: next(iter(entry)) for target, entry in self._lexicon.items()}

    @cached_property
    def to_target(self) -> Mapping[str, str]:
        """The target word that says each source word with the highest probability."""
        best: dict[str, tuple[float, str]] = {}
        for target, entry in self._lexicon.items():
            for source, p in entry.items():
                best[source] = max(best.get(source, (0.0, "")), (p, target))
        return {source: target for source, (_, target) in best.items()}

    @cached_property
    def _lexicon(self) -> Lexicon:
        return read_lexicon(self.path)


@dataclass(frozen=True)
class Material:
    """The files at hand, by the option that names them; each None where it was not given."""

    other_bitext: ForeignPairs | None = None
    crawl: ForeignPairs | None = None
    lexicon: Words | None = None
