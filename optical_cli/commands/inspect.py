"""`optical inspect`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from optical_cli.settings import argument, option

if TYPE_CHECKING:
    from optical_cli.formats.lineage import Origin

SHORT = 12


@dataclass(frozen=True, kw_only=True)
class InspectSettings:
    """What to look at and how to show it."""

    path: Path = argument(help="A file or directory that a subcommand wrote.", metavar="PATH")
    verify: bool = option(False, help="Hash every file again; exit 4 where one has changed.")
    format: Literal["text", "json"] = option("text", help="How to print the chain.")


def inspect(look: InspectSettings) -> None:
    """Show what made a file, from what, back to the first input.

    Reads the manifests beside outputs. Prints, for the path and for each input behind it, the
    subcommand, the settings that are not defaults, the counts and the state: present, changed
    or missing.

    Examples:

        optical inspect work/quickstart/student

        optical inspect --verify work/quickstart/distilled.trec
    """
    from optical_cli.errors import InputError, OutputError
    from optical_cli.formats.lineage import trace
    from optical_cli.formats.outputs import output_file
    from optical_cli.formats.streams import STDIO

    origin = trace(look.path, verify=look.verify)
    if origin.manifest is None and not origin.inputs:
        raise InputError("has no manifest: no subcommand of ours wrote it whole", where=look.path)
    as_json = look.format == "json"
    text = json.dumps(_as_json(origin), indent=2, ensure_ascii=False) if as_json else _text(origin)
    with output_file(STDIO) as stream:
        stream.write(f"{text}\n".encode())
    if look.verify and not origin.sound():
        raise OutputError(
            "something in the chain has changed or is missing", where=look.path,
            hint="paths are those that the commands were given: look from where they ran",
        )  # fmt: skip


def _text(origin: "Origin") -> str:
    return "\n".join(_lines(origin, "", set()))


def _lines(origin: "Origin", indent: str, shown: set[str]) -> list[str]:
    """The chain as an outline; what is behind a path is told at its first mention only."""
    again = origin.path in shown and (origin.manifest or origin.inputs)
    lines = [f"{indent}{origin.path}  ({_state(origin)})" + "  as above" * bool(again)]
    if again:
        return lines
    shown.add(origin.path)
    inner = indent + "    "
    if origin.manifest:
        what = origin.manifest.what
        lines.append(f"{inner}optical {what['command']}  {what['format']}  {_finished(origin)}")
        lines += [f"{inner}{name}: {value}" for name, value in _facts(what)]
        lines += [f"{inner}{difference}" for difference in origin.differences]
    for source in origin.inputs:
        lines += _lines(source, inner, shown)
    return lines


def _state(origin: "Origin") -> str:
    digest = origin.recorded.get("sha256") or origin.recorded.get("manifest")
    return f"{origin.state}, {digest[:SHORT]}" if digest else origin.state


def _finished(origin: "Origin") -> str:
    return str(origin.manifest.occasion.get("finished", "")) if origin.manifest else ""


def _facts(what: dict[str, Any]) -> list[tuple[str, str]]:
    settings = what["settings"].items()
    chosen = {
        name: entry["value"]
        for _, entries in settings
        for name, entry in entries.items()
        if entry["from"] != "default"
    }
    tables = {"settings": chosen, "counts": what["counts"]}
    return [
        (title, ", ".join(f"{name} {value}" for name, value in table.items()))
        for title, table in tables.items()
        if table
    ]


def _as_json(origin: "Origin") -> dict[str, Any]:
    return {
        "path": origin.path,
        "state": origin.state,
        "differences": origin.differences,
        "what": origin.manifest.what if origin.manifest else None,
        "occasion": origin.manifest.occasion if origin.manifest else None,
        "inputs": [_as_json(source) for source in origin.inputs],
    }
