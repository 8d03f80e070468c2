"""One call of `optical encode`: what it is to do, and the directory that it leaves."""

import logging
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from optical_cli.console import progress
from optical_cli.encoders import load
from optical_cli.encoders.devices import resolve_dtype
from optical_cli.encoders.hub import folders_among
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import OutputError, UsageError
from optical_cli.formats.collection import resolve
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.manifest import describe_input, new_manifest, write_manifest
from optical_cli.formats.outputs import manifest_path, refuse_existing, require_space
from optical_cli.formats.resuming import PIECES, is_complete, plan_of, resumable_directory
from optical_cli.formats.streams import STDIO
from optical_cli.formats.survey import Survey, survey
from optical_cli.formats.vectors import (
    FORMAT,
    SHARD,
    VERSION,
    ModelIdentity,
    Shard,
    facts_of,
)
from optical_cli.formats.vectors_encodings import ENCODINGS
from optical_cli.formats.vectors_parts import PartSummary
from optical_cli.retrieval.encoding import PartEncoder, Texts, encode_parts
from optical_cli.retrieval.settings import EncodeSettings
from optical_cli.retrieval.windows import Windows
from optical_cli.settings import ComputeSettings, Invocation, ResumableOutputSettings

log = logging.getLogger(__name__)

CUT_QUERIES_WARNED = 0.01


def encode_to_directory(
    what: EncodeSettings,
    compute: ComputeSettings,
    out: ResumableOutputSettings,
    invocation: Invocation,
) -> None:
    """Do what `optical encode` promises.

    Raises:
        OpticalError: As the command's parts do; see there.
    """
    source = Source.of(what)
    shard = shard_of(what.shard, os.environ)
    target = out.output / shard.folder() if shard.count > 1 else out.output
    _refuse_mixture(out.output, shard)
    if not out.resume:
        refuse_existing(target, overwrite=out.overwrite)
    columns = Columns.of(what.columns)
    with progress(f"reading {source.path}") as steps:
        found = survey(source.path, what.field, beir=source.beir, columns=columns,
                       limit=what.limit, steps=steps)  # fmt: skip
    encoder = load(what.model, device=device_of(compute.device, os.environ),
                   allow_pickle=what.allow_pickle)  # fmt: skip
    model = ModelIdentity(what.model, encoder.signature(), encoder.family, encoder.dim)
    lineage = _lineage(what.model, source.path)
    plan = plan_of({"settings": invocation.settings, "model": asdict(model)}, lineage)
    if out.resume and is_complete(target, plan):
        log.info("%s is complete already", target)
        return
    start, stop = shard.slice(found.records)
    texts = Texts(source.path, what.field, source.beir, columns, start, stop)
    if source.kind == "queries":
        encoder = encoder.reading(record.text for record in texts)
    part_encoder = _part_encoder(encoder, what, compute.dtype, source.kind)
    with resumable_directory(target, plan, overwrite=out.overwrite, resume=out.resume) as directory:
        _announce(part_encoder, found, stop - start, directory, what.part_size)
        with progress("encoding", stop - start) as steps:
            parts = encode_parts(texts, part_encoder, directory, what.part_size, steps)
        facts = facts_of(model, source.kind, what.store, shard, parts)
        # What --dtype auto came to here; elsewhere it may be another.
        facts["precision"] = str(resolve_dtype(compute.dtype, encoder.device)).split(".")[-1]
        manifest = new_manifest(f"{FORMAT}/{VERSION}", invocation, **facts)
        write_manifest(directory, replace(manifest, lineage=lineage))
    _summarize(parts, source.kind, target)


@dataclass(frozen=True)
class Source:
    """Where texts come from and what they are.

    Attributes:
        path: The file.
        kind: ``collection`` or ``queries``.
        beir: Which file of a BEIR folder that is.
    """

    path: Path | str
    kind: str
    beir: str

    @classmethod
    def of(cls, what: EncodeSettings) -> "Source":
        """What the user named.

        Raises:
            UsageError: Neither or both of collection and queries, or stdin.
        """
        if (what.collection is None) == (what.queries is None):
            raise UsageError("give either --collection or --queries")
        path = what.collection or what.queries
        if path == STDIO:
            raise UsageError("encode reads its input twice, so stdin will not do")
        kind, beir = ("queries", "queries") if what.queries else ("collection", "corpus")
        return cls(resolve(path, beir), kind, beir)


def shard_of(text: str | None, environment: Mapping[str, str]) -> Shard:
    """The slice that ``--shard i/n`` or, without it, torchrun's rank asks for.

    Raises:
        UsageError: It is not i/n with 1 <= i <= n.
    """
    if text is None:
        world = int(environment.get("WORLD_SIZE", 1))
        return Shard(int(environment.get("RANK", 0)) + 1, world)
    index, _, count = text.partition("/")
    if not (index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise UsageError(f"--shard {text}: expected i/n with i from 1 to n, such as 3/8")
    return Shard(int(index), int(count))


def device_of(name: str, environment: Mapping[str, str]) -> str:
    """The device of this process: under torchrun each local rank has a GPU of its own."""
    rank = environment.get("LOCAL_RANK")
    if rank is None or name not in ("auto", "cuda"):
        return name
    import torch

    return f"cuda:{rank}" if torch.cuda.is_available() else name


def _refuse_mixture(output: Path, shard: Shard) -> None:
    """Raise where a slice would go into a whole set, or beside slices of another division.

    Raises:
        OutputError: It would.
    """
    if shard.count == 1 or not output.is_dir():
        return
    if manifest_path(output).is_file():
        raise OutputError(f"is whole already, and {shard.folder()} would go into it", where=output)
    others = sorted(f.name for f in output.iterdir()
                    if (m := SHARD.fullmatch(f.name)) and int(m[2]) != shard.count)  # fmt: skip
    if others:
        raise OutputError(f"holds {others[0]}, which is not one of {shard.count}", where=output,
                          hint="remove those of an earlier division")  # fmt: skip


def _lineage(model: str, source: Path | str) -> list[dict[str, Any]]:
    return [describe_input(path) for path in [*folders_among([model]), source]]


def _part_encoder(
    encoder: LateInteractionEncoder, what: EncodeSettings, dtype: str, kind: str
) -> PartEncoder:
    if encoder.config.is_plain:
        log.info("%s has no head: its own token vectors, no markers, no [MASK]s", what.model)
    queries = kind == "queries"
    if queries and what.window:
        raise UsageError("--window is for passages")
    windows = None if queries else _windows(encoder, what)
    length = what.window if windows else what.passage_length
    side = (
        encoder.query_side(length=what.query_length) if queries
        else encoder.passage_side(length=length)
    )  # fmt: skip
    return PartEncoder(
        encoder, side, ENCODINGS[what.store], weigh=queries, dtype=dtype,
        tokens_per_batch=what.batch_size, windows=windows,
    )  # fmt: skip


def _windows(encoder: LateInteractionEncoder, what: EncodeSettings) -> Windows | None:
    if what.window is None:
        if what.stride is not None:
            raise UsageError("--stride goes with --window")
        return None
    side = encoder.passage_side(length=what.window)
    return Windows(side, what.stride or max(side.room // 2, 1))


def _announce(
    part_encoder: PartEncoder, found: Survey, records: int, directory: Path, part_size: int
) -> None:
    """Say how large the result will be, and stop here if the disk cannot hold what is missing."""
    size = part_encoder.estimated_bytes(found.sample, records)
    missing = max(records - part_size * len(list(directory.glob(PIECES))), 0)
    require_space(directory, int(size * missing / max(records, 1)))
    log.info(
        "encoding %s records, %d wide, %s: about %s", f"{records:,}", part_encoder.encoder.dim,
        part_encoder.encoding.name, _bytes(size),
    )  # fmt: skip


def _bytes(size: float) -> str:
    unit, name = next(((u, n) for u, n in ((1e9, "GB"), (1e6, "MB")) if size >= u), (1e3, "kB"))
    return f"{size / unit:.1f} {name}"


def _summarize(parts: list[PartSummary], kind: str, target: Path) -> None:
    records, tokens = (sum(getattr(part, n) for part in parts) for n in ("records", "tokens"))
    cut = sum(part.cut for part in parts)
    log.info("%s: %s records, %s token vectors", target, f"{records:,}", f"{tokens:,}")
    share = cut / max(records, 1)
    if kind == "queries" and share > CUT_QUERIES_WARNED:
        log.warning("%.1f%% of the queries are cut; a larger --query-length keeps them whole",
                    100 * share)  # fmt: skip
    else:
        log.info("%.1f%% of the %s are cut at the length limit", 100 * share,
                 "queries" if kind == "queries" else "passages")  # fmt: skip
