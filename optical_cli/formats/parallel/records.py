"""What every reader of parallel text gives: blocks as read, and pairs as understood.

Reading and understanding are apart so that one process can read while others understand: a
reader's `blocks` is sequential, its `parse` depends on the block alone. What is wrong with a
record is data here, not an error: it is accounted for like any other rejected pair.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from optical_cli.formats.streams import MAX_LINE_BYTES

# Enough for array operations to pay, few enough that a block is a few hundred kilobytes.
BLOCK_RECORDS = 2048
BLOCK_BYTES = 4 << 20
SHOWN_BYTES = 2000
# What `optical score-bitext` adds to a pair, by the names of its fields.
SCORES = ("cost_z", "margin", "parallel")
Scores = tuple[float, ...]
UNSCORED: Scores = (float("nan"),) * len(SCORES)


class InputFile(NamedTuple):
    """A file as the user named it, and where it lies (stdin is copied before it is read)."""

    given: str
    file: str


@dataclass(frozen=True)
class Malformed:
    """A record that gives no pair.

    Attributes:
        record: Its number in the input, from 1.
        line: The line where it begins.
        rule: ``columns``, ``encoding``, ``nul``, ``oversize`` or ``json``.
        reason: What is wrong, in words.
        source: What can be shown of it.
        target: The same of the other side, if it is known.
        file: Which of the input's files is at fault.
    """

    record: int
    line: int
    rule: str
    reason: str
    source: str
    target: str = ""
    file: int = 0


@dataclass
class Pairs:
    """The pairs of a block, column by column, and the records that gave none.

    `scores` has the `SCORES` of every pair, or is empty where the format has none.
    """

    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)

    def add(self, record: int, line: int, source: str, target: str) -> None:
        """Append one pair."""
        self.sources.append(source)
        self.targets.append(target)
        self.records.append(record)
        self.lines.append(line)

    def add_checked(
        self, record: int, line: int, source: str, target: str, scores: Scores = UNSCORED
    ) -> None:
        """Append one pair of strings that did not come from decoded lines, if they are text."""
        fault = text_fault(source) or text_fault(target)
        if fault is None:
            self.add(record, line, source, target)
            self.scores.append(scores)
            return
        self.malformed.append(Malformed(record, line, *fault, printable(source), printable(target)))

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
    files: tuple[InputFile, ...]

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


def text_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a string out of JSON, XML or Parquet, as (rule, words)."""
    if "\0" in text:
        return "nul", "NUL character in the text"
    if len(text) > MAX_LINE_BYTES:
        return "oversize", "text is longer than 1 MiB"
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        return "encoding", "half of a surrogate pair in the text"
    return None


def printable(text: str) -> str:
    """As much of a faulty text as an account needs, faulty characters as escapes."""
    return text[:SHOWN_BYTES].encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def shown(line: bytes) -> str:
    """As much of a faulty line as an account needs, faulty bytes as escapes."""
    return line[:SHOWN_BYTES].decode(errors="backslashreplace").replace("\0", "\\x00")
