"""Runs of ten million lines: parsed a block at a time with array operations.

Nearly every run has one space or tab between its columns, so the separators of a block form a
table of six columns, and all fields are cut out at once. A block that is laid out otherwise, or
that has anything wrong with it, is read line by line, which also names the line at fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from optical_cli.errors import FAULTS_SHOWN, InputError
from optical_cli.formats.streams import MAX_LINE_BYTES, raw_blocks
from optical_cli.formats.trec_lines import RUN_FIELDS, fields_of, score_of

BLOCK_BYTES = 4 << 20
COLUMNS = len(RUN_FIELDS)
QUERY, DOC, SCORE = 0, 2, 4
NEWLINE = ord("\n")
# Identifiers up to here are kept at fixed width; longer ones, such as URLs, one by one.
WIDEST = 64
FAULTS_KEPT = FAULTS_SHOWN + 1


@dataclass(frozen=True)
class Ranking:
    """All that a run says of one query, or a piece of it, in the file's order.

    Attributes:
        query_id: The query.
        doc_ids: UTF-8 bytes, as a fixed-width or as an object array.
        scores: One float64 per passage.
        lines: Where each stands in the file, from 1.
    """

    query_id: str
    doc_ids: np.ndarray
    scores: np.ndarray
    lines: Sequence[int]


def read_rankings(path: Path | str) -> Iterator[Ranking]:
    """Yield each query of a run with all its passages, whether its lines stand together or not.

    Raises:
        InputError: The file is empty, or up to ten malformed lines with their places: a wrong
            number of columns, a score that is no number, a passage twice for one query.
    """
    pieces: dict[str, list[Ranking]] = {}
    for piece in _pieces(path):
        pieces.setdefault(piece.query_id, []).append(piece)
    faults: list[str] = []
    for query_id in list(pieces):
        ranking = _joined(pieces.pop(query_id))
        faults += (f"{path}:{fault}" for fault in _repetitions(ranking))
        if not faults:
            yield ranking
    if faults:
        raise InputError.gather(faults)


def _joined(pieces: list[Ranking]) -> Ranking:
    if len(pieces) == 1:
        return pieces[0]
    return Ranking(
        pieces[0].query_id,
        np.concatenate([piece.doc_ids for piece in pieces]),
        np.concatenate([piece.scores for piece in pieces]),
        [line for piece in pieces for line in piece.lines],
    )


def _repetitions(ranking: Ranking) -> Iterator[str]:
    doc_ids = ranking.doc_ids.tolist()
    if len(set(doc_ids)) == len(doc_ids):
        return
    seen = set()
    for line, doc_id in zip(ranking.lines, doc_ids, strict=True):
        if doc_id in seen:
            yield f"{line}: query {ranking.query_id} has passage {doc_id.decode()} twice"
        seen.add(doc_id)


def _pieces(path: Path | str) -> Iterator[Ranking]:
    faults: list[str] = []
    line = 1
    for block in _whole_lines(path):
        columns = None if line == 1 and not block[:1].isascii() else _cut_at_once(block)
        if columns is None:
            columns = _cut_by_line(block, line, str(path), faults)
        yield from _by_query(*columns, line)
        line += block.count(b"\n")
        if len(faults) >= FAULTS_KEPT:
            break
    if faults:
        raise InputError.gather(faults)
    if line == 1:
        raise InputError("is empty", where=path)


def _whole_lines(path: Path | str) -> Iterator[bytes]:
    """Blocks that end where a line ends; a line without end is cut as `raw_lines` does."""
    rest = b""
    for chunk in raw_blocks(path, BLOCK_BYTES):
        head, newline, tail = chunk.rpartition(b"\n")
        if newline:
            yield rest + head + newline
            rest = tail
        else:
            rest = (rest + chunk)[: MAX_LINE_BYTES + 1]
    if rest:
        yield rest + b"\n"


Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _cut_at_once(block: bytes) -> Columns | None:
    """Query ids, doc ids, scores and line offsets; None where the block takes a closer look."""
    block = block.replace(b"\r\n", b"\n")
    fields = _fields(block)
    if fields is None or not _is_utf8(block):
        return None
    starts, ends = fields
    padded = block + bytes(WIDEST)
    query_ids, doc_ids, digits = (
        _cut(padded, starts[:, column], ends[:, column]) for column in (QUERY, DOC, SCORE)
    )
    scores = _numbers(digits)
    return None if scores is None else (query_ids, doc_ids, scores, np.arange(len(scores)))


def _fields(block: bytes) -> tuple[np.ndarray, np.ndarray] | None:
    """Where the fields of every line start and end, if all lines have six of them."""
    data = np.frombuffer(block, np.uint8)
    gaps = np.flatnonzero(data <= ord(" "))
    if len(gaps) % COLUMNS:
        return None
    ends = gaps.reshape(-1, COLUMNS)
    starts = np.concatenate([[0], gaps[:-1] + 1]).reshape(-1, COLUMNS)
    between = data[ends[:, :-1]]
    regular = (
        (data[ends[:, -1]] == NEWLINE).all()
        and ((between == ord(" ")) | (between == ord("\t"))).all()
        and (ends > starts).all()
        and (ends[:, -1] - starts[:, 0]).max(initial=0) <= MAX_LINE_BYTES
    )
    return (starts, ends) if regular else None


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cut(padded: bytes, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The bytes between `starts` and `ends`, which `padded` has at least `WIDEST` bytes behind.

    Eight bytes are fetched at a time, at any address, and what lies behind the field is masked.
    """
    lengths = ends - starts
    width = int(lengths.max(initial=1))
    if width > WIDEST:
        cut = [padded[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        return np.array(cut, dtype=object)
    words = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
    masks = np.array([(1 << 8 * count) - 1 for count in range(9)], "<u8")
    out = np.empty((len(starts), -(-width // 8)), "<u8")
    for place in range(out.shape[1]):
        kept = masks[np.clip(lengths - 8 * place, 0, 8)]
        out[:, place] = words[np.minimum(starts + 8 * place, len(words) - 1)] & kept
    return out.view(f"S{8 * out.shape[1]}").ravel()


def _numbers(digits: np.ndarray) -> np.ndarray | None:
    """Scores as float64, or None where one is no number."""
    # An underscore between digits is a number to Python but to nobody else.
    if digits.dtype == object or (digits.view(np.uint8) == ord("_")).any():
        return None
    try:
        scores = digits.astype(np.float64)
    except ValueError:
        return None
    return None if np.isnan(scores).any() else scores


def _cut_by_line(block: bytes, first_line: int, path: str, faults: list[str]) -> Columns:
    """As `_cut_at_once` for any layout; lines at fault are left out and noted in `faults`."""
    rows: list[tuple[bytes, bytes, float, int]] = []
    for offset, raw in enumerate(block.split(b"\n")[:-1]):
        line = first_line + offset
        try:
            fields = fields_of(raw.removesuffix(b"\r"), RUN_FIELDS, first=line == 1)
            rows.append((fields[QUERY], fields[DOC], score_of(fields[SCORE]), offset))
        except ValueError as fault:
            faults.append(f"{path}:{line}: {fault}")
            if len(faults) >= FAULTS_KEPT:
                break
    query_ids, doc_ids, scores, offsets = zip(*rows, strict=True) if rows else ((), (), (), ())
    return (
        np.array(query_ids, dtype=object), np.array(doc_ids, dtype=object),
        np.array(scores, dtype=np.float64), np.array(offsets, dtype=np.int64),
    )  # fmt: skip


def _by_query(
    query_ids: np.ndarray, doc_ids: np.ndarray, scores: np.ndarray, offsets: np.ndarray, line: int
) -> Iterator[Ranking]:
    """The block's lines as pieces of one query each, in the order of their first lines."""
    if not len(query_ids):
        return
    bounds = _changes(query_ids)
    if len(bounds) > len(query_ids) // 4:  # Scattered: bring each query's lines together first.
        order = np.argsort(query_ids, kind="stable")
        query_ids, doc_ids, scores, offsets = (
            column[order] for column in (query_ids, doc_ids, scores, offsets)
        )
        bounds = _changes(query_ids)
    for start, end in zip(bounds, [*bounds[1:], len(query_ids)], strict=True):
        lines = _lines(offsets[start:end], line)
        yield Ranking(query_ids[start].decode(), doc_ids[start:end], scores[start:end], lines)


def _lines(offsets: np.ndarray, line: int) -> Sequence[int]:
    first, last = int(offsets[0]) + line, int(offsets[-1]) + line
    if last - first == len(offsets) - 1:
        return range(first, last + 1)
    return (offsets + line).tolist()


def _changes(query_ids: np.ndarray) -> list[int]:
    return [0, *(np.flatnonzero(query_ids[1:] != query_ids[:-1]) + 1).tolist()]
