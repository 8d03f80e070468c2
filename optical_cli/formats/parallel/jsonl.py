"""JSON lines with named fields, and the Hugging Face ``{"translation": {...}}`` objects."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from optical_cli.formats.parallel.fields import Path
from optical_cli.formats.parallel.lines import line_blocks, malformed_line
from optical_cli.formats.parallel.records import (
    SCORES,
    SHOWN_BYTES,
    UNSCORED,
    Block,
    InputFile,
    Malformed,
    Pairs,
    Scores,
)
from optical_cli.formats.streams import fault_of, raw_lines


@dataclass(frozen=True)
class JsonlReader:
    """One JSON object a line; `source` and `target` say where in it the sides are.

    `scored` names the scores of `optical score-bitext` that the objects bring.
    """

    name: str
    files: tuple[InputFile, ...]
    source: Path
    target: Path
    limit: int | None = None
    scored: tuple[str, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """Read the file in blocks of raw lines."""
        yield from line_blocks(raw_lines(self.files[0].file), self.limit)

    def parse(self, block: Block) -> Pairs:
        """Parse each line; one that is no object or lacks a field is set aside."""
        pairs = Pairs()
        for number, raw in enumerate(block.content, block.first):
            if fault := fault_of(raw):
                pairs.malformed.append(malformed_line(number, fault, raw))
                continue
            self._add(pairs, number, raw.decode())
        return pairs

    def _add(self, pairs: Pairs, number: int, line: str) -> None:
        if not line.strip():
            pairs.add_checked(number, number, "", "")
            return
        try:
            record = json.loads(line)
            sides = _text_at(record, self.source), _text_at(record, self.target)
            scores = _scores_in(record) if self.scored else UNSCORED
        except (ValueError, RecursionError):
            fault = "json", "not JSON"
        except LookupError as error:
            fault = "columns", str(error.args[0])
        else:
            pairs.add_checked(number, number, *sides, scores)
            return
        pairs.malformed.append(Malformed(number, number, *fault, line[:SHOWN_BYTES]))


def _text_at(record: Any, path: Path) -> str:
    """The string at `path`; null is a blank side.

    Raises:
        LookupError: There is nothing, or something that is no string.
    """
    value = record
    for name in path:
        if not isinstance(value, dict) or name not in value:
            raise LookupError(f"no text in field {'.'.join(path)}")
        value = value[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LookupError(f"no text in field {'.'.join(path)}")
    return value


def _scores_in(record: dict[str, Any]) -> Scores:
    """The scores of a pair; null, or nothing, is not a number.

    Raises:
        LookupError: A score is no number.
    """
    values = [record.get(name) for name in SCORES]
    for name, value in zip(SCORES, values, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise LookupError(f"no number in field {name}")
    return tuple(float("nan") if value is None else float(value) for value in values)


def scores_among(known: list[Path]) -> tuple[str, ...]:
    """Which of the known fields are scores."""
    return tuple(name for name in SCORES if (name,) in known)


def known_fields(lines: list[bytes]) -> list[Path]:
    """The paths of all string fields in the first records, two levels deep."""
    known: dict[Path, None] = {}
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        for name, value in record.items() if isinstance(record, dict) else ():
            inner = value if isinstance(value, dict) else None
            paths = [(name,)] if inner is None else [(name, key) for key in inner]
            known.update(dict.fromkeys(paths))
    return list(known)
