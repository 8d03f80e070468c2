"""Ids on disk: one a line, and where each line ends, so that one can be had without the others."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from optical_cli.errors import InputError
from optical_cli.formats.vectors_arrays import GrowingArray, map_array

TEXT, ENDS = "ids.txt", "id_ends.npy"


class IdWriter:
    """Writes ids in order."""

    def __init__(self, folder: Path):
        self.text = open(folder / TEXT, "wb")  # noqa: SIM115 - closed by close
        self.ends = GrowingArray(folder / ENDS, np.int64)
        self.position = 0

    def append(self, ids: Sequence[str]) -> None:
        """Write more ids."""
        lines = [f"{name}\n".encode() for name in ids]
        ends = self.position + np.cumsum([len(line) for line in lines], dtype=np.int64)
        self.text.write(b"".join(lines))
        self.ends.append(ends)
        self.position = int(ends[-1]) if len(ends) else self.position

    def close(self) -> None:
        """Finish both files."""
        self.text.close()
        self.ends.close()


class Ids:
    """The ids of a part, mapped into memory."""

    def __init__(self, folder: Path):
        self.ends = map_array(folder / ENDS)
        path = folder / TEXT
        size = path.stat().st_size if path.is_file() else 0
        if size != (int(self.ends[-1]) if len(self.ends) else 0):
            raise InputError("is cut short or missing", where=path)
        # A memoryview cuts out an id several times quicker than an array does.
        self.text = memoryview(np.memmap(path, np.uint8, mode="r") if size else b"")

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> str:
        start = int(self.ends[place - 1]) if place else 0
        return str(self.text[start : int(self.ends[place]) - 1], "utf-8")

    def __iter__(self) -> Iterator[str]:
        return (line.decode() for line in self.text.tobytes().split(b"\n")[:-1])
