"""The way back from an output to the first file that it was made from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optical_cli.errors import InputError
from optical_cli.formats.manifest import Manifest, file_hashes, manifest_of, sha256
from optical_cli.formats.streams import STDIO


@dataclass
class Origin:
    """A file or directory in the chain.

    Attributes:
        path: As it was given to the command that read it.
        state: ``present``, ``missing``, ``changed`` (it is not what was read) or ``stdin``.
        manifest: What made it; None for a first file, or where it is gone.
        inputs: What it was made from.
        recorded: What the manifest of the output that it went into says of it.
        differences: With verification, what in it differs from its own manifest.
    """

    path: str
    state: str
    manifest: Manifest | None = None
    inputs: list["Origin"] = field(default_factory=list)
    recorded: dict[str, Any] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def sound(self) -> bool:
        """Whether nothing in the chain is changed or missing."""
        here = self.state in ("present", "stdin") and not self.differences
        return here and all(origin.sound() for origin in self.inputs)


def trace(path: Path, *, verify: bool = False) -> Origin:
    """Follow the manifests from `path` back to files that have none.

    Args:
        path: An output of ours.
        verify: Hash again every file in the chain that is at hand, instead of trusting sizes.

    Raises:
        InputError: `path` does not exist.
    """
    if not path.exists():
        raise InputError("does not exist", where=path)
    return _origin(str(path), {}, verify, frozenset())


def _origin(path: str, recorded: dict[str, Any], verify: bool, above: frozenset[str]) -> Origin:
    if path == STDIO:
        return Origin(path, "stdin", recorded=recorded)
    place = Path(path)
    if not place.exists():
        return Origin(path, "missing", recorded=recorded)
    manifest = manifest_of(place)
    origin = Origin(path, _state(place, manifest, recorded, verify), manifest, recorded=recorded)
    if manifest is None or path in above:
        return origin
    if verify:
        origin.differences = _differences(place, manifest)
    above = above | {path}
    origin.inputs = [_origin(e["path"], e, verify, above) for e in manifest.lineage]
    return origin


def _state(place: Path, manifest: Manifest | None, recorded: dict[str, Any], verify: bool) -> str:
    if "manifest" in recorded and manifest and manifest.identity() != recorded["manifest"]:
        return "changed"
    if "bytes" in recorded and place.stat().st_size != recorded["bytes"]:
        return "changed"
    if verify and "sha256" in recorded and sha256(place) != recorded["sha256"]:
        return "changed"
    if verify and "files" in recorded and file_hashes(place) != recorded["files"]:
        return "changed"
    return "present"


def _differences(place: Path, manifest: Manifest) -> list[str]:
    expected = manifest.what.get("files")
    if expected is None or not place.is_dir():
        return []
    # A file that tells of its own making, such as a page with timings, belongs to the occasion.
    expected = expected | manifest.occasion.get("files", {})
    found = file_hashes(place)
    names = sorted(set(expected) | set(found))
    return [_difference(n, expected, found) for n in names if expected.get(n) != found.get(n)]


def _difference(name: str, expected: dict[str, str], found: dict[str, str]) -> str:
    if name not in found:
        return f"{name} is gone"
    return f"{name} is new" if name not in expected else f"{name} has changed"
