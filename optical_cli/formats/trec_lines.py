"""One line of a TREC file, and what can be wrong with it."""

import math

from optical_cli.formats.streams import fault_of

BOM = b"\xef\xbb\xbf"
QRELS_FIELDS = ("query_id", "0", "doc_id", "relevance")
RUN_FIELDS = ("query_id", "Q0", "doc_id", "rank", "score", "tag")


def fields_of(raw: bytes, names: tuple[str, ...], *, first: bool) -> list[bytes]:
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
    fields = raw.split()
    if not fields:
        raise ValueError("is blank")
    if len(fields) != len(names):
        raise ValueError(f"expected {len(names)} columns ({' '.join(names)}), found {len(fields)}")
    return fields


def relevance_of(field: bytes) -> int:
    """A relevance grade; a fractional one would be cut silently by other tools.

    Raises:
        ValueError: It is no integer.
    """
    digits = field[1:] if field[:1] in (b"+", b"-") else field
    if not digits.isdigit():
        raise ValueError(f"relevance {field.decode()!r} is not an integer")
    return int(field)


def score_of(field: bytes) -> float:
    """A score.

    Raises:
        ValueError: It is no number or NaN.
    """
    try:
        score = float(field)
    except ValueError:
        score = math.nan
    if math.isnan(score) or b"_" in field:
        raise ValueError(f"score {field.decode()!r} is not a number")
    return score
