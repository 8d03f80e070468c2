"""Tab-separated tables: no quoting, faults gathered."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from optical_cli.errors import FAULTS_SHOWN, InputError, UsageError
from optical_cli.formats.streams import fault_of, raw_lines

# Enough to show ten and to say that there are more, without reading on through a broken file.
FAULTS_KEPT = FAULTS_SHOWN + 1


def parse_columns(text: str, count: int) -> tuple[int, ...]:
    """Column numbers from 0 of a ``--columns`` value such as ``2,1``.

    Raises:
        UsageError: Not `count` whole numbers from 1.
    """
    parts = text.split(",")
    if len(parts) != count or not all(p.strip().isdigit() and int(p) > 0 for p in parts):
        raise UsageError(f"--columns {text}: expected {count} column numbers such as 2,1")
    return tuple(int(part) - 1 for part in parts)


def read_table(
    path: Path | str, *, fields: int | None = None, at_least: int | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers from 1 and the tab-separated fields of every line.

    Args:
        path: The file; ``-`` is stdin.
        fields: Exactly so many fields a line.
        at_least: At least so many.

    Raises:
        InputError: Malformed lines, up to ten of them with their places; or an empty file.
    """
    faults: list[str] = []
    number = 0
    for number, raw in raw_lines(path):
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if fault := fault_of(raw):
            faults.append(f"{path}:{number}: {fault[1]}")
        else:
            row = raw.decode().split("\t")
            wrong = _wrong_count(len(row), fields, at_least)
            if not wrong:
                yield number, row
                continue
            faults.append(f"{path}:{number}: {wrong}")
        if len(faults) >= FAULTS_KEPT:
            break
    if faults:
        raise InputError.gather(faults, hint=columns_hint(faults))
    if number == 0:
        raise InputError("is empty", where=path)


def _wrong_count(found: int, fields: int | None, at_least: int | None) -> str | None:
    if fields is not None and found != fields:
        return f"expected {fields} tab-separated fields, found {found}"
    if at_least is not None and found < at_least:
        return f"expected at least {at_least} tab-separated fields, found {found}"
    return None


def columns_hint(faults: Sequence[str]) -> str | None:
    """A remedy for lines with more fields than expected."""
    if any("tab-separated" in fault for fault in faults):
        return "fields are separated by tabs; choose among more with --columns where there is one"
    return None
