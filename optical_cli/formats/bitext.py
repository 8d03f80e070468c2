r"""Clean bitext: ``source TAB target TAB pair id``, no header, no quoting, no escapes.

The first column is the teacher's language, the second the student's, as `prepare-bitext` writes
them; other files are read by choosing columns. A pair without an id column is known by its line
number. For raw files of doubtful quality see `optical_cli.formats.parallel`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from optical_cli.errors import InputError
from optical_cli.formats.tables import FAULTS_KEPT, parse_columns, read_table


class SentencePair(NamedTuple):
    """A sentence in the teacher's language, its translation, and an id unique in its file."""

    source: str
    target: str
    pair_id: str


@dataclass(frozen=True)
class BitextRow:
    """A line of a bitext file with all its fields, of which two are the pair.

    Attributes:
        number: The line, from 1.
        fields: All of them.
        places: Where source and target stand among them.
        id_place: Where the pair's id stands; None where the line has none.
    """

    number: int
    fields: tuple[str, ...]
    places: tuple[int, int]
    id_place: int | None

    @property
    def pair(self) -> SentencePair:
        """The pair; without an id it is known by its line."""
        source, target = (self.fields[place] for place in self.places)
        pair_id = str(self.number) if self.id_place is None else self.fields[self.id_place]
        return SentencePair(source, target, pair_id)

    def holding(self, pair: SentencePair) -> "BitextRow":
        """The line with the sides of `pair`, and its id where the line has one."""
        fields = list(self.fields)
        fields[self.places[0]], fields[self.places[1]] = pair.source, pair.target
        if self.id_place is not None:
            fields[self.id_place] = pair.pair_id
        return replace(self, fields=tuple(fields))

    def line(self) -> bytes:
        """The line as it is written, with its end."""
        return ("\t".join(self.fields) + "\n").encode()


def read_bitext(path: Path | str, *, columns: str = "1,2") -> Iterator[SentencePair]:
    """Yield the pairs of a file.

    Args:
        path: Plain or compressed; ``-`` is stdin.
        columns: Which columns hold source and target, from 1. The id is column 3 of lines read
            with the default columns that have one, else the line number.

    Raises:
        InputError: The file is missing, empty or malformed, or a side is blank; up to ten faults
            at once, with their places.
        UsageError: `columns` is not two numbers.
    """
    return (row.pair for row in read_bitext_rows(path, columns=columns))


def read_bitext_rows(path: Path | str, *, columns: str = "1,2") -> Iterator[BitextRow]:
    """Yield the lines of a file with what else stands in them; otherwise as `read_bitext`."""
    places = parse_columns(columns, 2)
    faults: list[str] = []
    for number, fields in read_table(path, at_least=max(places) + 1):
        has_id = places == (0, 1) and len(fields) > 2
        row = BitextRow(number, tuple(fields), places, 2 if has_id else None)
        pair = row.pair
        if pair.source.strip() and pair.target.strip():
            yield row
            continue
        side = "target" if pair.source.strip() else "source"
        faults.append(f"{path}:{number}: the {side} is blank")
        if len(faults) >= FAULTS_KEPT:
            break
    if faults:
        raise InputError.gather(faults, hint="optical prepare-bitext sets such pairs aside")


def write_bitext(stream: BinaryIO, pairs: Iterable[SentencePair]) -> int:
    """Write pairs to a binary stream and return how many.

    Raises:
        InputError: A text or an id holds a tab or a newline.
    """
    count = 0
    for pair in pairs:
        line = "\t".join(pair)
        if line.count("\t") != 2 or "\n" in line:
            raise InputError(f"pair {pair.pair_id!r} holds a tab or a newline")
        stream.write(f"{line}\n".encode())
        count += 1
    return count
