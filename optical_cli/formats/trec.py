"""TREC files: relevance judgements (qrels) and ranked output (runs).

Fields are separated by spaces or tabs, and no identifier holds either. A qrels line is
``query_id 0 doc_id relevance``, a run line ``query_id Q0 doc_id rank score tag``. The rank column
is not read: trec_eval orders by score, and so does everything here.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from optical_cli.errors import InputError
from optical_cli.formats.streams import fault_of, raw_lines
from optical_cli.formats.tables import FAULTS_KEPT

Qrels = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]

BOM = b"\xef\xbb\xbf"
QRELS_FIELDS = ("query_id", "0", "doc_id", "relevance")
RUN_FIELDS = ("query_id", "Q0", "doc_id", "rank", "score", "tag")


def read_qrels(path: Path | str) -> Qrels:
    """Read judgements as ``query_id -> doc_id -> relevance``, in the file's order.

    Raises:
        InputError: The file is empty, or up to ten malformed lines with their places: a wrong
            number of columns, a relevance that is no integer, a passage judged twice.
    """
    qrels: Qrels = {}
    for query_id, doc_id, relevance in _entries(path, QRELS_FIELDS, 3, relevance_of, "judges"):
        qrels.setdefault(query_id, {})[doc_id] = relevance
    return qrels


def read_run(path: Path | str) -> Run:
    """Read a run as ``query_id -> doc_id -> score``, in the file's order.

    Raises:
        InputError: The file is empty, or up to ten malformed lines with their places: a wrong
            number of columns, a score that is no number, a passage twice for one query.
    """
    run: Run = {}
    for query_id, doc_id, score in _entries(path, RUN_FIELDS, 4, score_of, "ranks"):
        run.setdefault(query_id, {})[doc_id] = score
    return run


def write_ranking(
    stream: BinaryIO, query_id: str, ranking: Iterable[tuple[str, float]], tag: str
) -> int:
    """Write one query's passages, best first, as run lines, and return how many.

    Nine significant digits give a float32 back exactly.
    """
    rank = 0
    for rank, (doc_id, score) in enumerate(ranking, start=1):
        stream.write(f"{query_id} Q0 {doc_id} {rank} {score:.9g} {tag}\n".encode())
    return rank


def relevance_of(text: str) -> int:
    """A relevance grade; a fractional one would be cut silently by other tools.

    Raises:
        ValueError: It is no integer.
    """
    digits = text[1:] if text[:1] in "+-" else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"relevance {text!r} is not an integer")
    return int(text)


def score_of(text: str) -> float:
    """A score.

    Raises:
        ValueError: It is no number or NaN.
    """
    try:
        score = float(text)
    except ValueError:
        score = math.nan
    if math.isnan(score) or "_" in text:
        raise ValueError(f"score {text!r} is not a number")
    return score


def _entries(path, names, place, value_of, verb) -> Iterator[tuple[str, str, float]]:
    """Yield (query_id, doc_id, value) of every line; gather faults and raise at the end."""
    faults: list[str] = []
    seen: set[tuple[str, str]] = set()
    number = 0
    for number, raw in raw_lines(path):
        try:
            fields = fields_of(raw, names, first=number == 1)
            value = value_of(fields[place])
            pair = fields[0], fields[2]
            if pair in seen:
                raise ValueError(f"query {pair[0]} {verb} passage {pair[1]} twice")
        except ValueError as fault:
            faults.append(f"{path}:{number}: {fault}")
            if len(faults) >= FAULTS_KEPT:
                break
            continue
        seen.add(pair)
        yield *pair, value
    if faults:
        raise InputError.gather(faults)
    if number == 0:
        raise InputError("is empty", where=path)


def fields_of(raw: bytes, names: tuple[str, ...], *, first: bool) -> list[str]:
    """The fields of one raw line.

    Args:
        raw: The line without its end.
        names: What the columns are called.
        first: It is the first line of the file, where a byte order mark may stand.

    Raises:
        ValueError: What is wrong with the line.
    """
    if first and raw.startswith(BOM):
        raise ValueError("starts with a byte order mark, which would become part of the query id")
    if fault := fault_of(raw):
        raise ValueError(fault[1])
    # Whitespace in bytes is ASCII only: a no-break space is part of an identifier.
    fields = [field.decode() for field in raw.split()]
    if not fields:
        raise ValueError("is blank")
    if len(fields) != len(names):
        raise ValueError(f"expected {len(names)} columns ({' '.join(names)}), found {len(fields)}")
    return fields
