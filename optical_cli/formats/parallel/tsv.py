"""Tab-separated pairs, any columns, no quoting."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from optical_cli.errors import InputError
from optical_cli.formats.parallel.records import (
    BLOCK_RECORDS,
    Block,
    Malformed,
    Pairs,
    decode_lines,
    shown,
)
from optical_cli.formats.streams import fault_of, raw_lines

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TsvReader:
    """Lines of `width` tab-separated fields, of which two are the pair.

    Attributes:
        name: Provenance.
        paths: The file.
        source: Column of the source, from 0.
        target: Column of the target, from 0.
        width: How many fields a whole line has.
    """

    name: str
    paths: tuple[str, ...]
    source: int
    target: int
    width: int

    def blocks(self) -> Iterator[Block]:
        """Read the file in blocks of raw lines."""
        yield from line_blocks(raw_lines(self.paths[0]))

    def parse(self, block: Block) -> Pairs:
        """Split each line; a line at fault is set aside alone."""
        lines = decode_lines(block.content)
        return self._parse_whole(block.first, lines) if lines else self._parse_each(block)

    def _parse_whole(self, first: int, lines: list[str]) -> Pairs:
        pairs = Pairs()
        for number, line in enumerate(lines, first):
            fields = line.split("\t")
            if len(fields) == self.width:
                pairs.add(number, number, fields[self.source], fields[self.target])
            else:
                self._set_aside(pairs, number, line, len(fields))
        return pairs

    def _parse_each(self, block: Block) -> Pairs:
        pairs = Pairs()
        for number, raw in enumerate(block.content, block.first):
            if fault := fault_of(raw):
                pairs.malformed.append(malformed_line(number, fault, raw))
                continue
            one = self._parse_whole(number, [raw.decode()])
            for name in ("sources", "targets", "records", "lines", "malformed"):
                getattr(pairs, name).extend(getattr(one, name))
        return pairs

    def _set_aside(self, pairs: Pairs, number: int, line: str, found: int) -> None:
        if not line.strip():  # A blank line has two blank sides, and is rejected as such.
            pairs.add(number, number, "", "")
            return
        reason = f"expected {self.width} tab-separated fields, found {found}"
        pairs.malformed.append(Malformed(number, number, "columns", reason, line[:2000]))


def line_blocks(lines: Iterator[tuple[int, bytes]]) -> Iterator[Block]:
    """Raw lines in blocks; a byte order mark before the first is dropped."""
    while chunk := list(islice(lines, BLOCK_RECORDS)):
        first = chunk[0][0]
        content = [line for _, line in chunk]
        if first == 1:
            content[0] = content[0].removeprefix(BOM)
        yield Block(first, content)


def malformed_line(number: int, fault: tuple[str, str], raw: bytes) -> Malformed:
    """A line that is no text."""
    rule = "oversize" if fault[0] == "too_long" else fault[0]
    return Malformed(number, number, rule, fault[1], shown(raw))


def usual_width(lines: list[bytes], needed: int, where: str) -> int:
    """The number of fields that most of `lines` have, at least `needed`.

    A file whose lines mostly have fewer is not malformed here and there: the columns are wrong.

    Raises:
        InputError: No line, or most, lack a column that is asked for.
    """
    counts = Counter(line.count(b"\t") + 1 for line in lines if line.strip())
    if not counts:
        raise InputError("is empty", where=where)
    enough = {width: n for width, n in counts.items() if width >= needed}
    width = max(enough, key=lambda w: (enough[w], -w), default=0)
    if not enough or enough[width] * 10 < sum(counts.values()):
        usual = max(counts, key=lambda w: (counts[w], -w))
        raise InputError(
            f"there is no column {needed}: most lines have {usual} tab-separated fields",
            where=where, hint="choose columns with --columns 1,2",
        )  # fmt: skip
    return width
