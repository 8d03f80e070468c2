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

    def runs(self, state: Int[np.ndarray, " pair"]) -> Iterator[tuple[int, bytes]]:
        """The lines of all pairs, cut where `state` changes or a mebibyte is full.

        Yields the number of the first pair of each piece, and its lines.
        """
        first = 0
        while first < len(self):
            begin = int(self.ends[first - 1]) if first else 0
            # As many lines as fit, and one at least.
            stop = max(int(np.searchsorted(self.ends, begin + PIECE, side="right")), first + 1)
            lines = os.pread(self.stream.fileno(), int(self.ends[stop - 1]) - begin, begin)
            cuts = first + 1 + np.flatnonzero(np.diff(state[first:stop]))
            ends = (self.ends[np.append(cuts, stop) - 1] - begin).tolist()
            starts = [0, *ends[:-1]]
            numbers = [first, *cuts.tolist()]
            for number, start, end in zip(numbers, starts, ends, strict=True):
                yield number, lines[start:end]
            first = stop

    def sides(self, rows: Int[np.ndarray, " row"]) -> tuple[list[str], list[str]]:
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
