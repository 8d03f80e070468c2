"""Where the numbers come from: the commands, files, hashes and versions behind each score file."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optical_cli.formats.manifest import Manifest, manifest_of
from optical_cli.formats.scores import Score
from optical_cli.reporting.scores import merged_signature
from optical_cli.settings import flag_of

SHORT = 12


@dataclass(frozen=True)
class Source:
    """A score file and how it was made; without a manifest only its name is known.

    Attributes:
        path: As given.
        command: The command line that makes it again.
        inputs: Path, count of records and short hash of each file that was read.
        facts: Time, seconds, versions, seed, as name and value.
    """

    path: str
    command: str | None = None
    inputs: Sequence[tuple[str, str, str]] = ()
    facts: Sequence[tuple[str, str]] = ()


def sources(paths: Iterable[Path]) -> list[Source]:
    """What the manifests beside the files say.

    Raises:
        InputError: A manifest is damaged.
    """
    found = []
    for path in paths:
        manifest = manifest_of(path)
        if manifest is None:
            found.append(Source(str(path)))
        else:
            found.append(
                Source(str(path), command_line(manifest), _inputs(manifest), _facts(manifest))
            )
    return found


def command_line(manifest: Manifest) -> str:
    """The command with every setting that is not a default."""
    words = ["optical", str(manifest.what["command"])]
    for entries in manifest.what["settings"].values():
        for name, entry in entries.items():
            if entry["from"] != "default":
                words += _flags(name, entry["value"])
    return shlex.join(words)


def _flags(name: str, value: Any) -> list[str]:
    flag = flag_of(name)
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    values = value if isinstance(value, list) else [value]
    return [word for item in values if item is not None for word in (flag, str(item))]


def _inputs(manifest: Manifest) -> list[tuple[str, str, str]]:
    return [
        (
            entry["path"],
            f"{entry['records']:,} records" if entry.get("records") else _size(entry.get("bytes")),
            str(entry.get("sha256") or entry.get("manifest") or "")[:SHORT],
        )
        for entry in manifest.lineage
    ]


def _size(size: int | None) -> str:
    return "" if size is None else f"{size:,} bytes"


def _facts(manifest: Manifest) -> list[tuple[str, str]]:
    occasion = manifest.occasion
    versions = occasion.get("versions", {})
    facts = [
        ("made", str(occasion.get("finished", ""))),
        ("seconds", str(occasion.get("seconds", ""))),
    ]
    facts += [(name, str(version)) for name, version in versions.items()]
    counts = manifest.what.get("counts", {})
    facts += [(name, f"{count:,}") for name, count in counts.items()]
    return [(name, value) for name, value in facts if value]


def signatures(scores: Sequence[Score]) -> list[str]:
    """One per measure and statistic; what differs between its numbers is a star."""
    kinds: dict[str, list[str]] = {}
    for score in scores:
        if score.signature:
            name = f"{score.statistic}({score.measure})" if score.statistic else score.measure
            kinds.setdefault(name, []).append(score.signature)
    return [merged_signature(name, list(dict.fromkeys(found))) for name, found in kinds.items()]
