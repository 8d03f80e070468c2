"""Files at a fixed commit of a public repository, with the hashes that were taken of them.

``pins.txt`` has a line ``== OWNER/NAME COMMIT``, then a line for each file: SHA-256, two spaces,
path. Only files that were really hashed stand there.
"""

import functools
from importlib import resources

from optical_cli.importers.dataset import RemoteFile

RAW = "https://raw.githubusercontent.com"
# The last commit of LAReQA's repository that has MLQA-R.
LAREQA_WITH_MLQA = "354d67d1cd066854cdfbf5ad0e6105528976141d"


@functools.cache
def _pins() -> dict[str, tuple[str, dict[str, str]]]:
    """Repository (and commit, where it has several) to its commit and hashes by path."""
    text = resources.files(__package__).joinpath("pins.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for line in text.splitlines():
        if line.startswith("== "):
            repository, commit = line[3:].split(" ")
            hashes: dict[str, str] = {}
            found[f"{repository}@{commit}"] = (commit, hashes)
            found.setdefault(repository, (commit, hashes))
        elif line:
            digest, path = line.split("  ", 1)
            hashes[path] = digest
    return found


def github(repository: str, path: str, commit: str | None = None) -> RemoteFile:
    """A file of `repository` at the pinned commit, or at another that is pinned too."""
    commit, hashes = _pins()[f"{repository}@{commit}" if commit else repository]
    url = f"{RAW}/{repository}/{commit}/{path}"
    return RemoteFile(path, url, hashes.get(path))


def pinned_paths(repository: str) -> list[str]:
    """The files of `repository` that were hashed."""
    return list(_pins()[repository][1])
