"""The bitexts of a training run: which file is which language."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from optical_cli.evaluation.inputs import parse_bitexts
from optical_cli.formats.bitext import SentencePair, read_bitext
from optical_cli.training.settings import DistillSettings


@dataclass(frozen=True)
class Bitext:
    """A file of sentence pairs.

    Attributes:
        language: The target language's code; empty where none was given.
        path: The file.
        columns: Where source and target stand, as ``--columns`` says.
        limit: Read only so many pairs.
    """

    language: str
    path: Path
    columns: str = "1,2"
    limit: int | None = None

    def pairs(self) -> Iterator[SentencePair]:
        """The pairs in the file's order; raises as `read_bitext` does."""
        return islice(read_bitext(self.path, columns=self.columns), self.limit)

    def names(self, rows: Sequence[int]) -> list[str]:
        """Place and id of the pairs `rows` (from 0), read again from the file."""
        wanted = set(rows)
        pairs = islice(self.pairs(), max(wanted, default=-1) + 1)
        return [
            f"{self.path}:{row + 1} (pair {pair.pair_id})"
            for row, pair in enumerate(pairs)
            if row in wanted
        ]


def all_pairs(bitexts: Iterable[Bitext]) -> Iterator[SentencePair]:
    """The pairs of all of them, one after the other."""
    return chain.from_iterable(bitext.pairs() for bitext in bitexts)


def bitexts_of(what: DistillSettings) -> list[Bitext]:
    """The files of ``--bitext [LANG=]FILE``, in the order given.

    Raises:
        UsageError: One language twice, or several files of which one has none.
    """
    return [
        Bitext(language or "", Path(path), what.columns, what.limit)
        for language, path in parse_bitexts(what.bitext).items()
    ]
