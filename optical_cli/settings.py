"""Options, TOML sections and the manifest's settings, from one declaration.

A room declares its settings as a frozen dataclass named ``*Settings`` whose fields are made by
`option` or `argument`. A command takes such classes as parameters; `as_command` derives the
flags from the fields, reads them with the precedence command line > ``OPTICAL_*`` variables >
``--settings FILE.toml`` > default, and hands the command whole settings objects and, if it asks
for one, the `Invocation` that says where each value came from.
"""

import dataclasses
import difflib
import functools
import inspect
import logging
import re
import time
import tomllib
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import typer

from optical_cli import console
from optical_cli.bounds import COUNT, Bounds
from optical_cli.errors import InputError, UsageError

log = logging.getLogger(__name__)

COMMAND_LINE = "command line"
ORIGINS = {
    "COMMANDLINE": COMMAND_LINE,
    "ENVIRONMENT": "environment",
    "DEFAULT_MAP": "settings file",
    "DEFAULT": "default",
}
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
            f"--{option.replace('_', '-')} ({why})"
            for section, _, option, why in ((*n.partition("."), why) for n, why in reasons.items())
            if self.settings.get(section, {}).get(option, {}).get("from") == COMMAND_LINE
        ]
        if told:
            log.warning("not read: %s", ", ".join(told))

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
                bounds.require(f"--{field.name.replace('_', '-')}", number)


def section_name(settings_class: type) -> str:
    """``TransportSettings`` is ``[transport]`` in TOML and ``transport`` in the manifest."""
    stem = settings_class.__name__.removesuffix("Settings")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", stem).lower()


def restored(settings_class: type, settings: dict[str, dict[str, Any]]) -> Any:
    """The settings object that a manifest's ``what.settings`` recorded; defaults for the rest.

    Raises:
        UsageError: A value that is required is not recorded.
    """
    entries = settings.get(section_name(settings_class), {})
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


def as_command(function: Callable[..., None]) -> Callable[..., None]:
    """Turn a function of settings objects into one of flags that Typer understands."""
    hints = get_type_hints(function)
    hints.pop("return", None)
    classes = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
    invocation_parameter = next((n for n, hint in classes.items() if hint is Invocation), None)
    classes.pop(invocation_parameter, None)
    fields = list(_declared_fields(classes))
    command = function.__name__.strip("_").replace("_", "-")

    @functools.wraps(function)
    def wrapper(ctx: typer.Context, **values: Any) -> None:
        console.set_up(quiet=values.pop("quiet"), verbose=values.pop("verbose"))
        values.pop("settings")
        _check_choices(fields, values)
        origin = {name: ORIGINS[ctx.get_parameter_source(name).name] for name in values}
        arguments = {
            parameter: settings_class(**_taken(settings_class, values))
            for parameter, settings_class in classes.items()
        }
        for settings in arguments.values():
            require_within(settings)
        if invocation_parameter:
            arguments[invocation_parameter] = _invocation(command, fields, values, origin)
        try:
            function(**arguments)
        except KeyboardInterrupt:
            console.error("interrupted")
            raise SystemExit(130) from None

    parameters = [_context_parameter(), *map(_parameter, (field for _, field in fields))]
    parameters += _general_parameters({section_name(c): c for c in classes.values()})
    wrapper.__signature__ = inspect.Signature(parameters)
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapper


def _declared_fields(classes: dict[str, type]) -> Iterator[tuple[str, dataclasses.Field]]:
    seen: dict[str, str] = {}
    for settings_class in classes.values():
        types_of = get_type_hints(settings_class)
        for field in dataclasses.fields(settings_class):
            if field.name in seen:
                raise TypeError(f"{field.name} is in {seen[field.name]} and {settings_class}")
            seen[field.name] = settings_class.__name__
            field.type = types_of[field.name]
            yield section_name(settings_class), field


def _choices(field: dataclasses.Field) -> tuple[str, ...]:
    """The values that each item of a repeatable option may have; none if any."""
    item = get_args(field.type)[0] if get_origin(field.type) is tuple else None
    return get_args(item) if get_origin(item) is Literal else ()


def _check_choices(fields: list[tuple[str, dataclasses.Field]], values: dict[str, Any]) -> None:
    for _, field in fields:
        known = _choices(field)
        wrong = [item for item in values[field.name] if item not in known] if known else []
        if wrong:
            flag = field.name.replace("_", "-")
            hint = nearest(wrong[0], known) or f"; choose from {', '.join(known)}"
            raise UsageError(f"--{flag} {wrong[0]}: unknown{hint}")


def _taken(settings_class: type, values: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(settings_class)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name in names
    }


def _invocation(
    command: str,
    fields: list[tuple[str, dataclasses.Field]],
    values: dict[str, Any],
    origin: dict[str, str],
) -> Invocation:
    settings: dict[str, dict[str, dict[str, Any]]] = {}
    occasion: dict[str, Any] = {}
    for section, field in fields:
        value = plain(values[field.name])
        if field.metadata["occasion"]:
            occasion[field.name] = value
        else:
            entry = {"value": value, "from": origin[field.name]}
            settings.setdefault(section, {})[field.name] = entry
    return Invocation(command, settings, occasion)


def _annotation(hint: Any) -> Any:
    """The type that Typer is given: sequences are lists, optional ones stay optional.

    Typer takes no list of choices, so theirs are strings that `_check_choices` looks at.
    """
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        return list[str if get_origin(item) is Literal else item]
    if get_origin(hint) in (types.UnionType, Union):
        return Union[tuple(_annotation(arg) for arg in get_args(hint))]  # noqa: UP007
    return hint


def _parameter(field: dataclasses.Field) -> inspect.Parameter:
    meta = field.metadata
    default = ... if field.default is dataclasses.MISSING else field.default
    default = list(default) if isinstance(default, tuple) else default
    if meta["kind"] == "argument":
        info = typer.Argument(default, help=meta["help"], metavar=meta["metavar"])
    else:
        flag = "--" + field.name.replace("_", "-")
        negatable = field.type is bool and default is True
        info = typer.Option(
            default,
            *(meta["flags"] or (f"{flag}/--no-{flag[2:]}" if negatable else flag,)),
            help=meta["help"], rich_help_panel=meta["panel"],
            metavar=meta["metavar"] or ("|".join(_choices(field)) or None),
            envvar=f"OPTICAL_{field.name.upper()}", show_envvar=False,
        )  # fmt: skip
    return _keyword(field.name, _annotation(field.type), info)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=annotation, default=default)


def _context_parameter() -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter("ctx", kind, annotation=typer.Context)


def _general_parameters(sections: dict[str, type]) -> list[inspect.Parameter]:
    def load(ctx: typer.Context, path: Path | None) -> Path | None:
        if path is not None:
            ctx.default_map = read_settings_file(path, sections)
        return path

    panel = "General"
    settings = typer.Option(
        None, "--settings", help="TOML file of options, a section per group.",
        metavar="FILE", is_eager=True, callback=load, rich_help_panel=panel,
    )  # fmt: skip
    quiet = typer.Option(False, "--quiet", "-q", help="Only warnings and errors.",
                         rich_help_panel=panel)  # fmt: skip
    verbose = typer.Option(False, "--verbose", "-v", help="Say more.", rich_help_panel=panel)
    return [
        _keyword("settings", Path | None, settings),
        _keyword("quiet", bool, quiet),
        _keyword("verbose", bool, verbose),
    ]


def read_settings_file(path: Path, sections: dict[str, type]) -> dict[str, Any]:
    """Read a TOML file whose sections and keys must all be known.

    Args:
        path: The file.
        sections: Section name to the settings class that declares its keys.

    Returns:
        The values by field name; keys may be written with dashes or underscores.

    Raises:
        InputError: The file is missing.
        UsageError: It is no TOML, or has an unknown section or key; all are named at once.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is not TOML: {error}", where=path) from None
    values: dict[str, Any] = {}
    unknown: list[str] = []
    for section, entries in table.items():
        if section not in sections or not isinstance(entries, dict):
            unknown.append(f"unknown section [{section}]{nearest(section, sections)}")
            continue
        fields = {field.name: field for field in dataclasses.fields(sections[section])}
        for key, value in entries.items():
            name = key.replace("-", "_")
            if name in fields:
                repeatable = get_origin(fields[name].type) is tuple
                values[name] = [value] if repeatable and not isinstance(value, list) else value
            else:
                unknown.append(f"unknown key {section}.{key}{nearest(name, fields)}")
    if unknown:
        raise UsageError("; ".join(unknown), where=path)
    return values


def nearest(name: str, known: Any) -> str:
    """`` (did you mean X?)`` where a known name is close, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
