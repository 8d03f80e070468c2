"""Alignment and uniformity of sentence vectors, and how well translations find each other.

Sentence vectors are unit vectors [pair, dim], row i of one side being the translation of row i of
the other. Alignment alone is won by putting everything in one place, so it is read over the
distance of non-pairs, beside uniformity, and beside retrieval.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float

Vectors = Float[np.ndarray, "pair dim"]

ROWS_AT_ONCE = 1024
# Neighbors whose mean similarity is the margin's denominator (Artetxe and Schwenk 2019 take 4).
MARGIN_NEIGHBORS = 4
# A student's uniformity nearer to 0 than this share of the teacher's is called a collapse.
COLLAPSED_UNIFORMITY = 0.5
# Pairs whose distance is above this share of the distance of non-pairs are hardly aligned at all.
HARDLY_ALIGNED = 0.8


def pooled(tokens: Sequence[Float[np.ndarray, "token dim"]]) -> Vectors:
    """One unit vector per text: the normalized sum of its weighted unit token vectors.

    A text without a token, or whose tokens cancel, is the zero vector.
    """
    sums = np.stack([vectors.sum(axis=0, dtype=np.float64) for vectors in tokens])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)


def alignment(rows: Vectors, cols: Vectors) -> Float[np.ndarray, " pair"]:
    """Squared distance |x - y|^2 of each pair; its mean is the alignment.

    Source: Wang and Isola, ICML 2020, with alpha = 2; Gao, Yao and Chen, EMNLP 2021 (SimCSE).
    """
    return ((rows - cols) ** 2).sum(axis=1)


def non_pair_distance(rows: Vectors, cols: Vectors) -> float:
    """Mean squared distance of each x to the y of every other pair, in closed form."""
    count = len(rows)
    squares = (rows**2).sum() + (cols**2).sum()
    every = count * squares - 2 * float(rows.sum(axis=0) @ cols.sum(axis=0))
    return float(every - alignment(rows, cols).sum()) / (count * (count - 1))


def uniformity(vectors: Vectors) -> float:
    """``log mean exp(-2 |x_i - x_j|^2)`` over all i < j.

    0 if all vectors are the same; about -4 for vectors spread evenly over a sphere of many
    dimensions.

    Source: Wang and Isola, ICML 2020, with t = 2.
    """
    squares = (vectors**2).sum(axis=1)
    total = 0.0
    for start, block in _blocks(vectors):
        distances = squares[start : start + len(block), None] + squares - 2 * block @ vectors.T
        total += float(np.exp(-2 * np.maximum(distances, 0)).sum())
    count = len(vectors)
    # Every vector met itself at distance 0, up to rounding, and every pair was met twice.
    return min(0.0, float(np.log(max(total - count, np.finfo(float).tiny) / (count * (count - 1)))))


def found_first(
    rows: Vectors, cols: Vectors, *, margin: bool = False
) -> tuple[Bool[np.ndarray, " pair"], Bool[np.ndarray, " pair"]]:
    """Which rows have their own column as nearest, and which columns their own row.

    By cosine, or by its ratio to the mean cosine of both sides' nearest neighbors, which takes
    hubs out of the competition (Artetxe and Schwenk, ACL 2019). With equal scores nothing is
    found: the right one has to be better than all others.
    """
    scale = (_neighborhood(rows, cols), _neighborhood(cols, rows)) if margin else None
    forward = _best_is_own(rows, cols, scale)
    backward = _best_is_own(cols, rows, scale and scale[::-1])
    return forward, backward


def _neighborhood(queries: Vectors, candidates: Vectors) -> Float[np.ndarray, " pair"]:
    count = min(MARGIN_NEIGHBORS, len(candidates))
    means = [
        np.partition(block @ candidates.T, -count, axis=1)[:, -count:].mean(axis=1)
        for _, block in _blocks(queries)
    ]
    return np.concatenate(means)


def _best_is_own(
    queries: Vectors, candidates: Vectors, scale: tuple[np.ndarray, np.ndarray] | None
) -> Bool[np.ndarray, " pair"]:
    found = []
    for start, block in _blocks(queries):
        scores = block @ candidates.T
        if scale is not None:
            own, others = scale[0][start : start + len(block), None], scale[1]
            # A similarity below zero has no neighborhood worth the name; it stays below zero.
            scores = scores / np.maximum((own + others) / 2, np.finfo(float).eps)
        diagonal = np.arange(len(block)), start + np.arange(len(block))
        own_scores = scores[diagonal]
        scores[diagonal] = -np.inf
        found.append(own_scores > scores.max(axis=1))
    return np.concatenate(found)


def _blocks(vectors: Vectors) -> Iterator[tuple[int, Vectors]]:
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        yield start, vectors[start : start + ROWS_AT_ONCE]


def collapse_warnings(
    *, student_uniformity: float, teacher_uniformity: float, relative_alignment: float
) -> list[str]:
    """What a person should know before believing a small alignment."""
    warnings = []
    if student_uniformity > COLLAPSED_UNIFORMITY * teacher_uniformity:
        warnings.append(
            f"the student's vectors have collapsed: uniformity {student_uniformity:.2f} against"
            f" the teacher's {teacher_uniformity:.2f}"
        )
    if relative_alignment > HARDLY_ALIGNED:
        warnings.append(
            "translations are hardly nearer than other sentences:"
            f" {relative_alignment:.2f} of their distance"
        )
    return warnings
