"""Moses pairs: two files of one sentence a line, line n of one the translation of line n."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from optical_cli.errors import InputError
from optical_cli.formats.parallel.records import BLOCK_RECORDS, Block, Pairs, decode_lines, shown
from optical_cli.formats.parallel.tsv import BOM, malformed_line
from optical_cli.formats.streams import fault_of, raw_lines


@dataclass(frozen=True)
class MosesReader:
    """Two files, source and target, with equally many lines."""

    name: str
    paths: tuple[str, ...]

    def blocks(self) -> Iterator[Block]:
        """Read both files in step.

        Raises:
            InputError: One has more lines than the other; both counts are named.
        """
        source, target = self.paths
        yield from paired_blocks(raw_lines(source), raw_lines(target), self.paths)

    def parse(self, block: Block) -> Pairs:
        """Decode both sides; a line at fault is set aside alone."""
        return parse_paired(block)


Lines = Iterable[tuple[int, bytes]]


def paired_blocks(sources: Lines, targets: Lines, names: tuple[str, ...]) -> Iterator[Block]:
    """Two streams of raw lines in blocks of both.

    Raises:
        InputError: They have unequally many lines.
    """
    sources, targets = iter(sources), iter(targets)
    first = 1
    while True:
        left = [line for _, line in islice(sources, BLOCK_RECORDS)]
        right = [line for _, line in islice(targets, BLOCK_RECORDS)]
        if len(left) != len(right):
            counts = (
                first - 1 + len(left) + sum(1 for _ in sources),
                first - 1 + len(right) + sum(1 for _ in targets),
            )
            raise InputError(
                f"unequal line counts: {names[0]} has {counts[0]} lines, {names[1]} has {counts[1]}"
            )
        if not left:
            return
        if first == 1:
            left[0], right[0] = left[0].removeprefix(BOM), right[0].removeprefix(BOM)
        yield Block(first, (left, right))
        first += len(left)


def parse_paired(block: Block) -> Pairs:
    """The pairs of two lists of raw lines."""
    left, right = block.content
    sources, targets = decode_lines(left), decode_lines(right)
    if sources is not None and targets is not None:
        numbers = list(range(block.first, block.first + len(sources)))
        return Pairs(sources, targets, numbers, list(numbers))
    pairs = Pairs()
    for number, (source, target) in enumerate(zip(left, right, strict=True), block.first):
        if fault := fault_of(source) or fault_of(target):
            entry = malformed_line(number, fault, source)
            pairs.malformed.append(
                type(entry)(number, number, entry.rule, entry.reason, shown(source), shown(target))
            )
        else:
            pairs.add(number, number, source.decode(), target.decode())
    return pairs
