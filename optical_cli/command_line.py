"""From a function of settings objects to a command of flags, as Typer understands them.

Values come from the command line, else from ``OPTICAL_*`` variables, else from
``--settings FILE.toml``, else from the defaults; the command's `Invocation` says from which.
"""

import dataclasses
import functools
import inspect
import tomllib
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import typer

from optical_cli import console
from optical_cli.errors import InputError, UsageError
from optical_cli.settings import (
    COMMAND_LINE,
    Invocation,
    flag_of,
    nearest,
    plain,
    require_within,
    section_name,
)

ORIGINS = {
    "COMMANDLINE": COMMAND_LINE,
    "ENVIRONMENT": "environment",
    "DEFAULT_MAP": "settings file",
    "DEFAULT": "default",
}


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
            hint = nearest(wrong[0], known) or f"; choose from {', '.join(known)}"
            raise UsageError(f"{flag_of(field.name)} {wrong[0]}: unknown{hint}")


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
        flag = flag_of(field.name)
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
