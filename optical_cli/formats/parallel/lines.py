"""Blocks of raw lines, from one stream or from two in step."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NoReturn, TypeVar

from optical_cli.errors import InputError
from optical_cli.formats.parallel.records import (
    BLOCK_BYTES,
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
    first = 1
    for content in _chunks(islice(lines, limit), size=lambda line: len(line[1])):
        block = [line for _, line in content]
        if first == 1:
            block[0] = block[0].removeprefix(BOM)
        yield Block(first, block)
        first += len(block)


def paired_blocks(
    sources: Lines, targets: Lines, names: tuple[str, str], limit: int | None = None
) -> Iterator[Block]:
    """Two streams of raw lines in blocks of both.

    Raises:
        InputError: They have unequally many lines; both counts are named.
    """
    first = 1
    pairs = islice(_together(sources, targets, names), limit)
    for content in _chunks(pairs, size=lambda pair: len(pair[0]) + len(pair[1])):
        left, right = map(list, zip(*content, strict=True))
        if first == 1:
            left[0], right[0] = left[0].removeprefix(BOM), right[0].removeprefix(BOM)
        yield Block(first, (left, right))
        first += len(left)


def _together(
    sources: Lines, targets: Lines, names: tuple[str, str]
) -> Iterator[tuple[bytes, bytes]]:
    sources, targets = iter(sources), iter(targets)
    number = 0
    for number, source in sources:
        target = next(targets, None)
        if target is None:
            _raise_unequal(names, number + sum(1 for _ in sources), number - 1)
        yield source, target[1]
    if rest := sum(1 for _ in targets):
        _raise_unequal(names, number, number + rest)


def _raise_unequal(names: tuple[str, str], sources: int, targets: int) -> NoReturn:
    raise InputError(
        f"unequal line counts: {names[0]} has {sources} lines, {names[1]} has {targets}"
    )


Item = TypeVar("Item")


def _chunks(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Lists of items, bounded in number and in bytes: lines may be as long as a mebibyte."""
    chunk: list[Item] = []
    held = 0
    for item in items:
        chunk.append(item)
        held += size(item)
        if len(chunk) >= BLOCK_RECORDS or held >= BLOCK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


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
