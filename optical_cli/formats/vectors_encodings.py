"""How a token vector lies on disk: float32, float16, bfloat16, or int8 with a scale per token.

    int8:  code = round(x / scale),  scale = max |x| / 127

so a token vector of any length keeps its direction. bfloat16, which NumPy does not know, lies as
the upper half of the float32 in a uint16, rounded to the nearest even.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt16

Arrays = Mapping[str, np.ndarray]
INT8_MAX = 127


@dataclass(frozen=True)
class Encoding:
    """One way to store token vectors.

    Attributes:
        name: What it is called in manifests and on the command line.
        dtype: Type of the array ``tokens``.
        encode: From float32 vectors to the arrays to store, by name.
        decode: Back from (some rows of) the arrays.
        scaled: Whether an array ``scales`` of one float32 a token goes with it.
    """

    name: str
    dtype: np.dtype
    encode: Callable[[np.ndarray], dict[str, np.ndarray]]
    decode: Callable[[Arrays], np.ndarray]
    scaled: bool = False

    def token_bytes(self, dim: int) -> int:
        """What one token takes on disk."""
        return dim * self.dtype.itemsize + (4 if self.scaled else 0)

    def arrays(self, dim: int) -> dict[str, tuple[np.dtype, tuple[int, ...]]]:
        """Type and shape of a row of each array."""
        scales = {"scales": (np.dtype(np.float32), ())} if self.scaled else {}
        return {"tokens": (self.dtype, (dim,))} | scales


def to_bfloat16(vectors: Float[np.ndarray, "token dim"]) -> UInt16[np.ndarray, "token dim"]:
    """The upper halves of float32 numbers, rounded to the nearest even."""
    bits = np.ascontiguousarray(vectors, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def from_bfloat16(halves: UInt16[np.ndarray, "token dim"]) -> Float[np.ndarray, "token dim"]:
    """float32 numbers from their upper halves."""
    return (np.asarray(halves).astype(np.uint32) << 16).view(np.float32)


def to_int8(vectors: Float[np.ndarray, "token dim"]) -> dict[str, np.ndarray]:
    """Codes and the scale of each token; a zero vector has scale 0."""
    scales = (np.abs(vectors).max(axis=1, initial=0) / INT8_MAX).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)
    return {"tokens": np.rint(vectors / safe[:, None]).astype(np.int8), "scales": scales}


def from_int8(arrays: Arrays) -> Float[np.ndarray, "token dim"]:
    """Codes times scales."""
    return arrays["tokens"].astype(np.float32) * arrays["scales"][:, None]


def _plain(name: str) -> Encoding:
    dtype = np.dtype(name)
    return Encoding(
        name, dtype, lambda vectors: {"tokens": vectors.astype(dtype)},
        lambda arrays: arrays["tokens"].astype(np.float32),
    )  # fmt: skip


ENCODINGS = {
    encoding.name: encoding
    for encoding in (
        _plain("float32"),
        _plain("float16"),
        Encoding(
            "bfloat16", np.dtype(np.uint16), lambda vectors: {"tokens": to_bfloat16(vectors)},
            lambda arrays: from_bfloat16(arrays["tokens"]),
        ),
        Encoding("int8", np.dtype(np.int8), to_int8, from_int8, scaled=True),
    )
}  # fmt: skip
