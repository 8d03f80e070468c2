"""Surviving pairs on disk, and of each no more than its keys in memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from optical_cli.bitext.judging import Survivors

CHUNK = 1 << 20
COLUMNS = ("sizes", "records", "places", "source_keys", "target_keys", "quality")


class Spool:
    """Pairs in the order read: their lines in a file, their keys in arrays.

    The file is unlinked by the time the output directory is whole.
    """

    def __init__(self, path: Path):
        self.path = path
        self.stream = path.open("wb")
        self.parts: dict[str, list[np.ndarray]] = {name: [] for name in (*COLUMNS, "inputs")}

    def append(self, survivors: Survivors) -> None:
        """Add the pairs of the next block."""
        self.stream.write(survivors.lines)
        for name in COLUMNS:
            self.parts[name].append(getattr(survivors, name))
        self.parts["inputs"].append(np.full(len(survivors.sizes), survivors.input, dtype=np.uint16))

    def finish(self) -> None:
        """No more pairs come; the columns become attributes."""
        self.stream.close()
        for name, parts in self.parts.items():
            setattr(self, name, np.concatenate(parts) if parts else np.zeros(0, np.int64))
        self.parts.clear()

    def lines(self) -> Iterator[bytes]:
        """Every pair's line, in order."""
        with open(self.path, "rb") as stream:
            yield from stream

    def remove(self) -> None:
        """Delete the file."""
        self.stream.close()
        self.path.unlink(missing_ok=True)
