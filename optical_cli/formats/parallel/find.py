"""From the paths on the command line to readers: which format, which files form a pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from optical_cli.errors import UsageError
from optical_cli.formats.parallel.moses import MosesReader
from optical_cli.formats.parallel.records import ParallelReader
from optical_cli.formats.parallel.tsv import TsvReader, usual_width
from optical_cli.formats.streams import STDIO, raw_lines

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
# How many lines are looked at to tell a file's format and width.
HEAD_LINES = 200


@dataclass(frozen=True)
class Expected:
    """What the inputs are said to be.

    Attributes:
        source_codes: Every spelling of the source language, such as en and eng.
        target_codes: The same of the target language.
        columns: The value of ``--columns``, or None.
        format: A format's name, or None to detect it by content.
    """

    source_codes: frozenset[str]
    target_codes: frozenset[str]
    columns: str | None = None
    format: str | None = None


def find_readers(paths: Sequence[str], expected: Expected) -> list[ParallelReader]:
    """One reader for each input: a file, or the two files of a Moses pair.

    Raises:
        InputError: An input is missing, empty, or lacks what is asked for.
        UsageError: A Moses file without its partner.
    """
    readers: list[ParallelReader] = []
    for group in _grouped(paths, expected):
        name = _unused(_shared_name(group), {reader.name for reader in readers})
        readers.append(_reader(name, group, expected))
    return readers


def _grouped(paths: Sequence[str], expected: Expected) -> list[tuple[str, ...]]:
    """Moses pairs together, every other path alone, in the order given."""
    if expected.format == "moses":
        return _grouped_in_turn(paths, expected)
    groups: list[tuple[str, ...]] = []
    rest = list(paths)
    while rest:
        path = rest.pop(0)
        partner = next((other for other in rest if _moses_pair((path, other), expected)), None)
        if partner is not None:
            rest.remove(partner)
            groups.append(_moses_pair((path, partner), expected))
        else:
            groups.append(_beside(path, expected) or (path,))
    return groups


def _grouped_in_turn(paths: Sequence[str], expected: Expected) -> list[tuple[str, ...]]:
    if len(paths) == 1 and (pair := _beside(paths[0], expected)):
        return [pair]
    if len(paths) % 2:
        raise UsageError("--format moses takes pairs of files, source before target")
    pairs = [tuple(paths[place : place + 2]) for place in range(0, len(paths), 2)]
    return [_moses_pair(pair, expected) or pair for pair in pairs]


def _stem_and_language(path: str) -> tuple[str, str]:
    """``corpus/base.sw.gz`` is ``corpus/base`` and ``sw``."""
    plain = Path(path)
    if plain.suffix in COMPRESSED:
        plain = plain.with_suffix("")
    return str(plain.with_suffix("")), plain.suffix[1:].lower()


def _moses_pair(paths: tuple[str, str], expected: Expected) -> tuple[str, str] | None:
    """The two in the order source, target, if they are one corpus in the two languages."""
    (stem, language), (other_stem, other) = map(_stem_and_language, paths)
    if stem != other_stem:
        return None
    if language in expected.source_codes and other in expected.target_codes:
        return paths
    if language in expected.target_codes and other in expected.source_codes:
        return paths[::-1]
    return None


def _beside(path: str, expected: Expected) -> tuple[str, str] | None:
    """The pair of files for which `path` is the base, if that is what it is."""
    base = Path(path)
    if path == STDIO or base.exists():
        return None
    found = {_stem_and_language(str(p)): str(p) for p in sorted(base.parent.glob(f"{base.name}.*"))}
    sides = []
    for codes in (expected.source_codes, expected.target_codes):
        side = [file for (stem, code), file in found.items() if stem == path and code in codes]
        if not side:
            return None
        sides.append(side[0])
    return tuple(sides)


def _shared_name(paths: tuple[str, ...]) -> str:
    """What the account calls an input: its file name, or what a pair's names share."""
    if paths[0] == STDIO:
        return "stdin"
    name = Path(paths[0] if len(paths) == 1 else _stem_and_language(paths[0])[0]).name
    return "_".join(name.split())


def _unused(name: str, used: set[str]) -> str:
    number, candidate = 1, name
    while candidate in used:
        number += 1
        candidate = f"{name}#{number}"
    return candidate


def _reader(name: str, paths: tuple[str, ...], expected: Expected) -> ParallelReader:
    if len(paths) == 2:
        return MosesReader(name, paths)
    return _tsv(name, paths[0], expected)


def _tsv(name: str, path: str, expected: Expected) -> TsvReader:
    source, target = _column_numbers(expected.columns)
    head = [line for _, line in islice(raw_lines(path), HEAD_LINES)]
    width = usual_width(head, max(source, target) + 1, path)
    return TsvReader(name, (path,), source, target, width)


def _column_numbers(columns: str | None) -> tuple[int, int]:
    parts = (columns or "1,2").split(",")
    if len(parts) != 2 or not all(part.strip().isdigit() and int(part) > 0 for part in parts):
        raise UsageError(f"--columns {columns}: expected two column numbers such as 2,1")
    return int(parts[0]) - 1, int(parts[1]) - 1
