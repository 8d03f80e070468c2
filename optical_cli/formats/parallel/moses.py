"""Moses pairs: two files of one sentence a line, line n of one the translation of line n."""

from collections.abc import Iterator
from dataclasses import dataclass

from optical_cli.formats.parallel.lines import paired_blocks, parse_paired
from optical_cli.formats.parallel.records import Block, InputFile, Pairs
from optical_cli.formats.streams import raw_lines


@dataclass(frozen=True)
class MosesReader:
    """Two files, source and target, with equally many lines."""

    name: str
    files: tuple[InputFile, ...]
    limit: int | None = None

    def blocks(self) -> Iterator[Block]:
        """Read both files in step.

        Raises:
            InputError: One has more lines than the other; both counts are named.
        """
        source, target = self.files
        streams = raw_lines(source.file), raw_lines(target.file)
        yield from paired_blocks(*streams, (source.given, target.given), self.limit)

    def parse(self, block: Block) -> Pairs:
        """Decode both sides; a line at fault is set aside alone."""
        return parse_paired(block)
