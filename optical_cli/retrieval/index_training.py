"""What an index learns from a sample of its tokens: centroids, and how residuals are divided."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int

from optical_cli import seeds
from optical_cli.console import progress
from optical_cli.formats.vectors import VectorSet
from optical_cli.formats.vectors_arrays import map_array
from optical_cli.formats.vectors_index import CENTROIDS, CODEBOOK
from optical_cli.formats.vectors_parts import Part
from optical_cli.retrieval.clustering import Centroids, passes, train_centroids
from optical_cli.retrieval.decoding import decoder
from optical_cli.retrieval.residuals import fit_codebook

log = logging.getLogger(__name__)

MAX_CENTROIDS = 1 << 16
RESIDUAL_SAMPLE = 1 << 16
CELLS, CELL_STARTS = "cells.npy", "cell_starts.npy"


@dataclass(frozen=True)
class Quantizer:
    """How tokens become codes.

    Attributes:
        centroids: What a token is compared with.
        codebook: Base and step of its residual, in each dimension.
    """

    centroids: Centroids
    codebook: Float[np.ndarray, "2 dim"]

    def save(self, folder: Path) -> None:
        """Write it, the codebook last, so that it means complete."""
        arrays = {
            CENTROIDS: self.centroids.vectors.cpu().numpy().astype(np.float16),
            CELLS: self.centroids.cells.cpu().numpy(),
            CELL_STARTS: self.centroids.starts.astype(np.int64),
            CODEBOOK: self.codebook,
        }
        for name, array in arrays.items():
            partial = folder / f".{name}.partial"
            with open(partial, "wb") as stream:
                np.save(stream, array, allow_pickle=False)
            partial.replace(folder / name)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Quantizer | None":
        """Read it, or give None where it is not complete."""
        if not (folder / CODEBOOK).is_file():
            return None
        # As they are searched: in the float16 that they are stored in.
        vectors = torch.from_numpy(map_array(folder / CENTROIDS)).to(device).float()
        cells = torch.from_numpy(np.array(map_array(folder / CELLS))).to(device)
        starts = np.array(map_array(folder / CELL_STARTS))
        return cls(Centroids(vectors, cells, starts), np.array(map_array(folder / CODEBOOK)))


def centroid_count(tokens: int, asked: int | None) -> int:
    """How many centroids: as asked, or the power of two below 16 sqrt(tokens)."""
    if asked is not None:
        return min(asked, tokens)
    return min(1 << int(np.log2(16 * max(tokens, 1) ** 0.5)), MAX_CENTROIDS, max(tokens // 8, 1))


def train(
    vectors: VectorSet, count: int, per_centroid: int, bits: int, seed: int, device: torch.device
) -> Quantizer:
    """Learn `count` centroids and the codes of residuals from a sample of whole passages."""
    with _sampled(vectors, count * per_centroid, seed) as sample:
        points = torch.from_numpy(sample).to(device)
        log.info("%s centroids from %s token vectors", f"{count:,}", f"{len(points):,}")
        rng = seeds.generator(seed, "centroids")
        with progress("learning centroids", len(points) * passes(count)) as steps:
            found = train_centroids(points, count, rng, steps)
        rounded = Centroids(found.vectors.half().float(), found.cells, found.starts)
        chosen = seeds.generator(seed, "residuals").permutation(len(points))[:RESIDUAL_SAMPLE]
        some = points[torch.from_numpy(np.sort(chosen)).to(device)]
        residuals = some - rounded.vectors[rounded.assign(some)]
    return Quantizer(rounded, fit_codebook(residuals.cpu().numpy(), bits))


@contextmanager
def _sampled(
    vectors: VectorSet, tokens: int, seed: int
) -> Iterator[Float[np.ndarray, "token dim"]]:
    """The tokens of random passages, about `tokens` in all, in a temporary file that is mapped."""
    decode = decoder(vectors)
    share = min(tokens / max(vectors.tokens, 1), 1.0)
    with tempfile.TemporaryFile() as scratch:
        for number, part in enumerate(vectors.parts):
            for start, stop in _passages(part, share, seeds.generator(seed, "sample", number)):
                rows = torch.empty(stop - start, vectors.dim)
                decode(part, slice(start, stop), rows)
                scratch.write(rows.numpy().data if len(rows) else b"")
        scratch.flush()
        yield np.memmap(scratch, np.float32, mode="r+").reshape(-1, vectors.dim)


def _passages(part: Part, share: float, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Where the tokens of a random share of a part's passages start and stop."""
    chosen = np.flatnonzero(rng.random(part.records) < share)
    starts: Int[np.ndarray, " record_and_one"] = part.record_starts
    return ((int(starts[record]), int(starts[record + 1])) for record in chosen)
