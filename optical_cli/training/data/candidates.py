"""Which passages each pair's two texts are compared on: the teacher's best, and random ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.console import progress
from optical_cli.encoders.devices import autocast, resolve_dtype
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Side
from optical_cli.seeds import generator
from optical_cli.training.data.passages import FrozenPassages
from optical_cli.training.data.rows import RowStore

BEST = "best.i32"
# Texts that one pass over the passages serves; their vectors stay in memory.
ROWS_AT_ONCE = 2048
QUERIES_AT_ONCE = 64
TOKENS_AT_ONCE = 1 << 14


@dataclass(frozen=True)
class BestPassages:
    """The teacher's best passages for each text of a bitext's source side.

    Attributes:
        folder: Where `write_best` wrote them.
        count: How many for each.
    """

    folder: Path
    count: int

    def rows(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, "row passage"]:
        """Numbers of the best passages of each of `rows`, the best one first."""
        return np.memmap(self.folder / BEST, np.int32, "r").reshape(-1, self.count)[rows]


@dataclass(frozen=True)
class Candidates:
    """Passages for every pair.

    Attributes:
        passages: All passages.
        best: The teacher's best ones, for each language's pairs.
        random: How many others are drawn for each pair, the same ones in every epoch.
        seed: What they are drawn by.
    """

    passages: FrozenPassages
    best: Sequence[BestPassages]
    random: int
    seed: int

    def vectors(
        self, rows: Int[np.ndarray, " batch"], best: Sequence[Int[np.ndarray, " passage"]]
    ) -> Float[Tensor, "batch passage token dim"]:
        """Token vectors of each pair's passages, padded as `FrozenPassages.padded` pads."""
        chosen = [[*b, *self._drawn(row, b)] for row, b in zip(rows.tolist(), best, strict=True)]
        flat = self.passages.padded([passage for passages in chosen for passage in passages])
        return flat.unflatten(0, (len(chosen), -1))

    def _drawn(self, row: int, best: Int[np.ndarray, " passage"]) -> Int[np.ndarray, " passage"]:
        """Passages that are not among the best ones, by row and seed alone."""
        usable = self.passages.usable
        count = min(self.random + len(best), len(usable))
        chance = generator(self.seed, "passages", row)
        drawn = usable[chance.choice(len(usable), count, replace=False)]
        return drawn[~np.isin(drawn, best)][: self.random]


def write_best(
    folder: Path,
    teacher: LateInteractionEncoder,
    side: Side,
    store: RowStore,
    passages: FrozenPassages,
    count: int,
    dtype: str,
) -> None:
    """Rank all passages for every row of `store` by the teacher's MaxSim, and write the best.

    Args:
        folder: An empty folder.
        teacher: The encoder, in evaluation mode.
        side: How rows are cut and extended.
        store: The texts as tokens.
        passages: What is ranked.
        count: Passages kept for each text; no more than have tokens.
        dtype: Precision of the encoder and of products; sums are in float32.
    """
    exact = resolve_dtype(dtype, teacher.device)
    with (
        (folder / BEST).open("wb") as stream, torch.inference_mode(),
        progress("ranking passages for the source side", len(store)) as bar,
    ):  # fmt: skip
        for start in range(0, len(store), ROWS_AT_ONCE):
            rows = np.arange(start, min(start + ROWS_AT_ONCE, len(store)))
            queries = list(_queries(teacher, side, store, rows, dtype))
            best = _best(queries, passages, count, exact, teacher.device)
            stream.write(best.to("cpu", torch.int32).numpy().tobytes())
            bar.advance(len(rows))


def _queries(
    teacher: LateInteractionEncoder, side: Side, store: RowStore, rows: np.ndarray, dtype: str
) -> Iterator[Float[Tensor, "query token dim"]]:
    """Query vectors as long as their tokens weigh, zero where nothing is scored."""
    for chunk in np.split(rows, range(QUERIES_AT_ONCE, len(rows), QUERIES_AT_ONCE)):
        tokens = side.collate(store.rows(chunk, side)).to(teacher.device)
        with autocast(teacher.device, dtype):
            vectors = teacher.weighed(tokens)
        yield vectors * tokens.scored[..., None]


def _best(
    queries: Sequence[Tensor],
    passages: FrozenPassages,
    count: int,
    dtype: torch.dtype,
    device: torch.device,
) -> Int[Tensor, "query passage"]:
    """Merge the best of block after block."""
    scores = [torch.empty(len(q), 0, device=device) for q in queries]
    places = [torch.empty(len(q), 0, dtype=torch.long, device=device) for q in queries]
    for block in passages.blocks(TOKENS_AT_ONCE):
        held = passages.padded(block.tolist()).to(device, dtype)
        numbers = torch.from_numpy(block).to(device)
        for at, query in enumerate(queries):
            found = torch.cat([scores[at], _scores(query.to(dtype), held)], 1)
            known = torch.cat([places[at], numbers.expand(len(query), -1)], 1)
            scores[at], chosen = found.topk(min(count, found.shape[1]), dim=1)
            places[at] = known.gather(1, chosen)
    return torch.cat(places)


def _scores(
    query: Float[Tensor, "query row dim"], held: Float[Tensor, "passage token dim"]
) -> Float[Tensor, "query passage"]:
    """MaxSim with passages that need no mask.

    Passages in rows: on a CPU in bfloat16 that product takes a third of the other one's time.
    """
    similarity = held.flatten(0, 1) @ query.flatten(0, 1).T
    best = similarity.unflatten(0, held.shape[:2]).amax(1).float()
    return best.unflatten(1, query.shape[:2]).sum(2).T
