"""Options of encoding, searching and indexing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import COUNT
from optical_cli.settings import batch_size, limit, option

RECORDS_PER_PART = 16_384


@dataclass(frozen=True, kw_only=True)
class EncodeSettings:
    """What is encoded, and how it is stored."""

    model: str = option(help="Encoder: a folder or a hub name.", metavar="NAME|DIR")
    collection: str | None = option(
        None, help="Passages: TSV (id, text), JSON lines, or a BEIR folder.", metavar="FILE"
    )
    queries: str | None = option(None, help="Queries instead, in the same layouts.", metavar="FILE")
    field: tuple[str, ...] = option(
        ("title", "text"), help="What makes the text of a record with several fields; repeatable."
    )
    columns: str | None = option(
        None, help="Columns of a TSV that hold id and text, counted from 1, or their names in its"
        " first line; 1,3,2 puts the third before the second.", metavar="A,B,..."
    )  # fmt: skip
    query_length: int | None = option(
        None,
        help="Tokens of a query at most; the model's own limit by default.",
        within=COUNT,
    )
    passage_length: int | None = option(
        None,
        help="Tokens of a passage at most; the model's own limit by default.",
        within=COUNT,
    )
    window: int | None = option(
        None, help="Cut longer passages into windows of so many tokens; a passage scores as its"
        " best window.", within=COUNT,
    )  # fmt: skip
    stride: int | None = option(
        None,
        help="Tokens from one window's start to the next; half of --window by default.",
        within=COUNT,
    )
    store: Literal["float16", "bfloat16", "float32", "int8"] = option(
        "float16", help="How vectors are stored; int8 has a scale per token."
    )
    shard: str | None = option(
        None, help="Encode only slice i of n, as i/n, into shard-i-of-n/ of the output.",
        metavar="I/N",
    )  # fmt: skip
    part_size: int = option(
        RECORDS_PER_PART,
        help="Records in one part; an interruption costs at most one.",
        within=COUNT,
    )
    batch_size: int | None = option(
        None,
        help="Tokens in one batch; 2,048 on a CPU and 65,536 on a GPU by default.",
        within=COUNT,
    )
    limit: int | None = limit("records")
    allow_pickle: bool = option(False, help="Accept a model with pickled weights.")


@dataclass(frozen=True, kw_only=True)
class RetrieveSettings:
    """What is searched, for what, and how deep."""

    queries: Path = option(help="Query vectors, from optical encode.", metavar="DIR")
    collection: Path | None = option(
        None, help="Passage vectors, from optical encode: searched exactly.", metavar="DIR"
    )
    top_k: int = option(1000, help="Passages kept for each query.", within=COUNT)
    tag: str | None = option(
        None, help="Name of the system in the run's last column; the output's name by default."
    )
    index: Path | None = option(
        None, help="An index, from optical index, searched instead of --collection.",
        metavar="DIR",
    )  # fmt: skip
    probe: int = option(
        32, help="With --index: centroids visited for each query token.", within=COUNT
    )
    rescored: int | None = option(
        None, help="With --index: passages scored on their tokens; four times --top-k and at"
        " least 1,024 by default.", within=COUNT,
    )  # fmt: skip
    rescore_from: Path | None = option(
        None, help="With --index: score on these original vectors, not on the index's codes.",
        metavar="DIR",
    )  # fmt: skip
    candidates: Path | None = option(
        None, help="Rank only the passages that this run has for each query.", metavar="RUN"
    )
    device: str = option(
        "auto", help="auto, cpu, cuda or cuda:N. auto warns if a GPU is there but unusable."
    )
    batch_size: int = batch_size(1024, "queries")
    workers: int | None = option(
        None,
        help="Threads of the search; as many as torch uses by default.",
        occasion=True,
        within=COUNT,
    )
