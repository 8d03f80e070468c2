"""Work that is done in pieces: what an interrupted run left is taken up if it is of this run."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optical_cli.errors import OutputError
from optical_cli.formats.manifest import manifest_of
from optical_cli.formats.outputs import output_directory

PLAN = "plan.json"
PIECES = "part-*/part.json"


@contextmanager
def resumable_directory(
    target: Path, plan: Mapping[str, Any], *, overwrite: bool, resume: bool
) -> Iterator[Path]:
    """Fill a directory piece by piece; once one is complete, it survives an interruption.

    Args:
        target: The directory to make.
        plan: All that identifies the result; see `plan_of`.
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
        try:
            yield directory
        except BaseException:
            if not any(directory.glob(PIECES)):
                shutil.rmtree(directory, ignore_errors=True)
            raise
        (directory / PLAN).unlink()


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _take_up(directory: Path, plan: dict[str, Any], target: Path) -> None:
    path = directory / PLAN
    if path.is_file():
        old = json.loads(path.read_text(encoding="utf-8"))
        _require_same(old, plan, target, "was begun with", "without --resume it is begun anew")
        return
    _empty(directory)
    partial = path.with_name(f".{PLAN}.partial")
    partial.write_text(json.dumps(plan, indent=2), encoding="utf-8")
    partial.replace(path)


def plan_of(what: Mapping[str, Any], lineage: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that identifies a result, by name: settings, model and inputs.

    Args:
        what: A manifest's, or that much of it that is known beforehand: settings and model.
        lineage: Its inputs.
    """
    plan = {
        f"setting {section}.{name}": entry["value"]
        for section, entries in what["settings"].items() for name, entry in entries.items()
    }  # fmt: skip
    plan |= {f"input {entry['path']}": dict(entry) for entry in lineage}
    return plan | {"model": what["model"]["signature"]}


def is_complete(target: Path, plan: Mapping[str, Any]) -> bool:
    """Whether `target` is whole and of this plan.

    Raises:
        OutputError: It is whole and of another one; the first difference is named.
    """
    manifest = manifest_of(target) if target.is_dir() else None
    if manifest is None:
        return False
    old = plan_of(manifest.what, manifest.lineage)
    _require_same(old, plan, target, "was made with", "--overwrite replaces it")
    return True


def _require_same(
    old: Mapping[str, Any], new: Mapping[str, Any], target: Path, verb: str, hint: str
) -> None:
    new = json.loads(json.dumps(new))
    for name in [*old, *new]:
        if old.get(name) != new.get(name):
            raise OutputError(
                f"{verb} {name} {old.get(name)}, now {new.get(name)}", where=target, hint=hint
            )
