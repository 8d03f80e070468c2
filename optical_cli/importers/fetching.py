"""Downloads: resumed after a broken connection, kept, and held to their hash.

pooch keeps the files and compares hashes. A hash that nobody has taken is taken from the first
download and enforced afterwards: `FirstHashes` keeps those beside the files. A kept file is called
after its URL, since files of one name lie at many.
"""

import hashlib
import json
import logging
import os
import re
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from optical_cli.errors import EnvironmentFault, InputError, OpticalError
from optical_cli.formats.manifest import sha256
from optical_cli.formats.outputs import no_space_as_fault, require_space
from optical_cli.importers.dataset import RemoteFile

log = logging.getLogger(__name__)

ATTEMPTS = 6
TIMEOUT_SECONDS = 30
# What breaks off within a block is asked for again.
BLOCK = 1 << 14


def default_cache() -> Path:
    """The user's cache directory for downloads."""
    import pooch

    return Path(pooch.os_cache("optical-cli"))


class NotThere(EnvironmentFault):
    """The server knows no file of that URL."""


class NoConnection(EnvironmentFault):
    """There is no way to the server, such as without a network."""


@dataclass(frozen=True)
class Fetched:
    """A file that is here.

    Attributes:
        file: What it was asked for as.
        path: Where it lies.
        sha256: Its hash, which was compared with the pinned or the first one.
    """

    file: RemoteFile
    path: Path
    sha256: str


class FirstHashes:
    """The hash that each URL had when it was first downloaded."""

    def __init__(self, folder: Path):
        self.path = folder / "first-hashes.json"

    def of(self, url: str) -> str | None:
        """The hash of `url`, if it was downloaded before."""
        return self._read().get(url)

    def remember(self, url: str, digest: str) -> None:
        """Keep the hash of `url`."""
        partial = self.path.with_name(f".{self.path.name}.partial")
        partial.write_text(json.dumps(self._read() | {url: digest}, indent=2) + "\n")
        os.replace(partial, self.path)

    def _read(self) -> dict[str, str]:
        if not self.path.is_file():
            return {}
        try:
            return dict(json.loads(self.path.read_text()))
        except (ValueError, TypeError):
            raise InputError("is not the record of first hashes", where=self.path) from None


def kept_name(file: RemoteFile) -> str:
    """How a download is called where it is kept: by a hash of its URL, and by its own name."""
    digest = hashlib.blake2b(file.url.encode(), digest_size=5).hexdigest()
    return f"{digest}--{file.name.replace('/', '--')}"


def kept_files(folder: Path) -> list[Path]:
    """The downloads that are whole in a folder where they are kept, if there is one."""
    return [path for path in folder.glob("*--*") if not path.name.startswith(".")]


def fetch(file: RemoteFile, folder: Path, *, pause: float = 0.5) -> Fetched:
    """Download `file` into `folder`, unless it is there.

    Args:
        file: What to download.
        folder: Where downloads of this set are kept.
        pause: Seconds before the second attempt; twice as many before each further one.

    Raises:
        InputError: The bytes have another hash than they must have.
        NotThere: There is no such file.
        NoConnection: The server cannot be reached.
        EnvironmentFault: The server does not give the file, or the disk is full.
    """
    import pooch

    pooch.get_logger().setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    first = FirstHashes(folder)
    known = file.sha256 or first.of(file.url)
    name = kept_name(file)
    try:
        with no_space_as_fault(folder):
            path = Path(pooch.retrieve(
                file.url, known_hash=known and f"sha256:{known}", fname=name, path=folder,
                downloader=Resuming(folder / f".{name}.part", pause),
            ))  # fmt: skip
    except ValueError as error:
        raise _wrong_hash(file, known, first, error) from None
    digest = known or sha256(path)
    if known is None:
        first.remember(file.url, digest)
    return Fetched(file, path, digest)


def _wrong_hash(
    file: RemoteFile, known: str | None, first: FirstHashes, error: Exception
) -> OpticalError:
    whose = "pinned here" if file.sha256 else f"of the first download, in {first.path}"
    got = re.search(r"but got (\w+)", str(error))
    return InputError(
        f"wrong checksum: expected sha256 {known} ({whose}), got {got[1] if got else '?'}",
        where=file.url,
        hint="its publisher or something on the way changed the file: look before you trust it",
    )  # fmt: skip


class Resuming:
    """Downloads for pooch, going on where a broken connection stopped."""

    def __init__(self, part: Path, pause: float):
        self.part = part
        self.pause = pause
        # What the server calls the version that the part is of: it must not be continued otherwise.
        self.tag = part.with_name(f"{part.name}.tag")
        self.answered = False

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Fetch `url` into `output_file`.

        Raises:
            NotThere: There is no such file.
            NoConnection: The server was never reached; it is not asked again.
            EnvironmentFault: It cannot be fetched, after `ATTEMPTS` attempts without progress.
        """
        import requests

        attempt = 1
        while True:
            before = self._size()
            try:
                self._more(url, requests)
                break
            except (requests.RequestException, ConnectionError) as error:
                attempt = 1 if self._size() > before else attempt + 1
                never = not self.answered and _never_connected(error)
                if never or attempt > ATTEMPTS or _status(error) in range(400, 500):
                    raise _unreachable(url, error, never) from None
                log.info("%s: %s, trying again", url, _how_far(self._size()))
                time.sleep(self.pause * 2 ** (attempt - 1))
        os.replace(self.part, output_file)
        self.tag.unlink(missing_ok=True)

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    def _remember(self, tag: str | None) -> None:
        self.tag.write_text(tag) if tag else self.tag.unlink(missing_ok=True)

    def _more(self, url: str, requests) -> None:
        """One request for what is still missing; ends well only with the whole file."""
        have = self._size()
        # Bytes that were packed for the way could neither be counted nor continued.
        headers = {"Accept-Encoding": "identity"}
        if have and self.tag.exists():
            headers |= {"Range": f"bytes={have}-", "If-Range": self.tag.read_text()}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
            self.answered = True
            answer.raise_for_status()
            self._remember(answer.headers.get("ETag") or answer.headers.get("Last-Modified"))
            continued = answer.status_code == 206
            start = have if continued else 0
            length = answer.headers.get("Content-Length")
            total = start + int(length) if length else None
            require_space(self.part.parent, (total or 0) - start)
            with open(self.part, "ab" if continued else "wb") as stream:
                for block in answer.iter_content(BLOCK):
                    stream.write(block)
        if total is not None and self._size() < total:
            raise requests.ConnectionError(f"{self._size()} of {total} bytes came")


def _how_far(size: int) -> str:
    return f"connection broke after {size:,} bytes" if size else "connection broke"


def _status(error: Exception) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _never_connected(error: Exception) -> bool:
    """Whether no connection came about: an unknown host, a refusal, no answer, no way out."""
    from requests.exceptions import ConnectTimeout, ProxyError, SSLError
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0] if error.args else None, "reason", None)
    never = isinstance(error, ConnectTimeout | ProxyError | SSLError)
    return never or isinstance(reason, NewConnectionError)


def _unreachable(url: str, error: Exception, never: bool) -> EnvironmentFault:
    status = _status(error)
    if status in (404, 410):
        return NotThere(f"is not there: the server answers {status}", where=url)
    if status:
        return EnvironmentFault(f"cannot be fetched: the server answers {status}", where=url)
    host = urllib.parse.urlsplit(url).netloc
    if never:
        return NoConnection(f"cannot be fetched: no connection to {host}", where=url)
    return EnvironmentFault(f"cannot be fetched: {host} broke off {ATTEMPTS} times", where=url)


def fetch_all(files: Sequence[RemoteFile], folder: Path) -> list[Fetched]:
    """All of `files`.

    Raises:
        InputError: A hash is wrong.
        EnvironmentFault: One of them cannot be had, as `fetch` says.
    """
    from optical_cli.console import progress

    fetched = []
    with progress("downloading", len(files)) as steps:
        for file in files:
            fetched.append(fetch(file, folder))
            steps.advance()
    return fetched
