"""Blocks of raw lines, from one stream or from two in step."""

from collections.abc import Iterable, Iterator
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
from optical_cli.formats.streams import fault_of

BOM = b"\xef\xbb\xbf"

Lines = Iterable[tuple[int, bytes]]


def line_blocks(lines: Lines, limit: int | None = None) -> Iterator[Block]:
    """Raw lines in blocks; a byte order mark before the first is dropped."""
    lines = islice(lines, limit)
    while chunk := list(islice(lines, BLOCK_RECORDS)):
        first = chunk[0][0]
        content = [line for _, line in chunk]
        if first == 1:
            content[0] = content[0].removeprefix(BOM)
        yield Block(first, content)


def paired_blocks(
    sources: Lines, targets: Lines, names: tuple[str, str], limit: int | None = None
) -> Iterator[Block]:
    """Two streams of raw lines in blocks of both.

    Raises:
        InputError: They have unequally many lines; both counts are named.
    """
    left_blocks, right_blocks = line_blocks(sources, limit), line_blocks(targets, limit)
    read = 0
    while True:
        left, right = next(left_blocks, Block(0, [])), next(right_blocks, Block(0, []))
        counts = [len(block.content) for block in (left, right)]
        if counts[0] != counts[1]:
            rest = [sum(len(b.content) for b in blocks) for blocks in (left_blocks, right_blocks)]
            total = [read + here + more for here, more in zip(counts, rest, strict=True)]
            raise InputError(
                f"unequal line counts: {names[0]} has {total[0]} lines, {names[1]} has {total[1]}"
            )
        if not left.content:
            return
        yield Block(left.first, (left.content, right.content))
        read += counts[0]


def parse_paired(block: Block) -> Pairs:
    """The pairs of two lists of raw lines."""
    left, right = block.content
    sources, targets = decode_lines(left), decode_lines(right)
    if sources is not None and targets is not None:
        numbers = list(range(block.first, block.first + len(sources)))
        return Pairs(sources, targets, numbers, list(numbers))
    pairs = Pairs()
    for number, (source, target) in enumerate(zip(left, right, strict=True), block.first):
        faults = fault_of(source), fault_of(target)
        if fault := faults[0] or faults[1]:
            file = 0 if faults[0] else 1
            pairs.malformed.append(malformed_line(number, fault, source, target, file))
        else:
            pairs.add(number, number, source.decode(), target.decode())
    return pairs


def malformed_line(
    number: int, fault: tuple[str, str], source: bytes, target: bytes = b"", file: int = 0
) -> Malformed:
    """A line that is no text."""
    rule = "oversize" if fault[0] == "too_long" else fault[0]
    return Malformed(number, number, rule, fault[1], shown(source), shown(target), file)
