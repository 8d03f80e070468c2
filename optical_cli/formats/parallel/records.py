"""What every reader of parallel text gives: blocks as read, and pairs as understood.

Reading and understanding are apart so that one process can read while others understand: a
reader's `blocks` is sequential, its `parse` depends on the block alone. What is wrong with a
record is data here, not an error: it is accounted for like any other rejected pair.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from optical_cli.formats.streams import MAX_LINE_BYTES

# Enough for array operations to pay, few enough that a block is a few hundred kilobytes.
BLOCK_RECORDS = 2048


@dataclass(frozen=True)
class Malformed:
    """A record that gives no pair.

    Attributes:
        record: Its number in the input, from 1.
        line: The line where it begins.
        rule: ``columns``, ``encoding``, ``nul``, ``oversize``, ``fields`` or ``json``.
        reason: What is wrong, in words.
        source: What can be shown of it.
        target: The same of the other side, if it is known.
    """

    record: int
    line: int
    rule: str
    reason: str
    source: str
    target: str = ""


@dataclass
class Pairs:
    """The pairs of a block, column by column, and the records that gave none."""

    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)

    def add(self, record: int, line: int, source: str, target: str) -> None:
        """Append one pair."""
        self.sources.append(source)
        self.targets.append(target)
        self.records.append(record)
        self.lines.append(line)

    @property
    def read(self) -> int:
        """How many records the block had."""
        return len(self.sources) + len(self.malformed)


@dataclass(frozen=True)
class Block:
    """Consecutive records of one input: the number of the first, and what its reader made."""

    first: int
    content: Any


class ParallelReader(Protocol):
    """One input, opened by nobody yet; small and picklable."""

    name: str
    paths: tuple[str, ...]

    def blocks(self) -> Iterator[Block]:
        """Read the input from its beginning."""

    def parse(self, block: Block) -> Pairs:
        """Understand one block, in any process."""


def decode_lines(lines: list[bytes]) -> list[str] | None:
    """All lines decoded at once, or None where one is at fault and each must be looked at."""
    if max(map(len, lines), default=0) > MAX_LINE_BYTES:
        return None
    whole = b"\n".join(lines)
    if b"\0" in whole:
        return None
    try:
        return whole.decode().split("\n")
    except UnicodeDecodeError:
        return None


def shown(line: bytes) -> str:
    """As much of a faulty line as an account needs, faulty bytes as escapes."""
    return line[:2000].decode(errors="backslashreplace").replace("\0", "\\x00")
