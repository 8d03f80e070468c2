"""Token rows on disk: tokenised once, read by every epoch and process through a memory map."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int

from optical_cli.encoders.tokens import Row, Side
from optical_cli.errors import InputError

CHUNK = 1 << 16
PARTS = ("ids", "words", "offsets")
WORDS = np.int16


class RowWriter:
    """Appends token rows to ``NAME.ids``, ``NAME.words`` and ``NAME.offsets`` in a folder.

    Args:
        folder: Where.
        name: Stem of the three files.
        vocabulary: Number of token ids; below 65,536 an id takes two bytes.
    """

    def __init__(self, folder: Path, name: str, vocabulary: int):
        self.ids_type = np.uint16 if vocabulary <= 1 << 16 else np.int32
        self.streams = [(folder / f"{name}.{part}").open("wb") for part in PARTS]
        self.end = 0
        self.streams[2].write(np.int64(0).tobytes())

    def append(self, rows: Sequence[Row]) -> None:
        """Write `rows` behind those there."""
        ends = self.end + np.cumsum([len(row.ids) for row in rows], dtype=np.int64)
        words = np.concatenate([row.words for row in rows])
        self.streams[0].write(np.concatenate([r.ids for r in rows]).astype(self.ids_type).tobytes())
        self.streams[1].write(np.minimum(words, np.iinfo(WORDS).max).astype(WORDS).tobytes())
        self.streams[2].write(ends.tobytes())
        self.end = int(ends[-1])

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        for stream in self.streams:
            stream.close()


@dataclass(frozen=True)
class RowStore:
    """What `RowWriter` wrote.

    The maps are opened anew for each call, so that pages once read do not count as this
    process's memory for ever.

    Attributes:
        folder: Where the files lie.
        name: Their stem.
    """

    folder: Path
    name: str

    def __len__(self) -> int:
        return self._path("offsets").stat().st_size // 8 - 1

    @cached_property
    def digest(self) -> str:
        """A hash of all rows in their order, the same wherever the texts are."""
        found = hashlib.blake2b(digest_size=16)
        for part in ("offsets", "ids"):
            with self._path(part).open("rb") as stream:
                found.update(hashlib.file_digest(stream, "blake2b").digest())
        return found.hexdigest()

    def lengths(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, " row"]:
        """Tokens of each of `rows`."""
        return np.diff(self._bounds(rows))[:, 0]

    def histogram(self) -> Int[np.ndarray, " length"]:
        """How many rows have how many tokens."""
        counts = np.zeros(1, np.int64)
        for start in range(0, len(self), CHUNK):
            offsets = self._map("offsets", np.int64)[start : start + CHUNK + 1]
            more = np.bincount(np.diff(offsets), minlength=len(counts))
            more[: len(counts)] += counts
            counts = more
        return counts

    def longest(self) -> int:
        """The most tokens that a row has."""
        return len(self.histogram()) - 1

    def distinct_ids(self, chunk: int) -> Iterator[Int[np.ndarray, " token"]]:
        """The distinct token ids of each row, `chunk` rows end to end at a time."""
        for start in range(0, len(self), chunk):
            offsets = self._map("offsets", np.int64)[start : start + chunk + 1]
            ids = self._map("ids", self._ids_type(self._map("offsets", np.int64)))
            rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
            pairs = rows << 32 | ids[offsets[0] : offsets[-1]].astype(np.int64)
            yield np.unique(pairs) & 0xFFFFFFFF

    def rows(self, rows: Int[np.ndarray, " row"], side: Side) -> list[Row]:
        """`rows` cut to the side's length, their final special tokens kept."""
        ids = self._map("ids", self._ids_type(self._map("offsets", np.int64)))
        words = self._map("words", WORDS)
        tail = len(side.template.after)
        return [
            _cut(ids[start:end], words[start:end], side.length, tail)
            for start, end in self._bounds(rows)
        ]

    def _bounds(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, "row 2"]:
        """Where each of `rows` begins and ends.

        Read and not mapped: a page that is touched is mapped with its neighbors, so that the few
        thousand rows of a pool, scattered over ten million, would map all of the file.
        """
        with self._path("offsets").open("rb", buffering=0) as stream:
            file = stream.fileno()
            found = b"".join(os.pread(file, 16, 8 * row) for row in rows.tolist())
        return np.frombuffer(found, np.int64).reshape(-1, 2)

    def _ids_type(self, offsets: np.ndarray) -> type:
        return np.uint16 if self._path("ids").stat().st_size == 2 * offsets[-1] else np.int32

    def _path(self, part: str) -> Path:
        return self.folder / f"{self.name}.{part}"

    def _map(self, part: str, kind: type) -> np.ndarray:
        return np.memmap(self._path(part), kind, "r")


def _cut(ids: np.ndarray, words: np.ndarray, length: int, tail: int) -> Row:
    if len(ids) <= length:
        return Row(np.array(ids), np.array(words))
    kept = np.r_[: length - tail, len(ids) - tail : len(ids)]
    return Row(ids[kept], words[kept], True)


def key_of_row(row: Row) -> int:
    """A number for the text of `row`, the same for equal texts."""
    digest = hashlib.blake2b(row.ids.astype(np.int32).tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def percentile_length(histograms: Sequence[np.ndarray], share: float) -> int:
    """The fewest tokens that hold at least `share` of the rows of every store.

    Raises:
        InputError: There are no rows.
    """
    if not all(counts.sum() for counts in histograms):
        raise InputError("there is no text to measure lengths on")
    return max(
        int(np.searchsorted(np.cumsum(counts), share * counts.sum())) for counts in histograms
    )


def share_over(histogram: np.ndarray, length: int) -> float:
    """The share of rows with more than `length` tokens."""
    return float(histogram[length + 1 :].sum() / max(histogram.sum(), 1))
