"""The teacher's vectors of the source side on disk: later epochs, seeds and techniques run only
the student.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float16, Int
from torch import Tensor

from optical_cli.console import progress
from optical_cli.encoders.bulk import batches_by_length
from optical_cli.encoders.devices import autocast
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Side
from optical_cli.formats.outputs import require_space
from optical_cli.training.data.rows import CHUNK, RowStore

WINDOW = 4096
TOKENS_PER_BATCH = 8192
OFFSETS, VECTORS = "offsets", "vectors.f16"


@dataclass(frozen=True)
class VectorStore:
    """Token vectors of texts, before they are normalised, in float16.

    Attributes:
        folder: Holds them end to end, and where each text's begin.
        dim: Their width.
    """

    folder: Path
    dim: int

    def rows(self, rows: Int[np.ndarray, " row"]) -> list[Float16[np.ndarray, "token dim"]]:
        """The vectors of each of `rows`."""
        offsets = np.memmap(self.folder / OFFSETS, np.int64, "r")
        vectors = np.memmap(self.folder / VECTORS, np.float16, "r").reshape(-1, self.dim)
        return [vectors[start:end] for start, end in zip(offsets[rows], offsets[rows + 1],
                                                         strict=True)]  # fmt: skip


def padded(
    rows: list[Float16[np.ndarray, "token dim"]], width: int
) -> Float[Tensor, "batch {width} dim"]:
    """Rows as one float32 tensor, zero behind each."""
    batch = np.zeros((len(rows), width, rows[0].shape[1]), np.float32)
    for place, row in enumerate(rows):
        batch[place, : len(row)] = row
    return torch.from_numpy(batch)


def write_vectors(
    folder: Path, teacher: LateInteractionEncoder, side: Side, store: RowStore, dtype: str
) -> None:
    """Encode all rows of `store` into `folder`.

    Args:
        folder: An empty folder.
        teacher: The encoder, in evaluation mode.
        side: How rows are cut and extended.
        store: The tokens.
        dtype: Precision of the backbone.

    Raises:
        EnvironmentFault: The disk has too little space.
    """
    count = _write_offsets(folder / OFFSETS, store, side)
    require_space(folder, count * teacher.dim * 2)
    with (folder / VECTORS).open("wb") as stream:
        # Not left sparse: a disk that fills up under a map ends the process without a word.
        os.posix_fallocate(stream.fileno(), 0, count * teacher.dim * 2)
    with (
        torch.inference_mode(), autocast(teacher.device, dtype),
        progress("encoding the source side", len(store)) as bar,
    ):  # fmt: skip
        for rows in _windows(store, side):
            tokens = side.collate(store.rows(rows, side)).to(teacher.device)
            hidden = teacher.hidden(tokens).to("cpu", torch.float16).numpy()
            _put(folder, rows, hidden)
            bar.advance(len(rows))


def _write_offsets(path: Path, store: RowStore, side: Side) -> int:
    """Write where each row's vectors begin, a part at a time; return how many there are."""
    end = 0
    with path.open("wb") as stream:
        stream.write(np.int64(0).tobytes())
        for start in range(0, len(store), CHUNK):
            ends = end + np.cumsum(_lengths(store, side, start, start + CHUNK))
            stream.write(ends.astype(np.int64).tobytes())
            end = int(ends[-1])
    return end


def _put(
    folder: Path, rows: Int[np.ndarray, " row"], hidden: Float16[np.ndarray, "row token dim"]
) -> None:
    """Write the vectors of `rows` where they belong; maps are opened anew, as `RowStore` does."""
    offsets = np.memmap(folder / OFFSETS, np.int64, "r")
    vectors = np.memmap(folder / VECTORS, np.float16, "r+").reshape(-1, hidden.shape[2])
    for place, row in enumerate(rows):
        start, end = offsets[row], offsets[row + 1]
        vectors[start:end] = hidden[place, : end - start]


def _lengths(store: RowStore, side: Side, start: int, stop: int) -> Int[np.ndarray, " row"]:
    rows = np.arange(start, min(stop, len(store)))
    if side.mask_id is not None:
        return np.full(len(rows), side.length, np.int64)
    return np.minimum(store.lengths(rows), side.length)


def _windows(store: RowStore, side: Side) -> Iterator[Int[np.ndarray, " row"]]:
    """Rows of like length, as many as make a batch, window by window."""
    for start in range(0, len(store), WINDOW):
        lengths = _lengths(store, side, start, start + WINDOW).tolist()
        for places in batches_by_length(lengths, TOKENS_PER_BATCH):
            yield start + np.array(places)
