"""Transport costs of sentence pairs, and of the pairs that their near neighbors would make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt64

from optical_cli.alignment.aligner import Aligner
from optical_cli.encoders import LateInteractionEncoder
from optical_cli.encoders.backbone import token_limit
from optical_cli.evaluation.alignment import pooled
from optical_cli.formats.bitext import SentencePair

# Pairs whose token vectors are held at once, and among which neighbors are looked for.
WINDOW = 4096


@dataclass(frozen=True)
class PairCosts:
    """What was measured, pair by pair.

    Attributes:
        cost: Transport cost between the sides.
        margin: How much less that is than the cost of near neighbors; NaN without any.
        length: Tokens of both sides.
    """

    cost: Float[np.ndarray, " pair"]
    margin: Float[np.ndarray, " pair"]
    length: Int[np.ndarray, " pair"]


@dataclass(frozen=True)
class PairScorer:
    """Scores pairs by a teacher, and a student that can change.

    Attributes:
        teacher: Reads the sources.
        aligner: Encodes texts and solves transport between them.
        neighbors: How many of each side the margin takes.
    """

    teacher: LateInteractionEncoder
    aligner: Aligner
    neighbors: int

    def score(
        self, student: LateInteractionEncoder, pairs: Sequence[SentencePair],
        keys: Sequence[UInt64[np.ndarray, " pair"]],
    ) -> PairCosts:  # fmt: skip
        """Costs and margins of all `pairs`.

        With NN(x) the k targets whose pooled vectors are nearest to that of source x, other than
        those of pairs that share a side with this one, and NN(y) the k nearest sources,

            margin(x, y) = 1/2k (sum over y' in NN(x) of cost(x, y')
                                 + sum over x' in NN(y) of cost(x', y)) - cost(x, y).

        A pair whose sides do not belong together is no cheaper than its neighbors. Neighbors are
        looked for among up to 4,096 pairs, drawn by their content.

        Source: CSLS (Conneau et al., ICLR 2018), and the margin of Artetxe and Schwenk (ACL 2019,
        "distance"), with transport costs in the place of cosines.

        Args:
            student: Reads the targets.
            pairs: What is scored.
            keys: Hashes of sources and of targets, equal where their letters are.
        """
        found = PairCosts(
            np.zeros(len(pairs)), np.zeros(len(pairs)), np.zeros(len(pairs), dtype=np.int64)
        )
        reader = student.reading(pair.target for pair in pairs)
        for window in _windows(keys):
            within = [pairs[place] for place in window]
            rows = self._encoded(self.teacher, student, [pair.source for pair in within])
            cols = self._encoded(reader, student, [pair.target for pair in within])
            same = _sharing(*(side[window] for side in keys))
            found.cost[window], found.margin[window] = self._window(rows, cols, same)
            found.length[window] = [len(r) + len(c) for r, c in zip(rows, cols, strict=True)]
        return found

    def _encoded(
        self, encoder: LateInteractionEncoder, student: LateInteractionEncoder, texts: list[str]
    ) -> list[Float[np.ndarray, "_ dim"]]:
        """Vectors of real tokens, of as many as the student was trained to read."""
        length = min(student.config.query_length, token_limit(encoder.backbone))
        return self.aligner.vectors(encoder, texts, length=length)

    def _window(
        self, rows: list[np.ndarray], cols: list[np.ndarray], same: Bool[np.ndarray, "pair pair"]
    ) -> tuple[Float[np.ndarray, " pair"], Float[np.ndarray, " pair"]]:
        cost = self.aligner.costs(rows, cols)
        near, valid = _near(pooled(rows), pooled(cols), same, self.neighbors)
        others = np.zeros(valid.shape)
        others[valid] = self.aligner.costs(rows, cols, pairs=(near[0][valid], near[1][valid]))
        count = valid.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return cost, np.where(count, others.sum(axis=1) / count, np.nan) - cost


def _windows(keys: Sequence[UInt64[np.ndarray, " pair"]]) -> Iterator[Int[np.ndarray, " place"]]:
    """All places in parts of even size, in the order of what stands there."""
    order = np.lexsort(tuple(keys))
    yield from np.array_split(order, -(-len(order) // WINDOW)) if len(order) else ()


def _sharing(
    sources: UInt64[np.ndarray, " pair"], targets: UInt64[np.ndarray, " pair"]
) -> Bool[np.ndarray, "pair pair"]:
    return (sources[:, None] == sources) | (targets[:, None] == targets)


def _near(
    rows: Float[np.ndarray, "pair dim"], cols: Float[np.ndarray, "pair dim"],
    same: Bool[np.ndarray, "pair pair"], count: int,
) -> tuple[Int[np.ndarray, "side pair neighbor"], Bool[np.ndarray, "pair neighbor"]]:  # fmt: skip
    """The pairs of row and column that neighbors make, for each pair; and which are there.

    First a pair's own row with the columns nearest to it, then its own column with rows.
    """
    similar = (rows @ cols.T).astype(np.float32)
    similar[same] = -np.inf
    count = min(count, len(rows))
    columns = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    nearest = np.argpartition(-similar, count - 1, axis=0)[:count].T
    own = np.repeat(np.arange(len(rows))[:, None], count, axis=1)
    near = np.stack([np.hstack([own, nearest]), np.hstack([columns, own])])
    return near, np.isfinite(similar[near[0], near[1]])
