"""The bitexts of a training run: which file is which language."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.bitext import SentencePair, read_bitext
from optical_cli.formats.streams import STDIO

LANGUAGE_FILE = re.compile(r"([A-Za-z][\w-]{1,11})=(.+)")


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


def parse_bitexts(
    values: Sequence[str], columns: str = "1,2", limit: int | None = None
) -> list[Bitext]:
    """The files of ``--bitext [LANG=]FILE``, in the order given.

    Raises:
        UsageError: One language twice, or standard input.
        InputError: A file does not exist.
    """
    found = [Bitext(*_language_and_path(value), columns, limit) for value in values]
    languages = [bitext.language for bitext in found]
    if len(set(languages)) < len(languages):
        raise UsageError(
            "several bitexts need a language each", hint="--bitext sw=FILE --bitext so=FILE"
        )
    return found


def _language_and_path(value: str) -> tuple[str, Path]:
    match = LANGUAGE_FILE.fullmatch(value)
    language, path = match.groups() if match and not Path(value).exists() else ("", value)
    if path == STDIO or Path(path).is_fifo():
        raise UsageError(
            f"{path}: training reads its bitext more than once, so it cannot come from stdin or a"
            " pipe"
        )
    if not Path(path).is_file():
        raise InputError("no such file", where=path)
    return language, Path(path)
