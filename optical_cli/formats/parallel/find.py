"""From the paths on the command line to readers: which format, which files form a pair."""

import codecs
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.parallel import jsonl, parquet, tsv
from optical_cli.formats.parallel.archive import ZipReader, find_pairs, opened
from optical_cli.formats.parallel.fields import find_fields
from optical_cli.formats.parallel.moses import MosesReader
from optical_cli.formats.parallel.records import InputFile, ParallelReader
from optical_cli.formats.parallel.tmx import TmxReader
from optical_cli.formats.streams import STDIO, raw_blocks, raw_lines

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
# How many lines are looked at to tell a file's format and width.
HEAD_LINES = 200
HEAD_BYTES = 4096
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Expected:
    """What the inputs are said to be.

    Attributes:
        source_codes: Every spelling of the source language, such as en and eng.
        target_codes: The same of the target language.
        columns: The value of ``--columns``, or None.
        format: A format's name, or None to detect it by content.
        limit: Records to read of each input, or None.
        copies: Where an input that can be read only once (stdin, a pipe) was copied.
    """

    source_codes: frozenset[str]
    target_codes: frozenset[str]
    columns: str | None = None
    format: str | None = None
    limit: int | None = None
    copies: Mapping[str, Path] = field(default_factory=dict)

    def opened_as(self, given: str) -> InputFile:
        """The file that stands for a path of the command line."""
        return InputFile(given, str(self.copies.get(given, given)))

    def side_of(self, code: str) -> int | None:
        """0 for a code of the source language, 1 for one of the target language."""
        return 0 if code in self.source_codes else 1 if code in self.target_codes else None


def find_readers(paths: Sequence[str], expected: Expected) -> list[ParallelReader]:
    """One reader for each input: a file, a Moses pair of files, or a pair in an archive.

    Raises:
        InputError: An input is missing, empty, or lacks what is asked for.
        UsageError: A Moses file without its partner.
    """
    readers: list[ParallelReader] = []
    for group in _grouped(paths, expected):
        name = _unused(_shared_name(group), {reader.name for reader in readers})
        readers += _readers(name, group, expected)
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
    sides = expected.side_of(language), expected.side_of(other)
    if stem != other_stem or None in sides or sides[0] == sides[1]:
        return None
    return paths if sides[0] == 0 else paths[::-1]


def _beside(path: str, expected: Expected) -> tuple[str, str] | None:
    """The two files for which `path` is the base, if that is what it is."""
    base = Path(path)
    if path == STDIO or base.exists():
        return None
    sides: dict[int, str] = {}
    for file in sorted(map(str, base.parent.glob(f"{base.name}.*"))):
        stem, language = _stem_and_language(file)
        side = expected.side_of(language)
        if stem == str(base) and side is not None:
            sides.setdefault(side, file)
    return (sides[0], sides[1]) if len(sides) == 2 else None


def _shared_name(paths: tuple[str, ...]) -> str:
    """What the account calls an input: its file name, or what a pair's names share."""
    if paths[0] == STDIO:
        return "stdin"
    name = Path(paths[0] if len(paths) == 1 else _stem_and_language(paths[0])[0]).name
    # It becomes part of pair ids, which are text without space.
    return "_".join(name.encode(errors="replace").decode().split())


def _unused(name: str, used: set[str]) -> str:
    number, candidate = 1, name
    while candidate in used:
        number += 1
        candidate = f"{name}#{number}"
    return candidate


def _readers(name: str, paths: tuple[str, ...], expected: Expected) -> list[ParallelReader]:
    files = tuple(map(expected.opened_as, paths))
    if len(files) == 2:
        return [MosesReader(name, files, expected.limit)]
    match expected.format or detect(files[0]):
        case "zip":
            return _in_archive(name, files, expected)
        case "tmx":
            codes = expected.source_codes, expected.target_codes
            return [TmxReader(name, files, *codes, limit=expected.limit)]
        case "parquet":
            known = parquet.known_columns(files[0])
            fields = _fields(known, files[0], expected)
            return [parquet.ParquetReader(name, files, *fields, expected.limit)]
        case "jsonl":
            known = jsonl.known_fields(_head(files[0]))
            fields = _fields(known, files[0], expected)
            scored = jsonl.scores_among(known)
            return [jsonl.JsonlReader(name, files, *fields, expected.limit, scored)]
    return [_tsv(name, files, expected)]


def has_scores(reader: ParallelReader, names: Iterable[str]) -> bool:
    """Whether the pairs of an input bring these scores of `optical score-bitext`."""
    return isinstance(reader, jsonl.JsonlReader) and set(names) <= set(reader.scored)


def _fields(known: list, file: InputFile, expected: Expected) -> tuple:
    codes = expected.source_codes, expected.target_codes
    return find_fields(known, expected.columns, *codes, file.given)


def _tsv(name: str, files: tuple[InputFile, ...], expected: Expected) -> tsv.TsvReader:
    source, target = tsv.column_numbers(expected.columns)
    width = tsv.usual_width(_head(files[0]), max(source, target) + 1, files[0].given)
    return tsv.TsvReader(name, files, source, target, width, expected.limit)


def _in_archive(
    name: str, files: tuple[InputFile, ...], expected: Expected
) -> list[ParallelReader]:
    codes = expected.source_codes, expected.target_codes
    with opened(files[0]) as archive:
        names = archive.namelist()
    memories = [member for member in names if member.lower().endswith(".tmx")]
    pairs = find_pairs(names, *codes)
    if not pairs and not memories:
        listed = ", ".join(names[:20]) or "nothing"
        raise InputError(f"has no pair of the two languages; it holds {listed}",
                         where=files[0].given)  # fmt: skip
    found: list[ParallelReader] = [ZipReader(name, files, p, expected.limit) for p in pairs]
    if not pairs:
        found = [TmxReader(name, files, *codes, m, expected.limit) for m in memories]
    return found if len(found) == 1 else _named_apart(found)


def _named_apart(readers: list) -> list[ParallelReader]:
    return [
        dataclasses.replace(reader, name=f"{reader.name}#{number}")
        for number, reader in enumerate(readers, 1)
    ]


def _head(file: InputFile) -> list[bytes]:
    return [line for _, line in islice(raw_lines(file.file), HEAD_LINES)]


def detect(file: InputFile) -> str:
    """The format of a file by its first bytes, decompressed.

    Raises:
        InputError: It is missing or empty.
    """
    if Path(file.file).is_dir():
        raise InputError("is a directory", where=file.given)
    head = next(raw_blocks(file.file, HEAD_BYTES), b"")
    if not head:
        raise InputError("is empty", where=file.given)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(UTF16_MARKS):
        return _utf16(head, file)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith((b"<?xml", b"<tmx", b"<!DOCTYPE")):
        return "tmx"
    return "jsonl" if _is_json(file) else "tsv"


def _utf16(head: bytes, file: InputFile) -> str:
    if head.decode("utf-16", errors="ignore").lstrip().startswith("<"):
        return "tmx"
    raise InputError("is UTF-16; only TMX is read in it", where=file.given,
                     hint="convert it: iconv -f UTF-16 -t UTF-8")  # fmt: skip


def _is_json(file: InputFile) -> bool:
    """Whether the first line that is not blank begins an object; a broken one may follow."""
    lines = [line.strip() for line in _head(file) if line.strip()]
    objects = 0
    for line in lines[:20]:
        try:
            objects += isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            continue
    return objects * 2 > len(lines[:20])
