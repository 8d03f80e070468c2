"""Work that is done in pieces: what an interrupted run left is taken up if it is of this run."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optical_cli.errors import OutputError
from optical_cli.formats.outputs import output_directory

PLAN = "plan.json"


@contextmanager
def resumable_directory(
    target: Path, plan: Mapping[str, Any], *, overwrite: bool, resume: bool
) -> Iterator[Path]:
    """Fill a directory piece by piece; what is complete survives an interruption.

    Args:
        target: The directory to make.
        plan: All that identifies the result, by name: settings, inputs' hashes.
        overwrite: Replace an existing one.
        resume: Take up what an interrupted run of the same plan left; else begin anew.

    Raises:
        OutputError: The target exists, or what was left is of another plan; the first difference
            is named.
    """
    with output_directory(target, overwrite=overwrite, resume=True) as directory:
        if not resume:
            _empty(directory)
        _take_up(directory, dict(plan), target)
        yield directory
        (directory / PLAN).unlink()


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _take_up(directory: Path, plan: dict[str, Any], target: Path) -> None:
    path = directory / PLAN
    if path.is_file():
        _require_same(json.loads(path.read_text(encoding="utf-8")), plan, target)
        return
    _empty(directory)
    partial = path.with_name(f".{PLAN}.partial")
    partial.write_text(json.dumps(plan, indent=2), encoding="utf-8")
    partial.replace(path)


def _require_same(old: dict[str, Any], new: dict[str, Any], target: Path) -> None:
    new = json.loads(json.dumps(new))
    for name in [*old, *new]:
        if old.get(name) != new.get(name):
            raise OutputError(
                f"was begun with {name} {old.get(name)}, now {new.get(name)}", where=target,
                hint="without --resume it is begun anew",
            )  # fmt: skip
