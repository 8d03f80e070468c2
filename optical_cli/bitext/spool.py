"""Surviving pairs on disk, and of each no more than its keys in memory."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Int

from optical_cli.bitext.survivors import Survivors
from optical_cli.errors import InputError

PIECE = 1 << 20


class Spool:
    """Pairs in the order read: their lines in a file, their keys in arrays.

    Attributes:
        column: By name, an entry for each pair; there once no more pairs come.
    """

    def __init__(self, path: Path):
        self.path = path
        self.stream = path.open("w+b")
        self.parts: dict[str, list[np.ndarray]] = {}
        self.column: dict[str, np.ndarray] = {}

    def append(self, survivors: Survivors) -> None:
        """Add the pairs of the next block."""
        self.stream.write(survivors.text)
        for name, values in survivors.columns.items():
            self.parts.setdefault(name, []).append(values)

    def finish(self) -> None:
        """No more pairs come.

        Raises:
            InputError: None came at all.
        """
        self.stream.flush()
        if not self.parts:
            raise InputError("the inputs hold no records")
        while self.parts:
            name, parts = self.parts.popitem()
            self.column[name] = np.concatenate(parts)
        self.ends = np.cumsum(self.column["size"], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ends)

    def text(self, first: int, stop: int) -> Iterator[bytes]:
        """The lines of pairs `first` to `stop` - 1, in pieces of whole lines."""
        handle = self.stream.fileno()
        while first < stop:
            begin = int(self.ends[first - 1]) if first else 0
            # As many lines as fit, and one at least.
            upto = int(np.searchsorted(self.ends, begin + PIECE, side="right"))
            upto = min(max(upto, first + 1), stop)
            yield os.pread(handle, int(self.ends[upto - 1]) - begin, begin)
            first = upto

    def sides(self, rows: Int[np.ndarray, "row"]) -> tuple[list[str], list[str]]:
        """Sources and targets of the pairs with these numbers."""
        # Not mapped into memory, whose size would then grow with the text.
        handle = self.stream.fileno()
        ends, sizes = self.ends[rows].tolist(), self.column["size"][rows].tolist()
        lines = [
            os.pread(handle, size, end - size).decode().split("\t")
            for end, size in zip(ends, sizes, strict=True)
        ]
        return [line[0] for line in lines], [line[1] for line in lines]

    def remove(self) -> None:
        """Close and delete the file."""
        self.stream.close()
        self.path.unlink(missing_ok=True)
