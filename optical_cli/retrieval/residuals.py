"""What a token vector differs from its centroid by, in 1, 2 or 4 bits a dimension.

Each dimension is divided evenly; base and step minimise the squared error over a sample. (Uneven
values would be a little closer, but decoding them is a table look-up per number, and this is one
multiplication for eight.) A decoded vector is put to length 1, as passage vectors are:

    x ~ u / |u|,   u_d = centroid_d + base_d + step_d code_d,   code_d in 0 .. 2^bits - 1

Codes lie in planes: with w bytes a token, byte b holds the dimensions b, b + w, b + 2w, ..., low
bits first, so that neighbours stay neighbours when they are unpacked.
"""

from functools import partial

import numpy as np
from jaxtyping import Float, UInt8

from optical_cli.compiled import compiled

ROUNDS = 25
# The even step that is best for a normal distribution of deviation 1 (Max 1960).
NORMAL_STEP = {1: 1.5956, 2: 0.9957, 4: 0.3352}


def fit_codebook(
    residuals: Float[np.ndarray, "token dim"], bits: int
) -> Float[np.ndarray, "2 dim"]:
    """Base and step of each dimension: codes and the line through them, in turn."""
    residuals = residuals.astype(np.float64)
    top = (1 << bits) - 1
    step = np.maximum(residuals.std(0) * NORMAL_STEP[bits], 1e-9)
    base = residuals.mean(0) - step * top / 2
    for _ in range(ROUNDS):
        codes = np.clip(np.rint((residuals - base) / step), 0, top)
        spread = codes - codes.mean(0)
        slope = (spread * residuals).sum(0) / np.maximum((spread**2).sum(0), 1e-9)
        # Where all have one code there is no line; what was found before stays.
        step = np.where(slope > 1e-9, slope, step)
        base = (residuals - step * codes).mean(0)
    return np.stack([base, step]).astype(np.float32)


def encode(
    vectors: Float[np.ndarray, "token dim"],
    centroids: Float[np.ndarray, "token dim"],
    codebook: Float[np.ndarray, "2 dim"],
    bits: int,
) -> UInt8[np.ndarray, "token byte"]:
    """The packed codes of tokens.

    Args:
        vectors: Tokens.
        centroids: The centroid of each.
        codebook: Base and step of each dimension.
        bits: Bits of a code.
    """
    base, step = codebook
    codes = np.clip(np.rint((vectors - centroids - base) / step), 0, (1 << bits) - 1)
    planes, width = 8 // bits, packed_width(vectors.shape[1], bits)
    room = np.zeros((len(vectors), planes * width), np.uint8)
    room[:, : vectors.shape[1]] = codes
    shifts = np.arange(planes, dtype=np.uint8) * bits
    shifted = room.reshape(-1, planes, width) << shifts[:, None]
    return np.bitwise_or.reduce(shifted, axis=1)


def packed_width(dim: int, bits: int) -> int:
    """Bytes that the codes of one token take."""
    return -(-dim * bits // 8)


@partial(compiled, reorder_sums=True)
def decode(codes, which, centroids, codebook, bits, out):
    """Write unit vectors into the first rows of `out`.

    Args:
        codes: Packed codes of some tokens.
        which: The centroid of each.
        centroids: All centroids.
        codebook: Base and step of each dimension.
        bits: Bits of a code.
        out: As many rows, or more.
    """
    dim, width = centroids.shape[1], codes.shape[1]
    mask = np.uint8((1 << bits) - 1)
    for t in range(codes.shape[0]):
        packed, row = codes[t], out[t]
        for plane in range(8 // bits):
            shift = np.uint8(plane * bits)
            here = slice(plane * width, min((plane + 1) * width, dim))
            # Slices, so that the compiler sees four arrays side by side and takes eight at once.
            centroid, base, step = centroids[which[t], here], codebook[0, here], codebook[1, here]
            unpacked = row[here]
            for b in range(len(unpacked)):
                code = np.float32(np.int32((packed[b] >> shift) & mask))
                unpacked[b] = centroid[b] + base[b] + step[b] * code
        squares = np.float32(0)
        for d in range(dim):
            squares += row[d] * row[d]
        scale = np.float32(1 / np.sqrt(squares)) if squares > 0 else np.float32(0)
        for d in range(dim):
            row[d] *= scale
