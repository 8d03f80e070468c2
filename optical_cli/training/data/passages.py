"""Passages whose token vectors stay as they are: what queries are scored against in training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from optical_cli.console import progress
from optical_cli.encoders.bulk import encode_in_bulk
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import InputError
from optical_cli.formats.collection import read_passages
from optical_cli.formats.vectors import VectorSet, open_vectors, part_name
from optical_cli.formats.vectors_encodings import ENCODINGS, Encoding
from optical_cli.formats.vectors_parts import Part, PartWriter

STORED = ENCODINGS["float16"]


@dataclass(frozen=True)
class FrozenPassages:
    """Token vectors of passages, read through a memory map.

    Attributes:
        parts: Where they lie.
        encoding: How.
    """

    parts: Sequence[Part]
    encoding: Encoding

    @cached_property
    def starts(self) -> list[int]:
        """Number of each part's first passage, and how many passages there are."""
        return [0, *accumulate(part.records for part in self.parts)]

    @cached_property
    def lengths(self) -> Int[np.ndarray, " passage"]:
        """Token vectors of each passage; passages without any are never scored."""
        return np.concatenate([np.diff(part.record_starts) for part in self.parts])

    @cached_property
    def usable(self) -> Int[np.ndarray, " passage"]:
        """The passages that have tokens."""
        return np.flatnonzero(self.lengths)

    def vectors(self, passage: int) -> Float[np.ndarray, "token dim"]:
        """The vectors of one passage."""
        number = int(np.searchsorted(self.starts, passage, side="right")) - 1
        part, place = self.parts[number], passage - self.starts[number]
        start, stop = part.record_starts[place : place + 2].tolist()
        return self.encoding.decode(part.rows(start, stop))

    def padded(self, passages: Sequence[int]) -> Float[Tensor, "passage token dim"]:
        """Passages as one tensor, each filled up with its own first vector.

        A copy of a vector changes no maximum, so nobody needs a mask.
        """
        found = [self.vectors(passage) for passage in passages]
        width = max(map(len, found))
        rows = np.stack([np.concatenate([v, v[:1].repeat(width - len(v), 0)]) for v in found])
        return torch.from_numpy(rows)

    def blocks(self, tokens: int) -> Iterator[Int[np.ndarray, " passage"]]:
        """All passages that have tokens, those of like length together, so many tokens a block."""
        order = self.usable[np.argsort(self.lengths[self.usable], kind="stable")]
        while len(order):
            # The longest of as many as there are at least sets the width, so begin at the end.
            count = max(tokens // int(self.lengths[order[-1]]), 1)
            yield order[-count:]
            order = order[:-count]


def encoded_passages(path: Path, teacher: LateInteractionEncoder) -> FrozenPassages:
    """The passages in a folder of `optical encode`.

    Raises:
        InputError: They are of another encoder than `teacher`, or not of a collection.
    """
    found: VectorSet = open_vectors(path, "collection")
    if (found.model.family, found.dim) != (teacher.family, teacher.dim):
        raise InputError(
            f"holds vectors of {found.model.name}, not of the teacher", where=path,
            hint="optical encode --model TEACHER --collection FILE -o DIR",
        )  # fmt: skip
    return FrozenPassages(found.parts, found.encoding)


def write_passages(folder: Path, path: Path, teacher: LateInteractionEncoder, dtype: str) -> None:
    """Encode the collection in `path` into the empty `folder`."""
    writer = PartWriter(folder / part_name(0), STORED, teacher.dim)
    texts = (passage.text for passage in read_passages(path))
    with progress("encoding the passages", None) as bar:
        for packed in encode_in_bulk(
            teacher, texts, teacher.passage_side(), dtype=dtype, store=np.float32
        ):
            numbers = range(writer.records, writer.records + len(packed.lengths))
            writer.append([str(n) for n in numbers], packed.lengths, packed.vectors)
            bar.advance(len(packed.lengths))
    writer.close()


def written_passages(folder: Path) -> FrozenPassages:
    """What `write_passages` wrote."""
    return FrozenPassages([Part(folder / part_name(0), tuple(STORED.arrays(1)))], STORED)
