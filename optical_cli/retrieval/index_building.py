"""Parts of an index from parts of a vector set: codes, and which passages are near a centroid."""

import shutil
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int

from optical_cli.console import Steps
from optical_cli.formats.vectors import VectorSet, part_name
from optical_cli.formats.vectors_arrays import GrowingArray
from optical_cli.formats.vectors_ids import ENDS, TEXT
from optical_cli.formats.vectors_index import LIST_ENTRIES, LIST_STARTS
from optical_cli.formats.vectors_parts import Part, PartSummary, write_summary
from optical_cli.retrieval import residuals
from optical_cli.retrieval.decoding import decoder
from optical_cli.retrieval.index_training import Quantizer

CHUNK = 1 << 15
# What an index part has in common with the part that it is made from.
SHARED = (TEXT, ENDS, "offsets.npy", "windows.npy")


def build_parts(
    vectors: VectorSet, quantizer: Quantizer, bits: int, directory: Path, steps: Steps
) -> list[PartSummary]:
    """Write all parts into `directory`; those that are complete there are kept."""
    summaries = []
    for number, part in enumerate(vectors.parts):
        folder = directory / part_name(number)
        summary = PartSummary.read(folder)
        if summary is None:
            summary = _build_part(vectors, part, quantizer, bits, folder, steps)
        else:
            steps.skip(part.tokens)
        summaries.append(summary)
    return summaries


def _build_part(
    vectors: VectorSet, part: Part, quantizer: Quantizer, bits: int, folder: Path, steps: Steps
) -> PartSummary:
    folder.mkdir(exist_ok=True)
    for name in SHARED:
        if (part.folder / name).is_file():
            shutil.copyfile(part.folder / name, folder / name)
    which = _encode_tokens(vectors, part, quantizer, bits, folder, steps)
    _write_lists(part, which, len(quantizer.centroids.vectors), folder)
    return write_summary(folder, part.records, part.entries, part.tokens)


def _encode_tokens(
    vectors: VectorSet, part: Part, quantizer: Quantizer, bits: int, folder: Path, steps: Steps
) -> Int[np.ndarray, " token"]:
    """Write codes and centroids of a part's tokens; give the centroids."""
    decode, width = decoder(vectors), residuals.packed_width(vectors.dim, bits)
    centroids = quantizer.centroids
    codes = GrowingArray(folder / "tokens.npy", np.uint8, (width,))
    near = GrowingArray(folder / "centroids.npy", _unsigned(len(centroids.vectors)))
    found = np.empty(part.tokens, np.int64)
    for start in range(0, part.tokens, CHUNK):
        stop = min(start + CHUNK, part.tokens)
        tokens = torch.empty(stop - start, vectors.dim, device=centroids.vectors.device)
        decode(part, slice(start, stop), tokens)
        which = centroids.assign(tokens)
        middle = centroids.vectors[which].cpu().numpy()
        codes.append(residuals.encode(tokens.cpu().numpy(), middle, quantizer.codebook, bits))
        found[start:stop] = which.cpu().numpy()
        near.append(found[start:stop])
        steps.advance(stop - start)
    codes.close()
    near.close()
    return found


def _write_lists(
    part: Part, which: Int[np.ndarray, " token"], centroids: int, folder: Path
) -> None:
    """Write each centroid's entries, an entry once however many of its tokens are near it."""
    entry = np.repeat(np.arange(part.entries), np.diff(part.offsets))
    pairs = np.unique(which * part.entries + entry)
    sizes = np.bincount(pairs // max(part.entries, 1), minlength=centroids)
    for name, numbers, largest in (
        (LIST_STARTS, np.concatenate([[0], np.cumsum(sizes)]), 1 << 31),
        (LIST_ENTRIES, pairs % max(part.entries, 1), part.entries),
    ):
        array = GrowingArray(folder / name, _unsigned(largest))
        array.append(numbers)
        array.close()


def _unsigned(count: int) -> type:
    """The smallest type that holds numbers below `count`."""
    return np.uint16 if count <= 1 << 16 else np.uint32
