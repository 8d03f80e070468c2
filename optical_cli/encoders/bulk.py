"""Many texts to packed vectors, in input order, in memory that does not grow with their number."""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from jaxtyping import Float, Int

from optical_cli.encoders.devices import autocast
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Row, Side

# A CPU is fastest while a batch's activations stay in its cache; a GPU wants to be filled.
TOKENS_PER_BATCH = {"cpu": 2048, "cuda": 65536}
# Texts that are sorted by length together: the more, the less padding, and the more memory.
WINDOW = 4096
# Texts that are tokenised together.
CHUNK = 256


@dataclass(frozen=True)
class PackedVectors:
    """The token vectors of consecutive texts, end to end.

    Attributes:
        vectors: All scored tokens of all these texts.
        lengths: How many of them each text has.
        cut: How many texts had more tokens than fit.
    """

    vectors: Float[np.ndarray, "token dim"]
    lengths: Int[np.ndarray, " text"]
    cut: int

    def split(self) -> list[Float[np.ndarray, "token dim"]]:
        """The vectors of each text."""
        return np.split(self.vectors, np.cumsum(self.lengths)[:-1])


def encode_in_bulk(
    encoder: LateInteractionEncoder,
    texts: Iterable[str],
    side: Side,
    *,
    weigh: bool = False,
    dtype: str = "auto",
    store: np.dtype | type = np.float16,
    tokens_per_batch: int | None = None,
    window: int = WINDOW,
    tokens_held: int | None = None,
) -> Iterator[PackedVectors]:
    """Encode texts a window at a time; within one, batches are formed of texts of like length.

    What is yielded follows the order of `texts`. A text's vectors do not depend on the batch
    that it falls into, up to rounding. The next window is read and tokenised, by a thread, while
    this one is encoded.

    Args:
        encoder: The encoder.
        texts: Any number of texts.
        side: `encoder.query_side(...)` or `encoder.passage_side(...)`.
        weigh: Multiply vectors by their tokens' weights; for queries only.
        dtype: Precision of the backbone: auto, float32, bfloat16 or float16.
        store: Type of the vectors that are yielded.
        tokens_per_batch: Tokens in one batch at most, padding included; a longer text is alone.
            What suits the device if None.
        window: Texts held at once.
        tokens_held: Tokens held at once, which bounds a window too; any number if None.
    """
    budget = tokens_per_batch or TOKENS_PER_BATCH[encoder.device.type]
    for rows in _tokenised_ahead(side, texts, window, tokens_held or sys.maxsize):
        # Not around the yield, or the consumer would compute in this precision, too.
        with autocast(encoder.device, dtype):
            packed = _encode_window(encoder, side, rows, weigh, np.dtype(store), budget)
        yield packed


def _tokenised_ahead(
    side: Side, texts: Iterable[str], window: int, tokens: int
) -> Iterator[list[Row]]:
    windows = _windows(side, iter(texts), window, tokens)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, windows, None)
        while (rows := coming.result()) is not None:
            coming = pool.submit(next, windows, None)
            yield rows


def _windows(side: Side, texts: Iterator[str], window: int, tokens: int) -> Iterator[list[Row]]:
    """As many texts as `window` and `tokens` allow, at least one, again and again."""
    held: list[Row] = []
    size = 0
    while chunk := list(islice(texts, min(CHUNK, window))):
        for row in side.rows(chunk):
            if held and size + side.width(row) > tokens:
                yield held
                held, size = [], 0
            held.append(row)
            size += side.width(row)
            if len(held) == window:
                yield held
                held, size = [], 0
    if held:
        yield held


def _encode_window(
    encoder: LateInteractionEncoder,
    side: Side,
    rows: list[Row],
    weigh: bool,
    store: np.dtype,
    budget: int,
) -> PackedVectors:
    done: list[np.ndarray | None] = [None] * len(rows)
    for places in batches_by_length([side.width(row) for row in rows], budget):
        batch = side.collate([rows[place] for place in places])
        for place, vectors in zip(places, encoder.vectors(batch, weigh=weigh), strict=True):
            done[place] = vectors.to("cpu", torch.float32).numpy().astype(store)
    lengths = np.array([len(vectors) for vectors in done], np.int64)
    return PackedVectors(np.concatenate(done), lengths, sum(row.cut for row in rows))


def batches_by_length(lengths: list[int], budget: int) -> Iterator[list[int]]:
    """Group places, longest first, so that longest times count stays within `budget` tokens."""
    batch: list[int] = []
    for place in np.argsort(-np.asarray(lengths), kind="stable").tolist():
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
