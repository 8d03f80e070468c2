"""What made a file, from what: the manifest beside every output, and the way back."""

import datetime
import hashlib
import json
import logging
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import optical_cli
from optical_cli.errors import InputError, OutputError
from optical_cli.formats.outputs import manifest_path, output_file, partial_path
from optical_cli.formats.streams import STDIO
from optical_cli.settings import Invocation

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """What stands in a manifest.

    Attributes:
        what: Format and version, subcommand, resolved settings and their origin, counts.
        lineage: The inputs, each as `describe_input` gives it.
        occasion: Time, versions, seconds: all that may differ between two equal runs.
    """

    what: dict[str, Any]
    lineage: list[dict[str, Any]] = field(default_factory=list)
    occasion: dict[str, Any] = field(default_factory=dict)

    def identity(self) -> str:
        """SHA-256 of the manifest without its occasion: equal for equal runs."""
        text = json.dumps({"what": self.what, "lineage": self.lineage}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def text(self) -> str:
        """The JSON that is written."""
        body = {"what": self.what, "lineage": self.lineage, "occasion": self.occasion}
        return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def new_manifest(
    format: str,
    invocation: Invocation,
    *,
    inputs: Iterable[Path | str] = (),
    counts: Mapping[str, int] | None = None,
    files: Mapping[str, str] | None = None,
    **facts: Any,
) -> Manifest:
    """The manifest of an output that is about to be complete.

    Args:
        format: Name and version, such as ``optical-vectors/1``.
        invocation: The command that makes it.
        inputs: The files and directories that were read; hashed here.
        counts: Records written and read, by name.
        files: For a directory, SHA-256 by the relative path of each file in it.
        **facts: Whatever else identifies the output, such as a model's signature.
    """
    what: dict[str, Any] = {"format": format, "command": invocation.command}
    what |= {"settings": invocation.settings, "counts": dict(counts or {})} | facts
    if files is not None:
        what["files"] = dict(files)
    occasion = {
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - invocation.started, 1),
        "versions": {"optical": optical_cli.__version__, "python": platform.python_version()},
        "settings": {k: v for k, v in invocation.occasion.items() if not _is_absolute(v)},
    }
    return Manifest(what, [describe_input(path) for path in inputs], occasion)


def _is_absolute(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/")


def describe_input(path: Path | str) -> dict[str, Any]:
    """Path as given, bytes, SHA-256, and the identity of its own manifest where it has one.

    A directory is known by its manifest's identity and not read again. A file that a subcommand
    wrote into a directory is known by the directory's, which ``part_of`` names, and has as many
    records as that counts under the file's name.
    """
    if str(path) == STDIO:
        return {"path": STDIO}
    path = Path(path)
    own = manifest_of(path)
    entry: dict[str, Any] = {"path": str(path)}
    if path.is_file():
        entry |= {"bytes": path.stat().st_size, "sha256": sha256(path)}
        if own and own.what.get("counts"):
            entry["records"] = own.what["counts"].get("records")
        if own is None and (folder := folder_of(path)):
            own = manifest_of(folder)
            entry["part_of"] = str(folder)
            counted = own.what.get("counts", {}).get(path.stem)
            if counted is not None:
                entry["records"] = counted
    if own:
        entry["manifest"] = own.identity()
    elif path.is_dir():
        entry["files"] = file_hashes(path)
    return entry


def folder_of(path: Path) -> Path | None:
    """The directory above `path` whose manifest lists it, if there is one."""
    return next((folder for folder in path.parents if _lists(folder, path)), None)


def _lists(folder: Path, path: Path) -> bool:
    try:
        manifest = manifest_of(folder)
    except InputError:  # Someone else's manifest.json says nothing of our files.
        return False
    name = path.relative_to(folder).as_posix()
    return manifest is not None and name in manifest.what.get("files", {})


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes as they lie on disk."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_hashes(directory: Path) -> dict[str, str]:
    """SHA-256 by relative path of every file in `directory` but its manifest."""
    return {
        path.relative_to(directory).as_posix(): sha256(path)
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


@contextmanager
def described_file(
    target: Path | str, *, overwrite: bool = False
) -> Iterator[tuple[BinaryIO, Callable[[Manifest], None]]]:
    """Write one file and its manifest, whole or not at all, as `output_file` does.

    Yields the stream, and a function that takes the manifest before the body ends: what takes
    time, such as hashing the inputs, is done before anything stands under its final name. The
    file's own SHA-256 goes into its manifest. An output to stdout has none.

    Raises:
        OutputError: As `output_file`.
        EnvironmentFault: As `output_file`.
    """
    given: list[Manifest] = []

    def text(whole: Path) -> str:
        what = given[-1].what | {"sha256": sha256(whole)}
        return replace(given[-1], what=what).text()

    with output_file(target, overwrite=overwrite, manifest=text) as stream:
        yield stream, given.append
    if str(target) == STDIO:
        log.info("an output to stdout has no manifest")


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write `manifest` into a directory in the making, as its last file: it means complete."""
    path = manifest_path(directory)
    partial = partial_path(path)
    partial.write_text(manifest.text(), encoding="utf-8")
    partial.replace(path)


def manifest_of(path: Path) -> Manifest | None:
    """The manifest of a file or directory, or None where it has none.

    Raises:
        InputError: The manifest is there and is no manifest.
    """
    place = manifest_path(path)
    if not place.is_file():
        return None
    try:
        body = json.loads(place.read_text(encoding="utf-8"))
        return Manifest(body["what"], body["lineage"], body["occasion"])
    except (ValueError, KeyError, TypeError):
        raise InputError("is not a manifest of ours", where=place) from None


def require_format(path: Path, name: str, version: int) -> Manifest:
    """The manifest of `path`, which must be of format `name` and at most `version`.

    Raises:
        InputError: There is no manifest, or it is of another format.
        OutputError: It is of a later version than this program reads.
    """
    manifest = manifest_of(path)
    if manifest is None:
        raise InputError(f"is not a complete {name} directory: no manifest.json", where=path)
    found, _, number = str(manifest.what.get("format")).partition("/")
    if found != name:
        raise InputError(f"is {found}, not {name}", where=path)
    if not number.isdigit() or int(number) > version:
        writer = manifest.occasion.get("versions", {}).get("optical")
        raise OutputError(
            f"is {found}/{number}; this program reads {name}/{version}",
            where=path,
            hint=f"it was written by optical {writer}",
        )
    return manifest
