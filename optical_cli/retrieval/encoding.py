"""From texts to a vector set on disk: a slice, part by part, in memory that does not grow."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from optical_cli.console import Steps
from optical_cli.encoders.bulk import TOKENS_PER_BATCH, encode_in_bulk
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import Side
from optical_cli.formats.collection import Record, read_records
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.vectors import part_name
from optical_cli.formats.vectors_encodings import Encoding
from optical_cli.formats.vectors_parts import PartSummary, PartWriter
from optical_cli.retrieval.windows import Windows

log = logging.getLogger(__name__)

SIZE_SAMPLE_BATCH = 64
# Texts that are sorted by length together, and a bound on their vectors: 128 MB, or some batches
# where those are as large as on a GPU.
TEXTS_HELD = 2048
FLOATS_HELD = 1 << 25
BATCHES_HELD = 4


@dataclass(frozen=True)
class Texts:
    """Which records are encoded.

    Attributes:
        path: Where they are.
        fields: What makes a record's text.
        beir: Which file of a BEIR folder.
        columns: Which columns of a table, instead of `fields`.
        start: The first record.
        stop: The first one after the last.
    """

    path: Path | str
    fields: tuple[str, ...]
    beir: str
    columns: Columns | None
    start: int
    stop: int

    def parts(self, size: int) -> list[tuple[int, int]]:
        """Where parts of `size` records start and stop."""
        return [(a, min(a + size, self.stop)) for a in range(self.start, self.stop, size)]

    def __iter__(self) -> Iterator[Record]:
        records = read_records(self.path, self.fields, beir=self.beir, columns=self.columns)
        return islice(records, self.start, self.stop)


@dataclass(frozen=True)
class PartEncoder:
    """Encodes the records of one part.

    Attributes:
        encoder: The model.
        side: How texts become tokens.
        encoding: How vectors are stored.
        weigh: Fold token weights into the vectors; for queries.
        dtype: Precision of the model.
        tokens_per_batch: Tokens in a batch, padding included; what suits the device if None.
        windows: How long texts are cut, or None.
    """

    encoder: LateInteractionEncoder
    side: Side
    encoding: Encoding
    weigh: bool
    dtype: str
    tokens_per_batch: int | None
    windows: Windows | None = None

    def encode(self, folder: Path, records: Iterable[Record], steps: Steps) -> PartSummary:
        """Write one part."""
        cutting = _Cutting(self.windows)
        writer = PartWriter(
            folder, self.encoding, self.encoder.dim, windows=self.windows is not None
        )
        cut = 0
        batch = self.tokens_per_batch or TOKENS_PER_BATCH[self.encoder.device.type]
        for packed in encode_in_bulk(
            self.encoder, cutting(records), self.side, weigh=self.weigh, dtype=self.dtype,
            store=np.float32, tokens_per_batch=batch, window=TEXTS_HELD,
            tokens_held=max(FLOATS_HELD // self.encoder.dim, BATCHES_HELD * batch),
        ):  # fmt: skip
            cut += packed.cut
            done = cutting.append(writer, packed.lengths, packed.vectors)
            steps.advance(done)
        return writer.close(cut)

    def estimated_bytes(self, sample: Sequence[str], records: int) -> float:
        """What `records` records will take on disk, judged by a sample of their texts."""
        texts = [w for text in sample for w in self.windows(text)] if self.windows else sample
        starts = range(0, len(texts), SIZE_SAMPLE_BATCH)
        batches = (texts[start : start + SIZE_SAMPLE_BATCH] for start in starts)
        tokens = sum(int(self.side(batch).scored.sum()) for batch in batches)
        # Offsets and ids are some 32 bytes a record.
        of_sample = tokens * self.encoding.token_bytes(self.encoder.dim) + 32 * len(texts)
        return of_sample * records / len(sample)


@dataclass
class _Cutting:
    """Hands out texts, window by window, and puts records together again behind the model.

    Texts are taken by a thread that reads ahead. It only puts records at the end of `waiting`, and
    only complete ones are taken from its beginning.
    """

    windows: Windows | None
    waiting: list[tuple[str, int]] = field(default_factory=list)
    lengths: list[np.ndarray] = field(default_factory=list)
    vectors: list[np.ndarray] = field(default_factory=list)

    def __call__(self, records: Iterable[Record]) -> Iterator[str]:
        for record in records:
            texts = self.windows(record.text) if self.windows else [record.text]
            self.waiting.append((record.id, len(texts)))
            yield from texts

    def append(self, writer: PartWriter, lengths: np.ndarray, vectors: np.ndarray) -> int:
        """Write the records that are complete; say how many."""
        self.lengths.append(lengths)
        self.vectors.append(vectors)
        lengths, vectors = np.concatenate(self.lengths), np.concatenate(self.vectors)
        ends = np.cumsum([count for _, count in self.waiting])
        done = int(np.searchsorted(ends, len(lengths), side="right"))
        entries = int(ends[done - 1]) if done else 0
        tokens = int(lengths[:entries].sum())
        names = [name for name, _ in self.waiting[:done]]
        counts = np.array([count for _, count in self.waiting[:done]], np.int64)
        writer.append(names, lengths[:entries], vectors[:tokens], counts)
        del self.waiting[:done]
        self.lengths, self.vectors = [lengths[entries:]], [vectors[tokens:]]
        return done


def encode_parts(
    texts: Texts, part_encoder: PartEncoder, directory: Path, part_size: int, steps: Steps
) -> list[PartSummary]:
    """Write all parts into `directory`; those that are complete there are kept."""
    summaries = []
    remaining = iter(texts)
    for number, (start, stop) in enumerate(texts.parts(part_size)):
        folder = directory / part_name(number)
        summary = PartSummary.read(folder)
        records = islice(remaining, stop - start)
        if summary is None:
            summary = part_encoder.encode(folder, records, steps)
        else:
            steps.skip(sum(1 for _ in records))
        summaries.append(summary)
    return summaries
