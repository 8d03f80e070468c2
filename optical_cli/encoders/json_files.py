"""The small JSON files of a model folder."""

import json
from pathlib import Path
from typing import Any

from optical_cli.errors import InputError


def read_json(path: Path, kind: type = dict, *, default: Any = None) -> Any:
    """The JSON value of type `kind` in `path`, or `default` if there is no such file.

    Raises:
        InputError: The file is missing without a default, is not JSON, or holds something else.
    """
    if not path.is_file() and default is not None:
        return default
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("is missing", where=path) from None
    except (OSError, ValueError) as error:
        raise InputError(f"is not JSON: {error}", where=path) from None
    if not isinstance(value, kind):
        raise InputError(f"holds a {type(value).__name__}, not a {kind.__name__}", where=path)
    return value


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
