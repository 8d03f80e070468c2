"""Work that may be interrupted: what a run left is taken up if it is of this run."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optical_cli.errors import OutputError
from optical_cli.formats.manifest import manifest_of
from optical_cli.formats.outputs import empty_directory, output_directory, partial_path

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
        take_up(directory, PLAN, plan, target, resume=resume)
        try:
            yield directory
        except BaseException:
            if not any(directory.glob(PIECES)):
                shutil.rmtree(directory, ignore_errors=True)
            raise
        (directory / PLAN).unlink()


def take_up(
    directory: Path, name: str, plan: Mapping[str, Any], target: Path, *, resume: bool
) -> None:
    """Empty a directory in the making, unless what is there is to be gone on with.

    Args:
        directory: Where the work is done.
        name: The file in it that holds the plan; written where there is none.
        plan: All that identifies the result.
        target: What the user knows the directory by.
        resume: Go on with what is there.

    Raises:
        OutputError: What is there is of another plan; the first difference is named.
    """
    path = directory / name
    if resume and path.is_file():
        old = json.loads(path.read_text(encoding="utf-8"))
        _require_same(old, plan, target, "was begun with", "without --resume it is begun anew")
        return
    empty_directory(directory)
    partial = partial_path(path)
    partial.write_text(json.dumps(plan, indent=2, default=str), encoding="utf-8")
    partial.replace(path)


def plan_of(what: Mapping[str, Any], lineage: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that identifies a result, by name: settings, inputs and, where one is there, the model.

    Args:
        what: A manifest's, or that much of it that is known beforehand: settings and model.
        lineage: Its inputs.
    """
    plan = {
        f"setting {section}.{name}": entry["value"]
        for section, entries in what["settings"].items() for name, entry in entries.items()
    }  # fmt: skip
    plan |= {f"input {entry['path']}": dict(entry) for entry in lineage}
    return plan | ({"model": what["model"]["signature"]} if "model" in what else {})


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
    new = json.loads(json.dumps(new, default=str))
    for name in [*old, *new]:
        if old.get(name) != new.get(name):
            raise OutputError(
                f"{verb} {name} {old.get(name)}, now {new.get(name)}", where=target, hint=hint
            )
