"""Near copies: found by MinHash, confirmed by edit distance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt32
from rapidfuzz import fuzz, process

from optical_cli.bitext.characters import Characters
from optical_cli.bitext.hashing import span_hashes
from optical_cli.bitext.keys import key_characters
from optical_cli.bitext.pairs import PairBatch

SHINGLE = 4
# Pairs whose shingles agree by a share J meet in some band with probability 1 - (1 - J**3)**8:
# .99 at .8 (one letter in thirty differs), .92 at .65.
BANDS = 8
ROWS_PER_BAND = 3
_MULTIPLIERS = np.random.default_rng(20230131).integers(
    0, 1 << 32, size=BANDS * ROWS_PER_BAND, dtype=np.uint32
) | np.uint32(1)
# How many suspected copies are compared at a time.
CONFIRMED_AT_ONCE = 4096


def signatures(pairs: PairBatch) -> UInt32[np.ndarray, "pair band"]:
    """For each pair a hash per band; near copies agree in one of them or more."""
    source = _minima(pairs.source.key_chars, 0)
    target = _minima(pairs.target.key_chars, 1)
    smallest = np.minimum(source, target).reshape(len(pairs), BANDS, ROWS_PER_BAND)
    bands = np.zeros((len(pairs), BANDS), dtype=np.uint32)
    for row in range(ROWS_PER_BAND):
        bands = (bands ^ smallest[:, :, row]) * np.uint32(0x9E3779B1)
        bands ^= bands >> np.uint32(15)
    return bands


def _minima(keys: Characters, side: int) -> UInt32[np.ndarray, "pair hash"]:
    """The smallest hash of any shingle of each text, by each of the hash functions."""
    minima = np.full((len(keys.offsets) - 1, len(_MULTIPLIERS)), 0xFFFFFFFF, dtype=np.uint32)
    if not len(keys.codes):
        return minima
    place = np.arange(len(keys.codes))
    ends = keys.offsets[1:][keys.rows]
    # A text shorter than a shingle is one itself.
    whole = (place + SHINGLE <= ends) | (place == keys.offsets[:-1][keys.rows])
    starts = place[whole]
    hashes = span_hashes(keys.codes, starts, np.minimum(starts + SHINGLE, ends[starts]))
    short = (hashes >> np.uint64(32)).astype(np.uint32) ^ np.uint32(side * 0x5BD1E995)
    filled = np.flatnonzero(keys.lengths)
    begins = np.searchsorted(starts, keys.offsets[filled])
    for number, multiplier in enumerate(_MULTIPLIERS):
        minima[filled, number] = np.minimum.reduceat(short * multiplier, begins)
    return minima


@dataclass(frozen=True)
class Copies:
    """Pairs confirmed to be alike: `better[i]` comes before `worse[i]` in order of quality.

    Attributes:
        worse: Number of the pair that would go.
        better: Number of the pair that would stay.
        lower: Edit similarity on the side where it is lower.
        higher: The same where it is higher.
    """

    worse: Int[np.ndarray, " edge"]
    better: Int[np.ndarray, " edge"]
    lower: Float[np.ndarray, " edge"]
    higher: Float[np.ndarray, " edge"]


Read = Callable[[Int[np.ndarray, " row"]], tuple[list[str], list[str]]]


def confirmed_copies(
    bands: UInt32[np.ndarray, "pair band"], rank: Int[np.ndarray, " pair"], read: Read
) -> Copies:
    """Compare every pair with the best pair of each band that it shares.

    Args:
        bands: What `signatures` gave.
        rank: 0 for the best pair, and so on; no two equal.
        read: Gives the sides of the pairs with these numbers.
    """
    worse, better = _suspects(bands, rank)
    lower, higher = [], []
    for start in range(0, len(worse), CONFIRMED_AT_ONCE):
        part = slice(start, start + CONFIRMED_AT_ONCE)
        sides = zip(read(worse[part]), read(better[part]), strict=True)
        similar = [_similarity(one, other) for one, other in sides]
        lower.append(np.minimum(*similar))
        higher.append(np.maximum(*similar))
    none = np.zeros(0)
    return Copies(worse, better, np.concatenate([none, *lower]), np.concatenate([none, *higher]))


def _suspects(bands: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the pairs to compare, worse and better, each two once."""
    # An edge is one number, and bands are joined one by one: both bound memory.
    edges = np.zeros(0, dtype=np.uint64)
    for band in bands.T:
        order = np.lexsort((rank, band))
        begins = np.ones(len(order), dtype=bool)
        begins[1:] = band[order[1:]] != band[order[:-1]]
        best = order[begins][np.cumsum(begins) - 1]
        worse, better = (side[~begins].astype(np.uint64) for side in (order, best))
        edges = np.union1d(edges, (worse << np.uint64(32)) | better)
    return (edges >> np.uint64(32)).astype(np.int64), (edges & np.uint64(0xFFFFFFFF)).astype(
        np.int64
    )


def _similarity(one: list[str], other: list[str]) -> Float[np.ndarray, " edge"]:
    keys = (key_characters(texts).texts() for texts in (one, other))
    return process.cpdist(*keys, scorer=fuzz.ratio) / 100


def dropped_copies(
    copies: Copies, rank: Int[np.ndarray, " pair"], threshold: float
) -> dict[int, tuple[int, float]]:
    """By number of a pair to drop, the kept pair that it is a copy of, and how similar.

    Pairs are taken from the best on, and a pair that is itself dropped drops no other.
    """
    dropped: dict[int, tuple[int, float]] = {}
    for worse, better, similarity in _in_order(copies, rank, threshold):
        if worse not in dropped and better not in dropped:
            dropped[worse] = better, similarity
    return dropped


def _in_order(
    copies: Copies, rank: Int[np.ndarray, " pair"], threshold: float
) -> Iterator[tuple[int, int, float]]:
    edges = np.flatnonzero(copies.lower > threshold)
    edges = edges[np.lexsort((rank[copies.better[edges]], rank[copies.worse[edges]]))]
    columns = (copies.worse[edges], copies.better[edges], copies.lower[edges])
    return zip(*(column.tolist() for column in columns), strict=True)
