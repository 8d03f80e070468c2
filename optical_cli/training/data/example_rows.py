"""Examples as token rows on disk.

A folder holds the token rows of queries and of passages, each text once, and ``examples.rows``:
for each example the line that it stood in, its query's row and its passages' rows. With a
cross-encoder's scores, ``examples.scores`` has one for each of these passages.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from optical_cli.console import progress
from optical_cli.encoders.tokens import Side
from optical_cli.errors import InputError
from optical_cli.formats.collection import read_records
from optical_cli.formats.tables import FAULTS_KEPT
from optical_cli.formats.trec import Run
from optical_cli.training.data.chunks import chunks
from optical_cli.training.data.examples import ExampleFiles
from optical_cli.training.data.exclusion import Exclusion
from optical_cli.training.data.rows import RowWriter

ROWS = "examples.rows"
SCORES = "examples.scores"
COUNTS = "counts.json"


def tokenize_examples(
    folder: Path, files: ExampleFiles, query: Side, passage: Side, exclusion: Exclusion
) -> None:
    """Write the examples that `exclusion` does not hold into `folder`, in the files' order."""
    size = len(query.tokenizer)
    with (
        RowWriter(folder, "query", size) as queries,
        RowWriter(folder, "passage", size) as passages,
        (folder / ROWS).open("wb") as index,
        (folder / SCORES).open("wb") as scores,
        progress("tokenising examples", files.what.limit) as bar,
    ):
        write = _write_ids if files.by_id else _write_texts
        counts = {"read": 0, "kept": 0}
        tokens = Tokens(queries, query), Tokens(passages, passage)
        for found in write(files, *tokens, exclusion):
            counts["read"] += found.read
            counts["kept"] += len(found.rows)
            index.write(found.rows.astype(np.int64).tobytes())
            scores.write(found.scores.astype(np.float32).tobytes())
            bar.advance(found.read)
            ways = found.rows.shape[1] - 2
    if not counts["kept"]:
        raise InputError("no example is left to train on", where=files.main)
    counts |= {"ways": ways}
    for name, side in zip(("queries", "passages"), tokens, strict=True):
        counts |= {name: side.count, f"cut_{name}": side.cut}
    (folder / COUNTS).write_text(json.dumps(counts) + "\n", encoding="utf-8")


class Found(NamedTuple):
    """A chunk of examples.

    Attributes:
        read: How many were read.
        rows: Line, query row and passage rows of those kept.
        scores: A score for each of these passages; no columns without scores.
    """

    read: int
    rows: Int[np.ndarray, "example column"]
    scores: Float[np.ndarray, "example way"]


@dataclass
class Tokens:
    """A writer with the side whose texts it gets.

    Attributes:
        writer: Where rows go.
        side: How texts become rows.
        count: Rows so far.
        cut: How many of them were longer.
    """

    writer: RowWriter
    side: Side
    count: int = 0
    cut: int = 0

    def append(self, texts: Sequence[str]) -> Int[np.ndarray, " text"]:
        """Tokenise and write `texts`; return their row numbers."""
        if texts:
            rows = self.side.rows(texts)
            self.writer.append(rows)
            self.cut += sum(row.cut for row in rows)
        self.count += len(texts)
        return np.arange(self.count - len(texts), self.count)


def _write_texts(
    files: ExampleFiles, queries: Tokens, passages: Tokens, exclusion: Exclusion
) -> Iterator[Found]:
    for chunk in chunks(files.texts()):
        fields = len(chunk[0][1])
        held = exclusion.holds([text for _, texts in chunk for text in texts])
        kept = [e for e, h in zip(chunk, held.reshape(-1, fields).any(1), strict=True) if not h]
        lines = np.array([number for number, _ in kept], np.int64)
        rows = queries.append([texts[0] for _, texts in kept])
        places = passages.append([text for _, texts in kept for text in texts[1:]])
        table = np.column_stack([lines, rows, places.reshape(-1, fields - 1)])
        yield Found(len(chunk), table, np.empty((len(table), 0)))


def _write_ids(
    files: ExampleFiles, queries: Tokens, passages: Tokens, exclusion: Exclusion
) -> Iterator[Found]:
    scores = files.score_table()
    query_rows = _numbered(files.what.queries, "queries", queries, exclusion)
    passage_rows = _numbered(files.what.collection, "corpus", passages, exclusion)
    for chunk in chunks(files.ids()):
        rows = [_row(number, ids, query_rows, passage_rows) for number, ids in chunk]
        _require_known(rows, files)
        table = np.array(rows, np.int64)
        kept = (table != HELD).all(1)
        yield Found(len(chunk), table[kept], _scores(files, scores, chunk)[kept])


HELD = -1


def _numbered(path: Path, beir: str, tokens: Tokens, exclusion: Exclusion) -> dict[str, int]:
    """Write all texts of a file; the row of each id, or `HELD` where it must stay unseen."""
    rows: dict[str, int] = {}
    for chunk in chunks(read_records(path, beir=beir)):
        texts = [record.text for record in chunk]
        numbers = np.where(exclusion.holds(texts), HELD, tokens.append(texts))
        for record, number in zip(chunk, numbers.tolist(), strict=True):
            if rows.setdefault(record.id, number) != number:
                place = f"{path}:{record.line}"
                raise InputError(f"id {record.id} stands there twice", where=place)
    return rows


def _row(
    number: int, ids: Sequence[str], queries: Mapping[str, int], passages: Mapping[str, int]
) -> list[int | str]:
    """Line and rows, with what is unknown left as the words for an error."""
    found = [passages.get(name, f"passage {name}") for name in ids[1:]]
    return [number, queries.get(ids[0], f"query {ids[0]}"), *found]


def _require_known(rows: list[list[int | str]], files: ExampleFiles) -> None:
    holders = {1: files.what.queries}
    faults = [
        f"{files.main}:{row[0]}: {cell} is not in {holders.get(place, files.what.collection)}"
        for row in rows for place, cell in enumerate(row) if isinstance(cell, str)
    ]  # fmt: skip
    if faults:
        raise InputError.gather(faults[:FAULTS_KEPT])


def _scores(
    files: ExampleFiles, scores: Run, chunk: Sequence[tuple[int, list[str]]]
) -> Float[np.ndarray, "example way"]:
    if not files.what.scores:
        return np.empty((len(chunk), 0))
    faults = [
        f"{files.main}:{number}: {files.what.scores} has no score of passage {doc} for query"
        f" {query}"
        for number, (query, *docs) in chunk for doc in docs if doc not in scores.get(query, {})
    ]  # fmt: skip
    if faults:
        raise InputError.gather(faults[:FAULTS_KEPT])
    return np.array([[scores[query][doc] for doc in docs] for _, (query, *docs) in chunk])
