"""Batches of examples for the teacher."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.encoders.tokens import Side, TokenBatch
from optical_cli.training.data.batches import BatchPlan
from optical_cli.training.data.example_rows import COUNTS, ROWS, SCORES
from optical_cli.training.data.rows import RowStore, key_of_row

FIRST = 2  # columns of the index before the passages: line, query


@dataclass(frozen=True)
class ExampleBatch:
    """Queries with their passages as tokens.

    Attributes:
        queries: One for each example.
        passages: The positives of all examples, then the negatives, example by example.
        query_keys: A number for each query, the same for equal texts.
        passage_keys: The same for passages.
        scores: A cross-encoder's score of each query's own passages, its positive first.
    """

    queries: TokenBatch
    passages: TokenBatch
    query_keys: Int[Tensor, " batch"]
    passage_keys: Int[Tensor, " passage"]
    scores: Float[Tensor, "batch way"] | None = None

    def __len__(self) -> int:
        return len(self.queries)

    def tokens(self) -> int:
        """Tokens that the encoder reads, without padding."""
        return int(self.queries.attention_mask.sum() + self.passages.attention_mask.sum())

    def padded_tokens(self) -> int:
        """Tokens that the encoder computes, padding included."""
        return self.queries.input_ids.numel() + self.passages.input_ids.numel()

    def to(self, device: torch.device) -> "ExampleBatch":
        """The same batch on another device."""
        return replace(
            self, queries=self.queries.to(device), passages=self.passages.to(device),
            query_keys=self.query_keys.to(device), passage_keys=self.passage_keys.to(device),
            scores=None if self.scores is None else self.scores.to(device),
        )  # fmt: skip


@dataclass(frozen=True)
class ExampleStore:
    """What `tokenize_examples` wrote.

    Attributes:
        folder: Where.
        query: How queries are cut and padded.
        passage: How passages are.
    """

    folder: Path
    query: Side
    passage: Side

    @cached_property
    def counts(self) -> dict[str, int]:
        """Examples read and kept, passages of each (``ways``), texts and how many were cut."""
        return json.loads((self.folder / COUNTS).read_text(encoding="utf-8"))

    @property
    def queries(self) -> RowStore:
        """The queries' tokens."""
        return RowStore(self.folder, "query")

    @property
    def passages(self) -> RowStore:
        """The passages' tokens."""
        return RowStore(self.folder, "passage")

    def index(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, "row column"]:
        """Line, query row and passage rows of examples."""
        table = np.memmap(self.folder / ROWS, np.int64, "r")
        return table.reshape(-1, self.counts["ways"] + FIRST)[rows]

    def lengths(self, rows: Int[np.ndarray, " row"]) -> Int[np.ndarray, "row side"]:
        """Tokens of the query and of all passages together, as the model reads them."""
        index = self.index(rows)
        queries = np.minimum(self.queries.lengths(index[:, 1]), self.query.length)
        flat = self.passages.lengths(index[:, FIRST:].ravel())
        passages = np.minimum(flat, self.passage.length).reshape(len(rows), -1)
        return np.column_stack([queries, passages.max(1) * passages.shape[1]])

    def longest(self) -> Int[np.ndarray, " side"]:
        """The most tokens of a query, and of an example's passages together."""
        query = min(self.queries.longest(), self.query.length)
        passage = min(self.passages.longest(), self.passage.length)
        return np.array([query, passage * self.counts["ways"]])

    def batch(self, rows: Int[np.ndarray, " row"]) -> ExampleBatch:
        """These examples as padded tokens."""
        index = self.index(rows)
        queries = self.queries.rows(index[:, 1], self.query)
        order = np.concatenate([index[:, FIRST], index[:, FIRST + 1 :].ravel()])
        passages = self.passages.rows(order, self.passage)
        return ExampleBatch(
            self.query.collate(queries), self.passage.collate(passages),
            *(torch.tensor([key_of_row(row) for row in side]) for side in (queries, passages)),
            scores=self._scores(rows),
        )  # fmt: skip

    def _scores(self, rows: Int[np.ndarray, " row"]) -> Float[Tensor, "row way"] | None:
        path = self.folder / SCORES
        if not path.stat().st_size:
            return None
        table = np.memmap(path, np.float32, "r").reshape(-1, self.counts["ways"])
        return torch.from_numpy(table[rows])


class ExampleSource:
    """Batches of examples, in the order that a plan gives them.

    Args:
        plan: Which rows make a batch.
        store: Their tokens.
        path: The file whose lines they are.
    """

    unit = "examples"

    def __init__(self, plan: BatchPlan, store: ExampleStore, path: Path):
        self.plan = plan
        self.store = store
        self.path = path

    def __len__(self) -> int:
        return len(self.plan)

    def batches_in_epoch(self) -> int:
        """Global batches of an epoch."""
        return self.plan.batches_in_epoch()

    def epoch(self, number: int, skip: int = 0) -> Iterator[Int[np.ndarray, " row"]]:
        """Row numbers of each global batch but for the first `skip`."""
        return self.plan.epoch(number, skip)

    def load(self, rows: Int[np.ndarray, " row"]) -> ExampleBatch:
        """These examples as tokens."""
        return self.store.batch(rows)

    def names(self, rows: Sequence[int]) -> list[str]:
        """File and line of each row."""
        return [f"{self.path}:{line}" for line in self.store.index(np.array(rows))[:, 0]]
