"""Collections and queries: what is scored and what is asked, one record a line.

Three layouts are told apart by themselves:

- tab-separated, ``id TAB text``; further columns are not read. With a first line of names, such
  as ``id TAB title TAB text``, columns go by name; `Columns` says others, by name or by number.
- JSON lines with an id (``_id``, ``id``, ``doc_id``, ``docid``, ``query_id`` or ``qid``) and a
  ``text``.
- a BEIR folder: ``corpus.jsonl`` and ``queries.jsonl``, possibly compressed.

A ``title``, where there is one, is put before the text, as BEIR does.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from optical_cli.errors import InputError
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.streams import fault_of, raw_lines
from optical_cli.formats.tables import FAULTS_KEPT

BOM = b"\xef\xbb\xbf"
ID_NAMES = ("_id", "id", "doc_id", "docid", "query_id", "qid")
TEXT_FIELDS = ("title", "text")
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
COMPRESSED = ("", ".gz", ".bz2", ".xz", ".zst")


class Passage(NamedTuple):
    """What is scored."""

    doc_id: str
    text: str


class Query(NamedTuple):
    """What a person asks."""

    query_id: str
    text: str


class Record(NamedTuple):
    """An id with its text, and the line it stands in."""

    line: int
    id: str
    text: str


def read_passages(path: Path | str, fields: Sequence[str] = TEXT_FIELDS) -> Iterator[Passage]:
    """Yield the passages of a collection of any size; see `read_records`."""
    return (Passage(record.id, record.text) for record in read_records(path, fields))


def load_collection(
    path: Path | str, fields: Sequence[str] = TEXT_FIELDS, *, columns: Columns | None = None
) -> dict[str, str]:
    """The whole collection as ``doc_id -> text``, in the file's order; see `load_records`."""
    return load_records(path, fields, columns=columns)


def load_queries(path: Path | str, fields: Sequence[str] = TEXT_FIELDS) -> dict[str, str]:
    """The queries as ``query_id -> text``, in the file's order; see `load_records`."""
    return load_records(path, fields, beir="queries")


def load_records(
    path: Path | str,
    fields: Sequence[str] = TEXT_FIELDS,
    *,
    beir: str = "corpus",
    columns: Columns | None = None,
) -> dict[str, str]:
    """All records as ``id -> text``.

    Raises:
        InputError: As `read_records`, or ids that stand twice, with both places.
    """
    place = resolve(path, beir)
    first: dict[str, int] = {}
    texts: dict[str, str] = {}
    faults: list[str] = []
    for line, name, text in read_records(place, fields, columns=columns):
        if name in texts:
            faults.append(twice(place, line, name, first[name]))
        else:
            first[name], texts[name] = line, text
    if faults:
        raise InputError.gather(faults)
    return texts


def twice(path: Path | str, line: int, name: str, first: int) -> str:
    """The fault of an id that stood in line `first` already."""
    return f"{path}:{line}: id {name} stands in line {first} already"


def resolve(path: Path | str, beir: str = "corpus") -> Path | str:
    """The file to read: `path` itself, or the one called `beir` in a BEIR folder.

    Raises:
        InputError: `path` is a folder without it.
    """
    if not Path(path).is_dir():
        return path
    for suffix in COMPRESSED:
        if (inside := Path(path) / f"{beir}.jsonl{suffix}").is_file():
            return inside
    raise InputError(f"is a folder without {beir}.jsonl", where=path)


def read_records(
    path: Path | str,
    fields: Sequence[str] = TEXT_FIELDS,
    *,
    beir: str = "corpus",
    columns: Columns | None = None,
) -> Iterator[Record]:
    """Yield the records of a collection or of queries, in the file's order.

    Memory does not grow with the file, so ids that stand twice are not noticed here.

    Args:
        path: A file, a BEIR folder, or ``-`` for stdin.
        fields: What makes the text; those that a record has are joined by spaces.
        beir: Which file of a BEIR folder: ``corpus`` or ``queries``.
        columns: Which columns of a table are read, instead of `fields`.

    Raises:
        InputError: The file is empty, `columns` are not there or it is no table, or up to ten
            malformed records with their places: too few columns, no JSON, an id that is empty or
            holds white space, an empty text.
    """
    path = resolve(path, beir)
    lines = _sound_lines(path, faults := [])
    parse, number = None, 0
    for number, line in lines:
        if parse is None:
            parse, is_header = _parser(path, line, fields, columns)
            if is_header:
                continue
        try:
            yield Record(number, *_checked(*parse(line)))
        except ValueError as fault:
            faults.append(f"{path}:{number}: {fault}")
        if len(faults) >= FAULTS_KEPT:
            break
    if faults:
        raise InputError.gather(faults, hint=_hint(faults))
    if number == 0 or (number == 1 and is_header):
        raise InputError("is empty", where=path)


def _sound_lines(path: Path | str, faults: list[str]) -> Iterator[tuple[int, str]]:
    """Lines as text; those that are none are put into `faults`."""
    for number, raw in raw_lines(path):
        raw = raw.removeprefix(BOM) if number == 1 else raw
        if fault := fault_of(raw):
            faults.append(f"{path}:{number}: {fault[1]}")
            if len(faults) >= FAULTS_KEPT:
                return
        else:
            yield number, raw.decode()


def _parser(path: Path | str, first: str, fields: Sequence[str], columns: Columns | None):
    """What reads a line, and whether the first one is a header."""
    if _is_json(path, first):
        if columns:
            raise InputError("is JSON lines, which have no columns", where=path,
                             hint="--field says what makes the text")  # fmt: skip
        return JsonLine(tuple(fields)), False
    names = first.split("\t")
    is_header = names[0] in ID_NAMES and "text" in names
    if columns:
        try:
            name, *text = columns.places(names)
        except ValueError as fault:
            raise InputError(f"the first line {fault}", where=f"{path}:1") from None
        is_header = is_header or not columns.are_numbers
        return TableLine(name, tuple(text), len(names)), is_header
    if is_header:
        return TableLine(names.index(names[0]), _places(names, fields), len(names)), True
    return TableLine(0, (1,), max(len(names), 2)), False


def _is_json(path: Path | str, first: str) -> bool:
    suffixes = Path(path).suffixes[-2:]
    return any(suffix in JSON_SUFFIXES for suffix in suffixes) or (
        first.startswith("{") and "\t" not in first
    )


def _places(names: Sequence[str], fields: Sequence[str]) -> tuple[int, ...]:
    return tuple(names.index(field) for field in fields if field in names)


@dataclass(frozen=True)
class TableLine:
    """Reads a tab-separated record.

    Attributes:
        id: Column of the id, from 0.
        text: Columns that make the text.
        count: How many columns there are.
    """

    id: int
    text: tuple[int, ...]
    count: int

    def __call__(self, line: str) -> tuple[str, str]:
        """The id and the text of a line."""
        row = line.split("\t")
        if len(row) != self.count:
            raise ValueError(f"expected {self.count} tab-separated fields, found {len(row)}")
        return row[self.id], " ".join(row[place] for place in self.text if row[place].strip())


@dataclass(frozen=True)
class JsonLine:
    """Reads a JSON record.

    Attributes:
        fields: Keys that make the text.
    """

    fields: tuple[str, ...]

    def __call__(self, line: str) -> tuple[str, str]:
        """The id and the text of a line."""
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"is not JSON: {error}") from None
        if not isinstance(record, dict):
            raise ValueError("is not a JSON object")
        name = next((record[key] for key in ID_NAMES if key in record), None)
        if not isinstance(name, str | int) or isinstance(name, bool):
            raise ValueError(f"has no id (one of {', '.join(ID_NAMES)})")
        parts = [record[key] for key in self.fields if record.get(key) is not None]
        if not all(isinstance(part, str) for part in parts):
            raise ValueError(f"{' or '.join(self.fields)} is not text")
        # A JSON escape can smuggle in what no decoder lets through.
        return str(name), _unicode(" ".join(part for part in parts if part.strip()))


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("has half a surrogate pair in its text") from None
    return text


def _checked(name: str, text: str) -> tuple[str, str]:
    if not name:
        raise ValueError("has no id")
    if name.split() != [name]:
        raise ValueError(f"id {name!r} holds white space")
    if not text.strip():
        raise ValueError(f"{name} has no text")
    return _unicode(name), text


def _hint(faults: Sequence[str]) -> str | None:
    if any("tab-separated" in fault for fault in faults):
        return "the first line says how many fields there are; a text cannot hold a tab"
    return None
