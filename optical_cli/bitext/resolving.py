"""What depends on all pairs at once: copies, caps, and the groups that a split keeps together."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from optical_cli.bitext.components import connected
from optical_cli.bitext.duplicates import places_in_groups, rank_by_quality
from optical_cli.bitext.hashing import combine
from optical_cli.bitext.near import Copies, confirmed_copies, dropped_copies
from optical_cli.bitext.rules.corpus import BEST, CAP, NEAR, PAIR
from optical_cli.bitext.spool import Spool
from optical_cli.bitext.stopwatch import Stopwatch

KEPT = 0
REASONS = (None, PAIR, NEAR, CAP, BEST)
# Copies that are kept, but must not stand on both sides of a split: both sides much alike, or one
# nearly equal. Looser bounds would chain whole corpora of short sentences into one group.
BOTH_ALIKE = 0.9
ONE_ALIKE = 0.97

NO_COPIES = Copies(*(np.zeros(0, dtype) for dtype in (np.int64, np.int64, float, float)))


@dataclass
class Resolution:
    """What is decided of every pair that no rule rejected.

    Attributes:
        reason: 0 if it is kept, else its place in `REASONS`.
        better: The pair that it is a copy of; itself where it is none.
        value: The value of the criterion.
        groups: Pairs with equal labels belong on one side of a split.
        keys: A hash of both sides' keys.
    """

    reason: UInt8[np.ndarray, " pair"]
    better: Int[np.ndarray, " pair"]
    value: Float[np.ndarray, " pair"]
    keys: np.ndarray
    groups: Int[np.ndarray, " pair"] = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def kept(self) -> Bool[np.ndarray, " pair"]:
        """Which pairs stay."""
        return self.reason == KEPT

    def drop(
        self,
        rows: Int[np.ndarray, " row"],
        reason: int,
        better: Int[np.ndarray, " row"],
        value: Float[np.ndarray, " row"],
    ) -> None:
        """Reject these rows."""
        self.reason[rows], self.better[rows], self.value[rows] = reason, better, value


def resolve(spool: Spool, thresholds: dict[str, float], watch: Stopwatch) -> Resolution:
    """Decide by the criteria that are on; the best copy is kept, not the first come."""
    columns = spool.column
    count = len(spool)
    resolution = Resolution(
        np.zeros(count, np.uint8), np.arange(count), np.zeros(count, np.float32),
        combine(columns["source_key"], columns["target_key"]),
    )  # fmt: skip
    rank = rank_by_quality(columns["quality"])
    _equal_pairs(resolution, rank, thresholds.get(PAIR.name))
    watch.lap(PAIR.name)
    copies = NO_COPIES
    if columns["bands"].shape[1]:
        copies = _near_pairs(resolution, spool, rank, thresholds.get(NEAR.name))
        watch.lap(NEAR.name)
    _capped_sides(resolution, spool, rank, thresholds.get(CAP.name))
    watch.lap(CAP.name)
    _best_margins(resolution, spool, rank, thresholds.get(BEST.name))
    watch.lap(BEST.name)
    alike = (copies.lower > BOTH_ALIKE) | (copies.higher > ONE_ALIKE)
    sides = [columns["source_key"], columns["target_key"]]
    resolution.groups = connected(sides, (copies.worse[alike], copies.better[alike]))
    watch.lap("groups")
    return resolution


def _equal_pairs(resolution: Resolution, rank: np.ndarray, threshold: float | None) -> None:
    if threshold is None:
        return
    place, best = places_in_groups(resolution.keys, rank)
    rows = np.flatnonzero(place + 1 > threshold)
    resolution.drop(rows, REASONS.index(PAIR), best[rows], place[rows] + 1)


def _near_pairs(
    resolution: Resolution, spool: Spool, rank: np.ndarray, threshold: float | None
) -> Copies:
    """Drop near copies, and give all that were found."""
    rows = np.flatnonzero(resolution.kept)
    bands = spool.column["bands"]
    bands = bands if len(rows) == len(bands) else bands[rows]
    found = confirmed_copies(bands, rank[rows], lambda places: spool.sides(rows[places]))
    copies = Copies(rows[found.worse], rows[found.better], found.lower, found.higher)
    if threshold is not None:
        dropped = dropped_copies(copies, rank, threshold)
        worse = np.fromiter(dropped, np.int64, len(dropped))
        better = np.fromiter((b for b, _ in dropped.values()), np.int64, len(dropped))
        values = np.fromiter((v for _, v in dropped.values()), np.float32, len(dropped))
        resolution.drop(worse, REASONS.index(NEAR), better, values)
    return copies


def _capped_sides(
    resolution: Resolution, spool: Spool, rank: np.ndarray, threshold: float | None
) -> None:
    for side in ("source_key", "target_key") if threshold else ():
        rows = np.flatnonzero(resolution.kept)
        place, best = places_in_groups(spool.column[side][rows], rank[rows])
        over = np.flatnonzero(place + 1 > threshold)
        resolution.drop(rows[over], REASONS.index(CAP), rows[best[over]], place[over] + 1)


def _best_margins(
    resolution: Resolution, spool: Spool, rank: np.ndarray, threshold: float | None
) -> None:
    """Drop what lies behind the best share by margin; a pair without one is behind all others."""
    if threshold is None:
        return
    rows = np.flatnonzero(resolution.kept)
    # Not a number sorts last; between equals the better form goes first.
    order = np.lexsort((rank[rows], -spool.column["margin"][rows]))
    shares = np.arange(1, len(rows) + 1) / max(len(rows), 1)
    behind = ~BEST.accept(shares, threshold)
    over = rows[order[behind]]
    resolution.drop(over, REASONS.index(BEST), over, shares[behind])
