"""Texts that must not be in the output: queries, a collection, or other bitext, by their ids."""

import dataclasses
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from optical_cli.bitext.overlap import SHORTEST_HELD
from optical_cli.errors import InputError
from optical_cli.formats.parallel import Expected, InputFile, detect, find_readers
from optical_cli.formats.streams import open_lines
from optical_cli.formats.tables import FAULTS_KEPT
from optical_cli.text import key

HEAD_LINES = 200
FEWEST_ROWS_FOR_LABELS = 50
ID_NAMES = {"id", "_id", "doc_id", "docid", "query_id", "qid", "pid", "pair_id"}


def read_references(
    path: Path | str, expected: Expected | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of everything in a file.

    Tab-separated lines with an id first (queries, collections), whose other columns are one text;
    or with an id last or none (bitext), whose other columns are texts of their own. JSON lines:
    every string that is not called an id. A BEIR folder: its corpus and its queries. Other bitext
    (TMX, zip, Parquet): both sides. What has no id is known by file name and line or record.

    Args:
        path: The file.
        expected: The languages of other bitext, and where stdin and pipes were copied.

    Raises:
        InputError: The file is missing, malformed, or holds no text.
    """
    empty = True
    for entry in _entries(path, expected or Expected(frozenset(), frozenset())):
        empty = False
        yield entry
    if empty:
        raise InputError("holds no text", where=path)


def _entries(path: Path | str, expected: Expected) -> Iterator[tuple[str, str]]:
    if Path(path).is_dir():
        for file in _of_beir(Path(path)):
            yield from _json_entries(InputFile(str(file), str(file)))
        return
    file = expected.opened_as(str(path))
    match detect(file):
        case "tmx" | "zip" | "parquet":
            yield from _bitext_entries(path, expected)
        case "jsonl":
            yield from _json_entries(file)
        case _:
            yield from _table_entries(file)


def _of_beir(folder: Path) -> list[Path]:
    files = [file for stem in ("corpus", "queries") for file in folder.glob(f"{stem}.jsonl*")]
    if not files:
        raise InputError("is a directory without corpus.jsonl and queries.jsonl", where=folder)
    return files


def _bitext_entries(path: Path | str, expected: Expected) -> Iterator[tuple[str, str]]:
    if not expected.source_codes:
        raise InputError(
            "is bitext whose languages are not known here", where=path,
            hint="optical prepare-bitext makes tab-separated pairs of it",
        )  # fmt: skip
    plain = dataclasses.replace(expected, columns=None, format=None, limit=None)
    for reader in find_readers([str(path)], plain):
        for block in reader.blocks():
            pairs = reader.parse(block)
            for record, *sides in zip(pairs.records, pairs.sources, pairs.targets, strict=True):
                yield from ((f"{reader.name}:{record}", text) for text in sides if text.strip())


def _table_entries(file: InputFile) -> Iterator[tuple[str, str]]:
    head = [line for _, line in islice(_lines(file), HEAD_LINES)]
    rows = [line.split("\t") for line in head if line.strip()]
    column, labels = id_column(rows), label_columns(rows)
    for number, fields in _rows(file, len(rows[0]) if rows else 0):
        has_id = column is not None and len(fields) > 1
        name = fields[column] if has_id else f"{Path(file.given).name}:{number}"
        skipped = labels | ({column % len(fields)} if has_id else set())
        texts = [text for place, text in enumerate(fields) if place not in skipped and text.strip()]
        if has_id and column == 0 and len(texts) > 1:
            texts = _as_one(texts)
        yield from ((name, text) for text in texts)


def _rows(file: InputFile, width: int) -> Iterator[tuple[int, list[str]]]:
    """The fields of every line that is not blank; a file in which a tab is lost hides its texts."""
    faults: list[str] = []
    for number, line in _lines(file):
        fields = line.split("\t")
        if len(fields) == width:
            yield number, fields
        elif line.strip():
            what = f"expected {width} tab-separated fields, found {len(fields)}"
            faults.append(f"{file.given}:{number}: {what}")
            if len(faults) >= FAULTS_KEPT:
                break
    if faults:
        raise InputError.gather(faults)


def _lines(file: InputFile) -> Iterator[tuple[int, str]]:
    return open_lines(file.file, named=file.given)


def _as_one(columns: list[str]) -> list[str]:
    """Columns joined: held by a sentence, a passage's title alone is no contamination.

    Short ones stay texts too; they are compared by equality alone.
    """
    return [" ".join(columns), *(text for text in columns if len(key(text)) < SHORTEST_HELD)]


def _json_entries(file: InputFile) -> Iterator[tuple[str, str]]:
    for number, line in _lines(file):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError("is not JSON", where=f"{file.given}:{number}") from None
        fields = record.items() if isinstance(record, dict) else ()
        ids = (str(value) for field, value in fields if field in ID_NAMES)
        name = next(ids, f"{Path(file.given).name}:{number}")
        for field, value in fields:
            if field not in ID_NAMES:
                yield from ((name, text) for text in _strings(value))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def id_column(rows: list[list[str]]) -> int | None:
    """0 or -1 where the first or last column looks like ids, else None.

    Ids are without space, differ, and mostly have a digit or are codes; sentences are not.
    """
    if not rows or min(map(len, rows)) < 2:
        return None
    return next((place for place in (0, -1) if _are_ids([row[place] for row in rows])), None)


def label_columns(rows: list[list[str]]) -> set[int]:
    """Columns of a few words that recur, such as the name of a split: no texts."""
    if len(rows) < FEWEST_ROWS_FOR_LABELS:
        return set()
    columns = range(min(map(len, rows)))
    return {place for place in columns if len({row[place] for row in rows}) * 10 < len(rows)}


def _are_ids(values: list[str]) -> bool:
    plain = all(value and not any(c.isspace() for c in value) for value in values)
    digits = sum(any(c.isdigit() for c in value) for value in values)
    return plain and len(set(values)) == len(values) and digits * 2 >= len(values)
