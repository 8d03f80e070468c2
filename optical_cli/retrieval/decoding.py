"""Stored token vectors to float32, through torch, whose casts are twenty times NumPy's."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.formats.vectors_parts import Part

# Writes the tokens start..stop of a part into the first rows of a buffer.
Decode = Callable[[Part, int, int, Tensor], None]


def decoder(encoding: str) -> Decode:
    """What decodes vectors of this encoding."""
    return {"bfloat16": _bfloat16, "int8": _int8}.get(encoding, _cast)


def _cast(part: Part, start: int, stop: int, out: Float[Tensor, "row dim"]) -> None:
    out[: stop - start].copy_(torch.from_numpy(part.arrays["tokens"][start:stop]))


def _bfloat16(part: Part, start: int, stop: int, out: Float[Tensor, "row dim"]) -> None:
    halves = torch.from_numpy(part.arrays["tokens"][start:stop]).view(torch.bfloat16)
    out[: stop - start].copy_(halves)


def _int8(part: Part, start: int, stop: int, out: Float[Tensor, "row dim"]) -> None:
    _cast(part, start, stop, out)
    out[: stop - start] *= torch.from_numpy(part.arrays["scales"][start:stop])[:, None]
