"""Tab-separated pairs, any columns, no quoting."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.parallel.lines import line_blocks, malformed_line
from optical_cli.formats.parallel.records import (
    SHOWN_BYTES,
    Block,
    InputFile,
    Malformed,
    Pairs,
    decode_lines,
)
from optical_cli.formats.streams import fault_of, raw_lines


@dataclass(frozen=True)
class TsvReader:
    """Lines of `width` tab-separated fields, of which two are the pair.

    Attributes:
        name: Provenance.
        files: The file.
        source: Column of the source, from 0.
        target: Column of the target, from 0.
        width: How many fields a whole line has.
        limit: Lines to read, or None for all.
    """

    name: str
    files: tuple[InputFile, ...]
    source: int
    target: int
    width: int
    limit: int | None = None

    def blocks(self) -> Iterator[Block]:
        """Read the file in blocks of raw lines."""
        yield from line_blocks(raw_lines(self.files[0].file), self.limit)

    def parse(self, block: Block) -> Pairs:
        """Split each line; a line at fault is set aside alone."""
        pairs = Pairs()
        lines = decode_lines(block.content)
        if lines is not None:
            self._split(pairs, block.first, lines)
        else:
            self._split_each(pairs, block)
        pairs.lines = list(pairs.records)
        return pairs

    def _split_each(self, pairs: Pairs, block: Block) -> None:
        for number, raw in enumerate(block.content, block.first):
            if fault := fault_of(raw):
                pairs.malformed.append(malformed_line(number, fault, raw))
            else:
                self._split(pairs, number, [raw.decode()])

    def _split(self, pairs: Pairs, first: int, lines: list[str]) -> None:
        width, source, target = self.width, self.source, self.target
        sources, targets, numbers = pairs.sources, pairs.targets, pairs.records
        for number, line in enumerate(lines, first):
            fields = line.split("\t")
            if len(fields) == width:
                sources.append(fields[source])
                targets.append(fields[target])
                numbers.append(number)
            elif not line.strip():  # A blank line has two blank sides, and is rejected as such.
                sources.append("")
                targets.append("")
                numbers.append(number)
            else:
                pairs.malformed.append(self._wrong_width(number, line, len(fields)))

    def _wrong_width(self, number: int, line: str, found: int) -> Malformed:
        reason = f"expected {self.width} tab-separated fields, found {found}"
        return Malformed(number, number, "columns", reason, line[:SHOWN_BYTES])


def column_numbers(columns: str | None) -> tuple[int, int]:
    """Columns of source and target from 0, of a ``--columns`` value.

    Raises:
        UsageError: It is not two numbers.
    """
    parts = [part.strip() for part in (columns or "1,2").split(",")]
    if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise UsageError(
            f"--columns {columns}: expected two column numbers such as 2,1",
            hint="field names are for JSONL and Parquet",
        )
    return int(parts[0]) - 1, int(parts[1]) - 1


def usual_width(lines: list[bytes], needed: int, where: str) -> int:
    """The number of fields that most of `lines` have, at least `needed`.

    A file whose lines mostly have fewer is not malformed here and there: the columns are wrong.

    Raises:
        InputError: There is no line, or nearly all lack a column that is asked for.
    """
    counts = Counter(line.count(b"\t") + 1 for line in lines if line.strip())
    if not counts:
        raise InputError("is empty", where=where)
    enough = {width: n for width, n in counts.items() if width >= needed}
    width = max(enough, key=lambda w: (enough[w], -w), default=0)
    if not enough or sum(enough.values()) * 10 < counts.total():
        usual = max(counts, key=lambda w: (counts[w], -w))
        raise InputError(
            f"there is no column {needed}: most lines have {usual} tab-separated fields",
            where=where,
            hint="choose columns with --columns 1,2; the two files of a Moses pair are named"
            " like base.en and base.sw, or given in turn with --format moses",
        )
    return width
