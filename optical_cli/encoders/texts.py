"""Plain text out of files of any shape, to learn a vocabulary from."""

import itertools
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from optical_cli.encoders.settings import VocabularySettings
from optical_cli.errors import InputError
from optical_cli.formats.streams import open_lines
from optical_cli.formats.tables import parse_columns
from optical_cli.seeds import generator

log = logging.getLogger(__name__)

PROBE = 1000
IDENTIFIER = re.compile(r"(?=.*\d)[!-~]+")


def sample_texts(settings: VocabularySettings, seed: int) -> list[str]:
    """The texts that a vocabulary is learned from: all of them, or an even sample."""
    texts = itertools.islice(read_texts(settings.text, settings.columns), settings.limit)
    return reservoir(texts, settings.sample, generator(seed, "vocabulary"))


def read_texts(paths: Sequence[Path], columns: str | None = None) -> Iterator[str]:
    """Yield the texts of files of lines: whole lines, or their tab-separated fields.

    Args:
        paths: The files, plain or compressed.
        columns: Which fields, such as ``1,2``. If None, all but those that look like ids: over
            the first thousand lines after the first (a heading), printable ASCII without a space
            and with a digit.

    Raises:
        InputError: A file is missing, empty or malformed, or a line has too few fields.
        UsageError: `columns` are no column numbers.
    """
    chosen = None if columns is None else parse_columns(columns, columns.count(",") + 1)
    for path in paths:
        yield from _texts_of(path, chosen)


def _texts_of(path: Path, chosen: Sequence[int] | None) -> Iterator[str]:
    rows = ((number, line.split("\t")) for number, line in open_lines(path))
    probe = list(itertools.islice(rows, PROBE))
    if not probe:
        raise InputError("is empty", where=path)
    ids = id_columns([row for _, row in probe]) if chosen is None else set()
    if ids:
        shown = ", ".join(str(column + 1) for column in sorted(ids))
        log.info("%s: column %s holds ids and is left out", path, shown)
    for number, row in itertools.chain(probe, rows):
        if chosen is None:
            yield from (field for column, field in enumerate(row) if column not in ids)
        elif max(chosen) < len(row):
            yield from (row[column] for column in chosen)
        else:
            raise InputError(
                f"expected at least {max(chosen) + 1} tab-separated fields, found {len(row)}",
                where=f"{path}:{number}",
            )


def id_columns(rows: Sequence[Sequence[str]]) -> set[int]:
    """The columns of a table that look like ids; none of a table of one column."""
    body = rows[1:] or rows
    width = min(map(len, body))
    found = {
        column for column in range(width) if all(IDENTIFIER.fullmatch(row[column]) for row in body)
    }
    return found if len(found) < width else set()


def reservoir(items: Iterable[str], size: int, generator: np.random.Generator) -> list[str]:
    """A uniform sample of at most `size` items, in memory that does not grow with their number."""
    kept: list[str] = []
    for count, item in enumerate(items):
        if count < size:
            kept.append(item)
        elif (place := int(generator.integers(count + 1))) < size:
            kept[place] = item
    return kept
