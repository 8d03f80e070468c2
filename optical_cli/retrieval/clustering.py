"""Centroids of very many token vectors: k-means on two levels.

The sample is first divided into about sqrt(k) cells, then each cell into its share of the k
centroids. Training and assignment so cost some 2 sqrt(k) products per token instead of k; a token
is assigned to the nearest centroid of the few cells nearest to it, which is nearly always the
nearest of all.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.console import Steps

ROUNDS = 8
# Fewer centroids than these are compared one by one.
FLAT = 512
CELLS_VISITED = 4
CHUNK = 1 << 15


@dataclass(frozen=True)
class Centroids:
    """Centroids by cell.

    Attributes:
        vectors: All centroids, cell by cell.
        cells: The middle of each cell.
        starts: Each cell's first centroid, and the number of centroids.
    """

    vectors: Float[Tensor, "centroid dim"]
    cells: Float[Tensor, "cell dim"]
    starts: Int[np.ndarray, " cell_and_one"]

    def assign(self, points: Float[Tensor, "token dim"]) -> Int[Tensor, " token"]:
        """The centroid nearest to each point among those of the cells nearest to it."""
        return torch.cat([self._assign(chunk) for chunk in points.split(CHUNK)])

    def _assign(self, points: Float[Tensor, "token dim"]) -> Int[Tensor, " token"]:
        visited = min(CELLS_VISITED, len(self.cells))
        cells = _closeness(points, self.cells).topk(visited, dim=1).indices
        near, where = cells.flatten().sort(stable=True)
        edges = torch.searchsorted(near, torch.arange(len(self.cells) + 1, device=near.device))
        closeness = torch.empty(len(near), device=points.device)
        nearest = torch.empty(len(near), dtype=torch.long, device=points.device)
        for cell, (start, stop) in enumerate(zip(edges.tolist(), edges[1:].tolist(), strict=False)):
            if stop > start:
                first, last = self.starts[cell : cell + 2].tolist()
                mine = where[start:stop]
                best = _closeness(points[mine // visited], self.vectors[first:last]).max(dim=1)
                closeness[mine], nearest[mine] = best.values, best.indices + first
        choice = closeness.view(-1, visited).argmax(dim=1, keepdim=True)
        return nearest.view(-1, visited).gather(1, choice).squeeze(1)


def _closeness(
    points: Float[Tensor, "token dim"], centers: Float[Tensor, "center dim"]
) -> Float[Tensor, "token center"]:
    """Half the squared distance, negated, up to a term of the point alone."""
    return torch.addmm(-centers.square().sum(1) / 2, points, centers.T)


def train_centroids(
    points: Float[Tensor, "token dim"],
    count: int,
    rng: np.random.Generator,
    steps: Steps | None = None,
) -> Centroids:
    """Find `count` centroids of a sample, or as many as there are points.

    Args:
        points: The sample.
        count: How many.
        rng: Where random points come from.
        steps: Counts points, `passes` times each.
    """
    count = min(count, len(points))
    if count <= FLAT:
        found = _k_means(points, count, rng, steps)
        return Centroids(found, points.mean(0, keepdim=True), np.array([0, count]))
    cells = _k_means(points, round(count**0.5), rng, steps)
    member = _nearest(points, cells)
    sizes = torch.bincount(member, minlength=len(cells)).cpu().numpy()
    shares = _shares(sizes, count)
    order = member.sort(stable=True).indices.split(sizes.tolist())
    found = [
        _k_means(points[o], n, rng, steps) for o, n in zip(order, shares.tolist(), strict=True)
    ]
    # A cell of a few points may have no share; they are nearest to another cell's centroids.
    starts = np.concatenate([[0], np.cumsum(shares[shares > 0])])
    return Centroids(torch.cat(found), cells[torch.from_numpy(shares > 0).to(cells.device)], starts)


def _shares(sizes: Int[np.ndarray, " cell"], count: int) -> Int[np.ndarray, " cell"]:
    """Divide `count` in proportion to sizes, none getting more than its size."""
    ends = np.round(np.cumsum(sizes) * (count / sizes.sum())).astype(np.int64)
    return np.minimum(np.diff(ends, prepend=0), sizes)


def passes(count: int) -> int:
    """How often `train_centroids` goes through a sample to find `count` centroids."""
    return ROUNDS if count <= FLAT else 2 * ROUNDS


def _k_means(
    points: Float[Tensor, "token dim"],
    count: int,
    rng: np.random.Generator,
    steps: Steps | None,
) -> Float[Tensor, "center dim"]:
    """Lloyd's algorithm from random points; a center that loses all its points starts anew."""
    if count == 0:
        return points[:0]
    centers = _some(points, count, rng)
    for _ in range(ROUNDS):
        member = _nearest(points, centers)
        sums = torch.zeros_like(centers).index_add_(0, member, points)
        sizes = torch.bincount(member, minlength=count)
        centers = sums / sizes.clamp(min=1)[:, None]
        if lost := int((sizes == 0).sum()):
            centers[sizes == 0] = _some(points, lost, rng)
        if steps:
            steps.advance(len(points))
    return centers


def _some(points: Tensor, count: int, rng: np.random.Generator) -> Tensor:
    chosen = np.sort(rng.choice(len(points), count, replace=False))
    return points[torch.from_numpy(chosen).to(points.device)]


def _nearest(points: Tensor, centers: Tensor) -> Int[Tensor, " token"]:
    return torch.cat([_closeness(chunk, centers).argmax(dim=1) for chunk in points.split(CHUNK)])
