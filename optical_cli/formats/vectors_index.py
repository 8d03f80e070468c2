"""A compressed collection that is searched through centroids, ``optical-index/1``.

DIR/manifest.json
DIR/centroids.npy           float16 [centroid, dim]
DIR/codebook.npy            float32 [2, dim]: the value of code 0 and the step, in each dimension
DIR/cells.npy               float32 [cell, dim]: middles of groups of centroids
DIR/cell_starts.npy         int64: each group's first centroid, and how many there are in all
DIR/part-00000/             as in `vectors_parts`, with
tokens.npy              uint8: residual codes of 1, 2 or 4 bits, low bits first
centroids.npy           uint16 or uint32: the centroid of each token
list_starts.npy         uint32: centroid c has the entries list_starts[c] to [c + 1] of
list_entries.npy        uint16 or uint32: the part's entries with a token near c, ascending
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt, UInt32

from optical_cli.errors import InputError
from optical_cli.formats.manifest import require_format
from optical_cli.formats.vectors import ModelIdentity, PackedSet
from optical_cli.formats.vectors_arrays import map_array
from optical_cli.formats.vectors_parts import Part, PartSummary

FORMAT, VERSION = "optical-index", 1
CENTROIDS, CODEBOOK = "centroids.npy", "codebook.npy"
LIST_STARTS, LIST_ENTRIES = "list_starts.npy", "list_entries.npy"
ARRAYS = ("tokens", "centroids")


class IndexPart(Part):
    """A part of an index.

    Attributes:
        list_starts: Where each centroid's entries start; one more than there are centroids.
        list_entries: The entries of all centroids, one list after another.
    """

    def __init__(self, folder: Path, centroids: int):
        super().__init__(folder, ARRAYS)
        self.list_starts: UInt32[np.ndarray, " centroid_and_one"] = map_array(folder / LIST_STARTS)
        self.list_entries: UInt[np.ndarray, " posting"] = map_array(folder / LIST_ENTRIES)
        if len(self.list_starts) != centroids + 1:
            raise InputError(f"has lists of {len(self.list_starts) - 1} centroids, not {centroids}",
                             where=folder)  # fmt: skip
        if self.list_starts[-1] != len(self.list_entries):
            raise InputError(f"{LIST_ENTRIES} does not end where {LIST_STARTS} says", where=folder)


class VectorIndex(PackedSet):
    """An index as it is searched.

    Attributes:
        bits: Bits of a residual's code.
        centroids: Their vectors.
        codebook: The value of code 0, and the step, in each dimension.
        sources: Identities of the manifests of the vectors that it was made from.
    """

    def __init__(self, path: Path):
        """Open an index, checking that it is whole.

        Raises:
            InputError: It is no index, or files are missing, cut short or do not match.
            OutputError: It is of a later version.
        """
        manifest = require_format(path, FORMAT, VERSION)
        try:
            model = ModelIdentity(**manifest.what["model"])
            self.bits = int(manifest.what["bits"])
            names = list(manifest.what["parts"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"manifest.json lacks or does not know {error}", where=path) from None
        self.centroids: Float[np.ndarray, "centroid dim"] = map_array(path / CENTROIDS).astype(
            np.float32
        )
        self.codebook: Float[np.ndarray, "2 dim"] = np.array(map_array(path / CODEBOOK))
        if self.centroids.shape[1:] != (model.dim,):
            raise InputError("does not match its manifest: centroids of another width", where=path)
        if self.codebook.shape != (2, model.dim):
            raise InputError("does not match its manifest: a codebook of another size", where=path)
        parts = [IndexPart(path / name, len(self.centroids)) for name in names]
        super().__init__(path, [path], model, parts)
        self.require_described([manifest])
        self.sources = [entry.get("manifest") for entry in manifest.lineage]


def index_facts(
    model: ModelIdentity, bits: int, parts: list[PartSummary], files: Mapping[str, str]
) -> dict[str, Any]:
    """What an index's manifest says beside settings and lineage.

    Args:
        model: What made the vectors.
        bits: Bits of a residual's code.
        parts: What is in the parts.
        files: SHA-256 of the files beside the parts.
    """
    of_parts = {name: h for part in parts for name, h in part.all_files().items()}
    counts = {n: sum(getattr(part, n) for part in parts) for n in ("records", "entries", "tokens")}
    return {
        "counts": counts, "model": asdict(model), "bits": bits,
        "parts": [part.name for part in parts], "files": {**files, **of_parts},
    }  # fmt: skip
