"""One call of `optical index`: a vector set in, a compressed index out."""

import logging
from dataclasses import asdict, replace
from pathlib import Path

from optical_cli.console import progress
from optical_cli.encoders.devices import choose_device
from optical_cli.errors import InputError, UsageError
from optical_cli.formats.manifest import describe_input, new_manifest, sha256, write_manifest
from optical_cli.formats.outputs import refuse_existing, require_space
from optical_cli.formats.resuming import is_complete, plan_of, resumable_directory
from optical_cli.formats.vectors import VectorSet, open_vectors
from optical_cli.formats.vectors_index import FORMAT, VERSION, index_facts
from optical_cli.retrieval.index_building import build_parts
from optical_cli.retrieval.index_settings import IndexSettings
from optical_cli.retrieval.index_training import Quantizer, centroid_count, train
from optical_cli.retrieval.residuals import packed_width
from optical_cli.settings import Invocation, ResumableOutputSettings, SeedSettings

log = logging.getLogger(__name__)

BITS = (1, 2, 4)
# A token's centroid, its share of offsets and ids, and its place in a list.
TOKEN_EXTRA_BYTES = 8


def build_index(
    what: IndexSettings, out: ResumableOutputSettings, random: SeedSettings, invocation: Invocation
) -> None:
    """Do what `optical index` promises.

    Raises:
        OpticalError: As the command's parts do; see there.
    """
    _require_possible(what)
    if not out.resume:
        refuse_existing(out.output, overwrite=out.overwrite)
    vectors = open_vectors(what.collection, "collection")
    if not vectors.tokens:
        raise InputError("holds no token vectors", where=what.collection)
    lineage = [describe_input(folder) for folder in vectors.folders]
    plan = plan_of({"settings": invocation.settings, "model": asdict(vectors.model)}, lineage)
    if out.resume and is_complete(out.output, plan):
        log.info("%s is complete already", out.output)
        return
    with resumable_directory(
        out.output, plan, overwrite=out.overwrite, resume=out.resume
    ) as directory:
        token_bytes = packed_width(vectors.dim, what.bits) + TOKEN_EXTRA_BYTES
        require_space(directory, vectors.tokens * token_bytes)
        facts = _fill(directory, vectors, what, random.seed)
        manifest = new_manifest(f"{FORMAT}/{VERSION}", invocation, **facts)
        write_manifest(directory, replace(manifest, lineage=lineage))
    _summarize(out.output, vectors)


def _require_possible(what: IndexSettings) -> None:
    if what.bits not in BITS:
        raise UsageError(f"--bits {what.bits}: expected 1, 2 or 4")


def _fill(directory: Path, vectors: VectorSet, what: IndexSettings, seed: int) -> dict:
    """Write all but the manifest; say what that is to hold."""
    device = choose_device(what.device)
    if (quantizer := Quantizer.load(directory, device)) is None:
        count = centroid_count(vectors.tokens, what.centroids)
        train(vectors, count, what.sample, what.bits, seed, device).save(directory)
        quantizer = Quantizer.load(directory, device)
    files = {path.name: sha256(path) for path in sorted(directory.glob("*.npy"))}
    with progress("indexing tokens", vectors.tokens) as steps:
        parts = build_parts(vectors, quantizer, what.bits, directory, steps)
    return index_facts(vectors.model, what.bits, parts, files)


def _summarize(target: Path, vectors: VectorSet) -> None:
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    log.info(
        "%s: %s passages, %.1f MB, %.3f of the vectors in float16", target, f"{len(vectors):,}",
        size / 1e6, size / (2 * vectors.tokens * vectors.dim),
    )  # fmt: skip
