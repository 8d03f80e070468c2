"""Pairs that no rule rejected, with what is needed to compare them to all others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt16

from optical_cli.bitext.near import signatures
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.quality import quality


@dataclass
class Survivors:
    """Pairs of a block as they will be written, and in columns.

    Attributes:
        text: Their lines: source, target and id.
        columns: By name, an array with an entry (or a row) for each pair.
    """

    text: bytes
    columns: dict[str, np.ndarray]


def survivors_of(
    batch: PairBatch, alive: Int[np.ndarray, " row"], records: Sequence[int], name: str
) -> Survivors:
    """The pairs of these rows.

    Args:
        batch: All pairs of a block.
        alive: Which are left.
        records: The number in its input of every pair of the block.
        name: The input's.
    """
    rows = alive.tolist()
    kept = [records[row] for row in rows]
    sides = ([side.texts[row] for row in rows] for side in batch.sides)
    lines = [
        f"{source}\t{target}\t{name}:{record}\n"
        for source, target, record in zip(*sides, kept, strict=True)
    ]
    text = "".join(lines).encode()
    # No text holds a newline: white space was made space.
    ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))
    columns = {
        "size": np.diff(ends, prepend=-1).astype(np.uint32),
        "record": np.array(kept, dtype=np.int64),
        "source_key": batch.source.keys[alive],
        "target_key": batch.target.keys[alive],
        "source_length": _lengths(batch.source)[alive],
        "target_length": _lengths(batch.target)[alive],
    }
    return Survivors(text, columns)


def add_comparisons(
    survivors: Survivors,
    batch: PairBatch,
    alive: Int[np.ndarray, " row"],
    profile: Profile,
    *,
    sign: bool,
) -> None:
    """Add the columns by which copies are found and the best of them chosen."""
    survivors.columns["quality"] = quality(batch, profile)[alive]
    none = np.zeros((len(alive), 0), dtype=np.uint32)
    survivors.columns["bands"] = signatures(batch.take(alive)) if sign else none


def _lengths(side: Side) -> UInt16[np.ndarray, " text"]:
    """For histograms, whose last bin begins far below the bound."""
    return np.minimum(side.lengths, np.iinfo(np.uint16).max).astype(np.uint16)
