"""A whole vector set from batches of vectors, for those who have them in memory already."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from optical_cli.formats.manifest import new_manifest, write_manifest
from optical_cli.formats.outputs import output_directory
from optical_cli.formats.vectors import (
    FORMAT,
    VERSION,
    ModelIdentity,
    Shard,
    facts_of,
    part_name,
)
from optical_cli.formats.vectors_encodings import ENCODINGS
from optical_cli.formats.vectors_parts import PartSummary, PartWriter
from optical_cli.settings import Invocation

# Ids, and for each of them its token vectors
Batch = tuple[Sequence[str], Sequence[Float[np.ndarray, "_ dim"]]]


def write_vectors(
    target: Path,
    batches: Iterable[Batch],
    model: ModelIdentity,
    *,
    kind: str = "collection",
    encoding: str = "float16",
    shard: Shard | None = None,
    invocation: Invocation | None = None,
    **output: Any,
) -> None:
    """Write batches of records as a vector set, each batch as a part of its own.

    Args:
        target: The directory to make, or to make a shard in.
        batches: Ids with the token vectors of each.
        model: What made the vectors.
        kind: ``collection`` or ``queries``.
        encoding: How they are stored.
        shard: Which slice of the collection this is, where it is one.
        invocation: What the manifest says made them.
        **output: As `output_directory` takes them.

    Raises:
        OutputError: The target exists.
    """
    place = target if shard is None else target / shard.folder()
    invocation = invocation or Invocation("write_vectors", {})
    with output_directory(place, **output) as directory:
        parts = [
            _write_part(directory / part_name(number), batch, model.dim, encoding)
            for number, batch in enumerate(batches)
        ]
        facts = facts_of(model, kind, encoding, shard or Shard(), parts)
        write_manifest(directory, new_manifest(f"{FORMAT}/{VERSION}", invocation, **facts))


def _write_part(folder: Path, batch: Batch, dim: int, encoding: str) -> PartSummary:
    ids, vectors = batch
    writer = PartWriter(folder, ENCODINGS[encoding], dim)
    lengths = np.array([len(v) for v in vectors], np.int64)
    writer.append(ids, lengths, np.concatenate([np.empty((0, dim), np.float32), *vectors]))
    return writer.close()
