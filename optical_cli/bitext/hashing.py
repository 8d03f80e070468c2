"""Hashes of many spans of one array of code points at once."""

import functools

import numpy as np
from jaxtyping import Int, UInt32, UInt64

# Odd, so that it has an inverse modulo 2**64, and 5 modulo 8, so that its powers are far apart.
BASE = 0x5851F42D4C957F2D
# More than a batch of ordinary sentences has characters: one table serves nearly all.
FEWEST_POWERS = 20
INVERSE = pow(BASE, -1, 1 << 64)


def scramble(values: UInt64[np.ndarray, " n"]) -> UInt64[np.ndarray, " n"]:
    """Spread 64-bit values evenly (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def combine(one: UInt64[np.ndarray, " n"], other: UInt64[np.ndarray, " n"]) -> np.ndarray:
    """A hash of ordered pairs of hashes."""
    return scramble(one * np.uint64(0x9E3779B97F4A7C15) + scramble(other))


@functools.cache
def _powers(base: int, size: int) -> UInt64[np.ndarray, " size"]:
    powers = np.full(size, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers)


def _enough(size: int) -> int:
    """A power of two, so that few tables serve all batches."""
    return 1 << max(size.bit_length(), FEWEST_POWERS)


def span_hashes(
    codes: UInt32[np.ndarray, " char"],
    starts: Int[np.ndarray, " span"],
    stops: Int[np.ndarray, " span"],
) -> UInt64[np.ndarray, " span"]:
    """A hash of ``codes[start:stop]`` for every span: polynomial modulo 2**64, then scrambled.

    The sum of codes times powers of the base up to `stop`, less that up to `start`, divided by the
    base's power at `start`.
    """
    size = _enough(len(codes))
    total = np.zeros(len(codes) + 1, dtype=np.uint64)
    # Codes are moved up by one so that a leading U+0000 counts.
    np.cumsum((codes + np.uint64(1)) * _powers(BASE, size)[: len(codes)], out=total[1:])
    return scramble((total[stops] - total[starts]) * _powers(INVERSE, size)[starts])
