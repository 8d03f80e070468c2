r"""Clean bitext: ``source TAB target TAB pair id``, no header, no quoting, no escapes.

The first column is the teacher's language, the second the student's, as `prepare-bitext` writes
them; other files are read by choosing columns. A pair without an id column is known by its line
number. For raw files of doubtful quality see `optical_cli.formats.parallel`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from optical_cli.errors import InputError
from optical_cli.formats.tables import FAULTS_KEPT, parse_columns, read_table


class SentencePair(NamedTuple):
    """A sentence in the teacher's language, its translation, and an id unique in its file."""

    source: str
    target: str
    pair_id: str


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
    source, target = parse_columns(columns, 2)
    has_id = (source, target) == (0, 1)
    faults: list[str] = []
    for number, fields in read_table(path, at_least=max(source, target) + 1):
        pair_id = fields[2] if has_id and len(fields) > 2 else str(number)
        pair = SentencePair(fields[source], fields[target], pair_id)
        if pair.source.strip() and pair.target.strip():
            yield pair
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
