"""Shape checks for the room, and small vector sets of ragged texts."""

import jaxtyping
import numpy as np
import pytest

ROOM = (
    "blocks", "clustering", "decoding", "exact", "index_building", "index_search",
    "index_training", "query_tiles", "ranking", "residuals", "scorers",
)  # fmt: skip
jaxtyping.install_import_hook([f"optical_cli.retrieval.{m}" for m in ROOM], "beartype.beartype")

from optical_cli.formats.vectors import ModelIdentity, Shard, open_vectors  # noqa: E402

DIM = 16


@pytest.fixture(scope="session")
def ragged():
    """Make texts of so many unit vectors each, by name."""

    def make(lengths, *, seed=0, prefix="d", dim=DIM):
        rng = np.random.default_rng(seed)
        found = {}
        for place, length in enumerate(lengths):
            vectors = rng.standard_normal((length, dim)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            found[f"{prefix}{place:05d}"] = vectors
        return found

    return make


@pytest.fixture
def vector_set(tmp_path):
    """Write records as a vector set in so many parts and shards, and open it."""
    from optical_cli.formats.vectors_writing import write_vectors

    def write(name, records, *, parts=1, shards=1, encoding="float32", kind="collection",
              model="teacher"):  # fmt: skip
        names = list(records)
        dim = next(iter(records.values())).shape[1]
        identity = ModelIdentity(model, model, model, dim)
        for index in range(1, shards + 1):
            shard = Shard(index, shards)
            mine = names[slice(*shard.slice(len(names)))]
            step = -(-len(mine) // parts)
            batches = [mine[i : i + step] for i in range(0, len(mine), step)]
            write_vectors(
                tmp_path / name, ((batch, [records[n] for n in batch]) for batch in batches),
                identity, kind=kind, encoding=encoding, shard=shard if shards > 1 else None,
            )  # fmt: skip
        return open_vectors(tmp_path / name)

    return write
