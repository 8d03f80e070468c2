"""Stored token vectors to float32, through torch, whose casts are twenty times NumPy's."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.formats.vectors import PackedSet, VectorSet
from optical_cli.formats.vectors_index import VectorIndex
from optical_cli.formats.vectors_parts import Part
from optical_cli.retrieval import residuals

Rows = slice | Int[np.ndarray, " row"]
# Writes these tokens of a part into the first rows of a buffer.
Decode = Callable[[Part, Rows, Tensor], None]


def decoder(collection: PackedSet) -> Decode:
    """What decodes the tokens of a collection."""
    if isinstance(collection, VectorIndex):
        return _residual(collection)
    assert isinstance(collection, VectorSet)
    return {"bfloat16": _bfloat16, "int8": _int8}.get(collection.encoding.name, _cast)


def _stored(part: Part, name: str, rows: Rows) -> Tensor:
    return torch.from_numpy(part.arrays[name][rows])


def _cast(part: Part, rows: Rows, out: Float[Tensor, "room dim"]) -> None:
    stored = _stored(part, "tokens", rows)
    out[: len(stored)].copy_(stored)


def _bfloat16(part: Part, rows: Rows, out: Float[Tensor, "room dim"]) -> None:
    stored = _stored(part, "tokens", rows).view(torch.bfloat16)
    out[: len(stored)].copy_(stored)


def _int8(part: Part, rows: Rows, out: Float[Tensor, "room dim"]) -> None:
    scales = _stored(part, "scales", rows)
    _cast(part, rows, out)
    out[: len(scales)] *= scales.to(out.device)[:, None]


def _residual(index: VectorIndex) -> Decode:
    def decode(part: Part, rows: Rows, out: Float[Tensor, "room dim"]) -> None:
        codes, which = part.arrays["tokens"][rows], part.arrays["centroids"][rows]
        if out.device.type == "cpu":
            residuals.decode(codes, which, index.centroids, index.codebook, index.bits, out.numpy())
        else:
            here = np.empty((len(codes), index.dim), np.float32)
            residuals.decode(codes, which, index.centroids, index.codebook, index.bits, here)
            out[: len(here)].copy_(torch.from_numpy(here))

    return decode
