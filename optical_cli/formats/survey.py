"""A first look through a collection of any size: how much there is, and whether ids are unique."""

import hashlib
import heapq
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from optical_cli.console import Steps
from optical_cli.errors import FAULTS_SHOWN, InputError
from optical_cli.formats.collection import TEXT_FIELDS, Record, read_records, resolve, twice
from optical_cli.formats.collection_columns import Columns

SAMPLE = 1024
STEP = 1 << 20
# Progress moves on every so many records.
COUNTED = 4096


@dataclass(frozen=True)
class Survey:
    """What a first pass finds.

    Attributes:
        records: How many there are.
        sample: Texts of up to a thousand of them, chosen by hashing their ids.
    """

    records: int
    sample: tuple[str, ...]


def survey(
    path: Path | str,
    fields: Sequence[str] = TEXT_FIELDS,
    *,
    beir: str = "corpus",
    columns: Columns | None = None,
    limit: int | None = None,
    steps: Steps | None = None,
) -> Survey:
    """Read the records once, keeping a hash of each id in a temporary file that is mapped.

    Args:
        path: As `read_records` takes it, and `fields`, `beir` and `columns`.
        fields: What makes the text.
        beir: Which file of a BEIR folder.
        columns: Which columns of a table.
        limit: Read no more records than this.
        steps: Counts records.

    Raises:
        InputError: As `read_records`, or ids that stand twice, with both places.
    """
    path = resolve(path, beir)

    def records() -> Iterator[Record]:
        return islice(read_records(path, fields, beir=beir, columns=columns), limit)

    with tempfile.TemporaryFile() as scratch:
        sample = _Sample()
        count = 0
        for count, record in enumerate(records(), start=1):
            digest = hashlib.blake2b(record.id.encode(), digest_size=8).digest()
            scratch.write(digest)
            sample.offer(int.from_bytes(digest, "big"), count, record.text)
            if steps and count % COUNTED == 0:
                steps.advance(COUNTED)
        scratch.flush()
        suspects = _repeated(np.memmap(scratch, np.dtype(">u8"), mode="r+"))
    if suspects and (faults := _duplicates(path, records(), suspects)):
        raise InputError.gather(faults)
    return Survey(count, sample.texts())


class _Sample:
    """The texts whose ids have the smallest hashes."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, str]] = []

    def offer(self, digest: int, place: int, text: str) -> None:
        entry = (-digest, -place, text)
        if len(self.heap) < SAMPLE:
            heapq.heappush(self.heap, entry)
        elif entry > self.heap[0]:
            heapq.heapreplace(self.heap, entry)

    def texts(self) -> tuple[str, ...]:
        return tuple(text for _, _, text in sorted(self.heap, reverse=True))


def _repeated(hashes: np.ndarray) -> set[int]:
    """Hashes that stand more than once; sorts them where they lie, on disk."""
    native = hashes.view(np.uint64)
    native.sort()
    found: set[int] = set()
    for start in range(0, len(native) - 1, STEP):
        piece = native[start : start + STEP + 1]
        found.update(piece[1:][piece[1:] == piece[:-1]].byteswap().tolist())
    return found


def _duplicates(path: Path | str, records: Iterable[Record], suspects: set[int]) -> list[str]:
    """Ids that really stand twice, among those whose hashes do."""
    first: dict[str, int] = {}
    faults: list[str] = []
    for line, name, _ in records:
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        if int.from_bytes(digest, "big") not in suspects:
            continue
        if name in first:
            faults.append(twice(path, line, name, first[name]))
        first.setdefault(name, line)
        if len(faults) > FAULTS_SHOWN:
            break
    return faults
