"""Options, TOML sections and the manifest's settings, from one declaration.

A room declares its settings as a frozen dataclass named ``*Settings`` whose fields are made by
`option` or `argument`. A command takes such classes as parameters; `command_line` derives the flags
from the fields and hands the command whole settings objects and, if it asks for one, the
`Invocation` that says where each value came from.
"""

import dataclasses
import difflib
import logging
import re
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from optical_cli.bounds import COUNT, Bounds
from optical_cli.errors import UsageError

log = logging.getLogger(__name__)

COMMAND_LINE = "command line"
Dtype = Literal["auto", "float32", "bfloat16", "float16"]


def option(
    default: Any = dataclasses.MISSING,
    *,
    help: str,
    flags: tuple[str, ...] = (),
    metavar: str | None = None,
    panel: str | None = None,
    occasion: bool = False,
    within: Bounds | None = None,
) -> Any:
    """Declare a field that is a flag, a TOML key and a manifest entry.

    Args:
        default: The default; a field without one is a required option.
        help: What it does, with its unit.
        flags: Spellings such as ``("--output", "-o")``; derived from the field's name if empty.
        metavar: What stands for the value in the help.
        panel: Heading under which the help lists the option.
        occasion: The value does not influence the result (a path to write, a number of workers),
            so the manifest leaves it out of what identifies the output.
        within: What the number, or each of them, must be.
    """
    metadata = {
        "kind": "option", "help": help, "flags": flags,
        "metavar": metavar, "panel": panel, "occasion": occasion, "within": within,
    }  # fmt: skip
    return dataclasses.field(default=default, metadata=metadata)


def argument(
    default: Any = dataclasses.MISSING,
    *,
    help: str,
    metavar: str | None = None,
    occasion: bool = False,
) -> Any:
    """Declare a positional argument; a ``tuple[X, ...]`` field takes one or more."""
    metadata = {"kind": "argument", "help": help, "metavar": metavar, "occasion": occasion}
    return dataclasses.field(default=default, metadata=metadata)


def batch_size(default: int, unit: str) -> Any:
    """The shared ``--batch-size``, whose unit and default are the command's."""
    return option(default, help=f"{unit.capitalize()} in one batch.", within=COUNT)


def limit(unit: str) -> Any:
    """The shared ``--limit``: stop after so many records, for a trial run."""
    return option(
        None, help=f"Read only the first so many {unit}; for trial runs.", metavar="N", within=COUNT
    )


def columns(default: str | None, names: str) -> Any:
    """The shared ``--columns``: which tab-separated fields hold what, counted from 1."""
    return option(default, help=f"Columns that hold {names}, counted from 1.", metavar="N,N")


@dataclasses.dataclass(frozen=True, kw_only=True)
class DirectoryOutputSettings:
    """Where a command that writes a directory puts it."""

    output: Path = option(
        help="Directory to write; whole when its manifest.json is there.",
        flags=("--output", "-o"), metavar="DIR", occasion=True,
    )  # fmt: skip
    overwrite: bool = option(False, help="Replace an existing output.", occasion=True)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResumableOutputSettings(DirectoryOutputSettings):
    """A directory whose making can be interrupted and continued."""

    resume: bool = option(
        False,
        help="Continue an interrupted run with the same settings and inputs.",
        occasion=True,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileOutputSettings:
    """Where a command that writes one file puts it."""

    output: str = option(
        help="File to write, compressed by its suffix (.gz .bz2 .xz .zst); - is stdout.",
        flags=("--output", "-o"), metavar="FILE", occasion=True,
    )  # fmt: skip
    overwrite: bool = option(False, help="Replace an existing output.", occasion=True)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeedSettings:
    """The one seed; every consumer derives its own generator from it."""

    seed: int = option(13, help="Seed of everything random.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ComputeSettings:
    """Where and how precisely models run."""

    device: str = option(
        "auto", help="auto, cpu, cuda or cuda:N. auto warns if a GPU is there but unusable."
    )
    dtype: Dtype = option(
        "auto",
        help="Precision of the encoder: auto is bfloat16 where the hardware computes it.",
    )


@dataclasses.dataclass(frozen=True)
class Invocation:
    """A command as it was called.

    Attributes:
        command: The subcommand's name.
        settings: Section, then name, then ``{"value": ..., "from": ...}``, without those that
            do not influence the result.
        occasion: Those, as one flat table.
        started: When it was called, by the clock that only runs forward.
    """

    command: str
    settings: dict[str, dict[str, dict[str, Any]]]
    occasion: dict[str, Any] = dataclasses.field(default_factory=dict)
    started: float = dataclasses.field(default_factory=time.monotonic, compare=False)

    def warn_of_unread(self, reasons: Mapping[str, str]) -> None:
        """Say which options of the command line nothing reads.

        Args:
            reasons: Why not, by ``section.name``.
        """
        told = [
            f"{flag_of(name.partition('.')[2])} ({why})"
            for name, why in reasons.items()
            if self.origin(name) == COMMAND_LINE
        ]
        if told:
            log.warning("not read: %s", ", ".join(told))

    def origin(self, name: str) -> str | None:
        """Where the value of a setting, a ``section.name``, is from; None if it is not told."""
        section, _, option = name.partition(".")
        return self.settings.get(section, {}).get(option, {}).get("from")

    def values(self) -> dict[str, Any]:
        """The settings that identify the result, as ``section.name: value``."""
        return {
            f"{section}.{name}": entry["value"]
            for section, entries in self.settings.items()
            for name, entry in entries.items()
        }


def require_within(settings: Any) -> None:
    """Refuse numbers outside of their bounds.

    Raises:
        UsageError: The first that is.
    """
    for field in dataclasses.fields(settings):
        bounds, value = field.metadata.get("within"), getattr(settings, field.name)
        if bounds is not None and value is not None:
            for number in value if isinstance(value, tuple) else (value,):
                bounds.require(flag_of(field.name), number)


def flag_of(name: str) -> str:
    """``batch_size`` is ``--batch-size`` on the command line."""
    return f"--{name.replace('_', '-')}"


def all_of(settings_class: type, why: str, *, but: Collection[str] = ()) -> dict[str, str]:
    """The same reason for all settings of a class, by ``section.name``, but for some."""
    names = (field.name for field in dataclasses.fields(settings_class))
    return {f"{section_name(settings_class)}.{name}": why for name in names if name not in but}


def section_name(settings_class: type) -> str:
    """``TransportSettings`` is ``[transport]`` in TOML and ``transport`` in the manifest."""
    stem = settings_class.__name__.removesuffix("Settings")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", stem).lower()


def restored(settings_class: type, settings: dict[str, dict[str, Any]]) -> Any:
    """The settings object that a manifest's ``what.settings`` recorded; defaults for the rest.

    Raises:
        UsageError: A value that is required is not recorded, or one that nobody knows is.
    """
    section = section_name(settings_class)
    entries = settings.get(section, {})
    unknown = entries.keys() - {field.name for field in dataclasses.fields(settings_class)}
    if unknown:
        names = ", ".join(f"{section}.{name}" for name in sorted(unknown))
        raise UsageError(f"the manifest has settings of another version: {names}")
    hints = get_type_hints(settings_class)
    values = {
        field.name: _typed(hints[field.name], entries[field.name]["value"])
        for field in dataclasses.fields(settings_class)
        if field.name in entries
    }
    try:
        return settings_class(**values)
    except TypeError as error:
        raise UsageError(f"the manifest does not say all settings: {error}") from None


def _typed(hint: Any, value: Any) -> Any:
    """A value out of JSON as its field has it: tuples for lists, paths for their text."""
    if get_origin(hint) is tuple:
        return tuple(_typed(get_args(hint)[0], item) for item in value)
    return Path(value) if isinstance(value, str) and Path in (hint, *get_args(hint)) else value


def plain(value: Any) -> Any:
    """`value` in the types that JSON has."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def nearest(name: str, known: Any) -> str:
    """`` (did you mean X?)`` where a known name is close, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
