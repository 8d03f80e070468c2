"""Token vectors on disk, ``optical-vectors/1``: written in parts, read by mapping them.

    DIR/manifest.json            what made them; model, width, encoding, counts, hashes
    DIR/part-00000/              see `vectors_parts`

or, where several jobs each wrote a slice of one collection,

    DIR/shard-1-of-3/manifest.json
    DIR/shard-1-of-3/part-00000/
    DIR/shard-2-of-3/...

A set is complete when all its shards are there and agree on everything but their slice.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from optical_cli.errors import InputError
from optical_cli.formats.manifest import Manifest, require_format, sha256
from optical_cli.formats.vectors_encodings import ENCODINGS, Encoding
from optical_cli.formats.vectors_parts import SUMMARY, Part, PartSummary

FORMAT, VERSION = "optical-vectors", 1
SHARD = re.compile(r"shard-(\d+)-of-(\d+)")
MISSING_SHOWN = 10
# Settings that shards need not share: their slice, and paths, whose contents are compared.
OF_ITS_OWN = ("shard", "collection", "queries")


@dataclass(frozen=True)
class ModelIdentity:
    """Which model made vectors.

    Attributes:
        name: What the user called it.
        signature: Hash of all that makes its vectors.
        family: Signature of the model whose passage vectors its query vectors are for.
        dim: Width of a vector.
    """

    name: str
    signature: str
    family: str
    dim: int


@dataclass(frozen=True)
class Shard:
    """Which slice of the input a directory holds: shard `index` (from 1) of `count`."""

    index: int = 1
    count: int = 1

    def folder(self) -> str:
        """``shard-i-of-n``."""
        return f"shard-{self.index}-of-{self.count}"

    def slice(self, records: int) -> tuple[int, int]:
        """The first record of the shard, and the first after it."""
        return records * (self.index - 1) // self.count, records * self.index // self.count


def part_name(number: int) -> str:
    """Folder of the part with this number from 0."""
    return f"part-{number:05d}"


def facts_of(
    model: ModelIdentity, kind: str, encoding: str, shard: Shard, parts: Sequence[PartSummary]
) -> dict[str, Any]:
    """What a vector set's manifest says beside settings and lineage; see `new_manifest`."""
    files = {name: h for part in parts for name, h in part.all_files().items()}
    return {
        "counts": {
            "records": sum(part.records for part in parts),
            "entries": sum(part.entries for part in parts),
            "tokens": sum(part.tokens for part in parts),
            "cut": sum(part.cut for part in parts),
        },
        "kind": kind,
        "model": asdict(model),
        "encoding": encoding,
        "shard": asdict(shard),
        "parts": [part.name for part in parts],
        "files": files,
    }


class PackedSet:
    """Records in parts, whatever their tokens are stored as.

    Attributes:
        path: As the user gave it.
        folders: The directories that hold a manifest: `path` itself, or its shards in order.
        model: What made the vectors.
        parts: All parts in the order of the input.
        starts: Place of each part's first record in the whole set, and the number of records.
    """

    def __init__(
        self, path: Path, folders: Sequence[Path], model: ModelIdentity, parts: Sequence[Part]
    ):
        self.path = path
        self.folders = tuple(folders)
        self.model = model
        self.parts = tuple(parts)
        self.starts = (0, *accumulate(part.records for part in self.parts))

    @property
    def dim(self) -> int:
        """Width of a vector."""
        return self.model.dim

    @property
    def tokens(self) -> int:
        """How many token vectors there are."""
        return sum(part.tokens for part in self.parts)

    def __len__(self) -> int:
        return self.starts[-1]

    def part_of(self, record: int) -> int:
        """Number of the part that holds a record, by the record's place in the whole set."""
        return bisect_right(self.starts, record) - 1

    def id(self, record: int) -> str:
        """The id of a record by its place in the whole set."""
        part = self.part_of(record)
        return self.parts[part].ids[record - self.starts[part]]

    def ids(self) -> Iterator[str]:
        """All ids in order."""
        for part in self.parts:
            yield from part.ids

    def require_described(self, manifests: Sequence[Manifest]) -> None:
        """Raise unless the parts are those of the manifests, with as much of everything.

        Only the parts' own summaries are hashed here; `inspect --verify` reads all.
        """
        for name, found in (("records", len(self)), ("tokens", self.tokens)):
            expected = sum(manifest.what["counts"][name] for manifest in manifests)
            if found != expected:
                raise InputError(
                    f"does not match its manifest: {expected} {name} expected, {found} found",
                    where=self.path,
                )
        for folder, manifest in zip(self.folders, manifests, strict=True):
            for name in manifest.what["parts"]:
                own = f"{name}/{SUMMARY}"
                if not (folder / own).is_file():
                    raise InputError("is missing", where=folder / own)
                if sha256(folder / own) != manifest.what.get("files", {}).get(own):
                    raise InputError("is not the part that manifest.json describes",
                                     where=folder / name)  # fmt: skip


class VectorSet(PackedSet):
    """Token vectors of a collection or of queries.

    Attributes:
        kind: ``collection`` or ``queries``.
        encoding: How they are stored.
    """

    def __init__(self, path: Path, folders: Sequence[Path], manifests: Sequence[Manifest]):
        what = manifests[0].what
        try:
            model = ModelIdentity(**what["model"])
            self.kind: str = what["kind"]
            self.encoding: Encoding = ENCODINGS[what["encoding"]]
            named = [(f, n) for f, m in zip(folders, manifests, strict=True)
                     for n in m.what["parts"]]  # fmt: skip
        except (KeyError, TypeError) as error:
            raise InputError(f"manifest.json lacks or does not know {error}", where=path) from None
        names = tuple(self.encoding.arrays(model.dim))
        super().__init__(path, folders, model, [Part(f / name, names) for f, name in named])
        self.require_described(manifests)
        for part in self.parts:
            if (width := part.arrays["tokens"].shape[-1]) != self.dim:
                raise InputError(
                    f"does not match its manifest: width {self.dim} expected, {width} found",
                    where=part.folder,
                )

    def vectors(self, record: int) -> Float[np.ndarray, "token dim"]:
        """The vectors of one record, all its windows one after another."""
        number = self.part_of(record)
        part, place = self.parts[number], record - self.starts[number]
        start, stop = part.record_starts[place : place + 2].tolist()
        return self.encoding.decode(part.rows(start, stop))


def open_vectors(path: Path, kind: str | None = None) -> VectorSet:
    """Open a vector set, checking that it is whole.

    Args:
        path: The directory.
        kind: ``collection`` or ``queries``, where only that will do.

    Raises:
        InputError: It is no vector set or of the other kind, shards are missing or do not agree,
            or files are cut short or do not match the manifest.
        OutputError: It is of a later version.
    """
    folders = [path] if (path / "manifest.json").is_file() else _shards(path)
    manifests = [require_format(folder, FORMAT, VERSION) for folder in folders]
    _require_one_origin(folders, manifests)
    found = VectorSet(path, folders, manifests)
    if kind is not None and found.kind != kind:
        raise InputError(f"holds vectors of {_named(found.kind)}, not of {_named(kind)}",
                         where=path)  # fmt: skip
    return found


def _named(kind: str) -> str:
    return "a collection" if kind == "collection" else kind


def _shards(path: Path) -> list[Path]:
    """The folders of all shards, in order."""
    if not path.is_dir():
        raise InputError("is no directory of vectors", where=path, hint="optical encode makes one")
    found = [(folder, SHARD.fullmatch(folder.name)) for folder in sorted(path.iterdir())]
    shards = {(int(m[2]), int(m[1])): folder for folder, m in found if m}
    counts = sorted({count for count, _ in shards})
    if not shards:
        return [path]
    if len(counts) > 1:
        raise InputError(
            f"holds shards of {' and of '.join(map(str, counts))}", where=path,
            hint="remove those of an earlier division",
        )  # fmt: skip
    missing = [str(i) for i in range(1, counts[0] + 1) if (counts[0], i) not in shards]
    if missing:
        shown = [*missing[:MISSING_SHOWN], *(["..."] if len(missing) > MISSING_SHOWN else [])]
        raise InputError(
            f"lacks {len(missing)} of {counts[0]} shards: {', '.join(shown)}",
            where=path, hint=f"optical encode --shard {missing[0]}/{counts[0]} makes the first",
        )  # fmt: skip
    return [shards[counts[0], i] for i in range(1, counts[0] + 1)]


def _require_one_origin(folders: Sequence[Path], manifests: Sequence[Manifest]) -> None:
    """All shards come from one model, one collection and the same settings."""
    first = _origin(manifests[0])
    for folder, manifest in zip(folders[1:], manifests[1:], strict=True):
        other = _origin(manifest)
        for name in first:
            if first[name] != other.get(name):
                raise InputError(
                    f"is of another {name} than {folders[0].name}: {_shown(other.get(name))}, not"
                    f" {_shown(first[name])}",
                    where=folder,
                )


@dataclass(frozen=True)
class _Inputs:
    """What shards were made from: equal where the bytes are, wherever they lie."""

    hashes: tuple[str, ...]
    paths: tuple[str, ...] = field(compare=False)

    def __str__(self) -> str:
        return ", ".join(f"{p} ({h[:12]})" for p, h in zip(self.paths, self.hashes, strict=True))


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


def _origin(manifest: Manifest) -> dict[str, Any]:
    what = manifest.what
    known = [e.get("manifest") or e.get("sha256") or e.get("files") for e in manifest.lineage]
    inputs = _Inputs(tuple(map(str, known)), tuple(str(e["path"]) for e in manifest.lineage))
    model = what.get("model") or {}
    return {
        "model": f"{model.get('name')} ({model.get('signature')})", "kind": what.get("kind"),
        "width": model.get("dim"), "encoding": what.get("encoding"), "input": inputs,
        "division": what.get("shard", {}).get("count"),
    } | {
        f"setting {name}": entry["value"]
        for section, entries in what.get("settings", {}).items() for name, entry in entries.items()
        if name not in OF_ITS_OWN
    }  # fmt: skip


def require_comparable(queries: VectorSet, collection: PackedSet) -> None:
    """Raise unless the queries' vectors can be compared with the collection's.

    Raises:
        InputError: They are of different width, or their models are of different families.
    """
    ours, theirs = queries.model, collection.model
    if ours.dim != theirs.dim:
        raise InputError(
            f"vectors of {ours.name} are {ours.dim} wide, those of {theirs.name} in"
            f" {collection.path} {theirs.dim}",
            where=queries.path,
        )
    if ours.family != theirs.family:
        raise InputError(
            f"vectors of {ours.name} (family {ours.family}) cannot be compared with those of"
            f" {theirs.name} (family {theirs.family}) in {collection.path}",
            where=queries.path,
            hint="encode the queries with that model, or with a student distilled from it",
        )
