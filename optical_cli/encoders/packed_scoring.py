"""MaxSim of every text with every other, packed: no padding, and a product that stays in the cache.

For texts in memory; `optical retrieve` searches vector sets on disk, in the same way.
"""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.encoders.bulk import PackedVectors
from optical_cli.encoders.segment_max import fold_tile

# Passage and query tokens that are multiplied at once. On a CPU the product takes half a megabyte,
# which a core's own cache holds; on a GPU half a gigabyte.
ROWS = {"cpu": 512, "cuda": 1 << 17}
COLUMNS = {"cpu": 256, "cuda": 1024}


def maxsim_packed(
    queries: PackedVectors, passages: PackedVectors, device: torch.device
) -> Float[Tensor, "query passage"]:
    """Score every query against every passage, in float32; the scores lie on the CPU.

    ``score[q, p] = sum_i max_j <query[q, i], passage[p, j]>``. A passage without a token scores
    -inf.

    Args:
        queries: Their token vectors.
        passages: Theirs.
        device: Where the products are computed.
    """
    kind = device.type
    score = _on_cpu if kind == "cpu" else _on_gpu
    parts = [
        score(torch.from_numpy(part.vectors).float().to(device), part.lengths, passages)
        for part in _parts(queries, COLUMNS[kind])
    ]
    return torch.cat(parts) if parts else torch.empty(0, len(passages.lengths))


def _parts(texts: PackedVectors, tokens: int) -> Iterator[PackedVectors]:
    """Consecutive texts with at most `tokens` tokens together, or one that has more."""
    ends = np.concatenate([[0], np.cumsum(texts.lengths)])
    start = 0
    while start < len(texts.lengths):
        stop = int(np.searchsorted(ends, ends[start] + tokens, side="right")) - 1
        stop = min(max(stop, start + 1), len(texts.lengths))
        vectors = texts.vectors[ends[start] : ends[stop]]
        yield PackedVectors(vectors, texts.lengths[start:stop], 0)
        start = stop


def _on_cpu(
    columns: Float[Tensor, "column dim"],
    lengths: Int[np.ndarray, " query"],
    passages: PackedVectors,
) -> Float[Tensor, "query passage"]:
    """Scores of a few queries, tile by tile of the passages' tokens."""
    starts = np.concatenate([[0], np.cumsum(lengths)])
    offsets = np.concatenate([[0], np.cumsum(passages.lengths)])
    found = np.full((len(passages.lengths), len(lengths)), -np.inf, np.float32)
    best = np.full(len(columns), -np.inf, np.float32)
    product, passage = torch.empty(ROWS["cpu"], len(columns)), 0
    for row in range(0, len(passages.vectors), ROWS["cpu"]):
        rows = torch.from_numpy(passages.vectors[row : row + ROWS["cpu"]]).float()
        torch.mm(rows, columns.T, out=product[: len(rows)])
        passage = fold_tile(
            product.numpy(), row, len(rows), offsets, passage, best, starts, found
        )  # fmt: skip
    return torch.from_numpy(found.T)


def _on_gpu(
    columns: Float[Tensor, "column dim"],
    lengths: Int[np.ndarray, " query"],
    passages: PackedVectors,
) -> Float[Tensor, "query passage"]:
    """Scores of some queries, a block of whole passages at a time."""
    found = []
    sizes = torch.from_numpy(lengths).to(columns.device)
    for part in _parts(passages, ROWS["cuda"]):
        rows = torch.from_numpy(part.vectors).to(columns.device, torch.float32)
        own = torch.from_numpy(part.lengths).to(columns.device)
        best = torch.segment_reduce(
            rows @ columns.T, "max", lengths=own, axis=0, initial=-torch.inf, unsafe=True
        )  # fmt: skip
        sums = torch.segment_reduce(
            best.T.contiguous(), "sum", lengths=sizes, axis=0, initial=0.0, unsafe=True
        )  # fmt: skip
        found.append(sums.cpu())
    return torch.cat(found, 1)
