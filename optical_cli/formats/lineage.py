"""The way back from an output to the first file that it was made from."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from optical_cli.errors import InputError
from optical_cli.formats.manifest import Manifest, file_hashes, folder_of, manifest_of, sha256
from optical_cli.formats.streams import STDIO


@dataclass
class Origin:
    """A file or directory in the chain.

    Attributes:
        path: As it was given to the command that read it.
        state: ``present``, ``missing``, ``changed`` (it is not what was read) or ``stdin``.
        manifest: What made it; None for a first file, for one that a command wrote into a
            directory (which is then its one input), or where it is gone.
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
    return _Walk(verify).origin(str(path), {}, frozenset())


class _Walk:
    """One walk back; a file that is met often, such as a model's, is hashed once."""

    def __init__(self, verify: bool):
        self.verify = verify
        self.sha256 = cache(sha256)
        self.file_hashes = cache(file_hashes)

    def origin(self, path: str, recorded: dict[str, Any], above: frozenset[str]) -> Origin:
        """What `path` is, and all behind it but what is `above` already."""
        if path == STDIO:
            return Origin(path, "stdin", recorded=recorded)
        place = Path(path)
        if not place.exists():
            return Origin(path, "missing", recorded=recorded)
        manifest = manifest_of(place)
        origin = Origin(path, self._state(place, manifest, recorded), manifest, recorded=recorded)
        if path in above:
            return origin
        above = above | {path}
        if manifest is None:
            origin.inputs = self._folder(place, recorded, above)
            return origin
        if self.verify:
            origin.differences = self._differences(place, manifest)
        origin.inputs = [self.origin(entry["path"], entry, above) for entry in manifest.lineage]
        return origin

    def _folder(self, place: Path, recorded: dict[str, Any], above: frozenset[str]) -> list[Origin]:
        """The directory that a file came into being with, as it is and as it was when read."""
        folder = recorded.get("part_of") or folder_of(place)
        if folder is None:
            return []
        known = {"manifest": recorded["manifest"]} if "part_of" in recorded else {}
        return [self.origin(str(folder), known, above)]

    def _state(self, place: Path, manifest: Manifest | None, recorded: dict[str, Any]) -> str:
        is_whole = "manifest" in recorded and "part_of" not in recorded
        if is_whole and (manifest is None or manifest.identity() != recorded["manifest"]):
            return "changed"
        if "bytes" in recorded and place.stat().st_size != recorded["bytes"]:
            return "changed"
        if not self.verify:
            return "present"
        if "sha256" in recorded and self.sha256(place) != recorded["sha256"]:
            return "changed"
        if "files" in recorded and self.file_hashes(place) != recorded["files"]:
            return "changed"
        return "present"

    def _differences(self, place: Path, manifest: Manifest) -> list[str]:
        if place.is_file():
            expected = manifest.what.get("sha256")
            changed = expected is not None and self.sha256(place) != expected
            return ["its bytes have changed"] if changed else []
        # A file that tells of its own making, such as a page with timings, is in the occasion.
        expected = manifest.what.get("files", {}) | manifest.occasion.get("files", {})
        found = self.file_hashes(place)
        names = sorted(set(expected) | set(found))
        return [_difference(n, expected, found) for n in names if expected.get(n) != found.get(n)]


def _difference(name: str, expected: dict[str, str], found: dict[str, str]) -> str:
    if name not in found:
        return f"{name} is gone"
    return f"{name} is new" if name not in expected else f"{name} has changed"
