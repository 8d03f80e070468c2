"""Downloads from a server of our own that drops connections; nothing leaves this machine."""

import contextlib
import hashlib
import http.server
import threading

import pytest

from optical_cli.errors import EnvironmentFault, InputError
from optical_cli.importers import fetching
from optical_cli.importers.dataset import RemoteFile
from optical_cli.importers.fetching import (
    ATTEMPTS,
    BLOCK,
    FirstHashes,
    NoConnection,
    NotThere,
    fetch,
    kept_name,
)

BODY = b"".join(b"%08d\n" % number for number in range(40_000))
SHA256 = hashlib.sha256(BODY).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves `body`, but breaks off after `gives` bytes for the first `drops` requests."""

    body, drops, gives, tag, ranges = BODY, 0, 100_000, '"v1"', True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str | None] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/file.txt"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        server.requests.append(wanted)
        if self.path != "/file.txt":
            self.send_error(404)
            return
        same = self.headers.get("If-Range") == server.tag
        start = int(wanted[6:-1]) if wanted and same and server.ranges else 0
        rest = server.body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.send_header("ETag", server.tag)
        self.end_headers()
        if server.drops > 0:
            server.drops -= 1
            rest = rest[: server.gives]
        with contextlib.suppress(ConnectionError):
            self.wfile.write(rest)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def file_of(server, digest=None):
    return RemoteFile("a/file.txt", server.url, digest)


def get(server, folder, digest=None):
    return fetch(file_of(server, digest), folder, pause=0.01)


def part_of(server, folder):
    return folder / f".{kept_name(file_of(server))}.part"


def test_a_broken_connection_goes_on_where_it_stopped(server, tmp_path):
    server.drops = 2
    fetched = get(server, tmp_path, SHA256)
    assert fetched.path.read_bytes() == BODY and fetched.sha256 == SHA256
    first, *further = server.requests
    starts = [int(wanted[6:-1]) for wanted in further]
    # Nothing that came in a whole block is asked for again.
    assert first is None and starts == sorted(starts)
    assert all(100_000 * (n + 1) - 2 * BLOCK * (n + 1) < s for n, s in enumerate(starts))
    assert sorted(p.name for p in tmp_path.iterdir()) == [kept_name(file_of(server))]


def test_a_kept_file_is_not_fetched_again(server, tmp_path):
    get(server, tmp_path)
    get(server, tmp_path)
    assert len(server.requests) == 1


def test_an_interrupted_download_goes_on_in_the_next_call(server, tmp_path):
    server.drops, server.gives = 10**6, 0
    part = part_of(server, tmp_path)
    part.write_bytes(BODY[:5000])
    part.with_name(f"{part.name}.tag").write_text('"v1"')
    with pytest.raises(EnvironmentFault, match="cannot be fetched"):
        get(server, tmp_path)
    server.drops = 0
    assert get(server, tmp_path).path.read_bytes() == BODY
    assert server.requests[-1] == "bytes=5000-"


def test_a_part_of_another_version_is_not_continued(server, tmp_path):
    part = part_of(server, tmp_path)
    part.write_bytes(b"of an older file")
    part.with_name(f"{part.name}.tag").write_text('"v0"')
    assert get(server, tmp_path).path.read_bytes() == BODY


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.drops, server.ranges = 1, False
    assert get(server, tmp_path, SHA256).path.read_bytes() == BODY


def test_it_gives_up_without_progress(server, tmp_path):
    server.drops, server.gives = 10**6, 0
    with pytest.raises(EnvironmentFault, match=r"file\.txt: cannot be fetched"):
        get(server, tmp_path)
    assert len(server.requests) == ATTEMPTS
    assert not (tmp_path / kept_name(file_of(server))).exists()


def test_a_page_that_is_not_there_is_asked_for_once(server, tmp_path):
    server.url += ".gone"
    with pytest.raises(NotThere, match="is not there: the server answers 404"):
        get(server, tmp_path)
    assert len(server.requests) == 1


def test_a_host_that_is_not_reached_is_not_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching.time, "sleep", lambda seconds: pytest.fail("tries again"))
    for url in ("http://127.0.0.1:9/file.txt", "http://nowhere.invalid/file.txt"):
        host = url.split("/")[2]
        with pytest.raises(NoConnection, match=f"cannot be fetched: no connection to {host}"):
            fetch(RemoteFile("file.txt", url), tmp_path)


def test_a_pinned_hash_is_enforced(server, tmp_path):
    with pytest.raises(InputError, match=f"expected sha256 {'0' * 64} .*pinned.*got {SHA256}"):
        get(server, tmp_path, "0" * 64)
    assert not (tmp_path / kept_name(file_of(server))).exists()


def test_the_first_hash_is_enforced_afterwards(server, tmp_path):
    kept = get(server, tmp_path).path
    assert FirstHashes(tmp_path).of(server.url) == SHA256
    kept.unlink()
    server.body, server.tag = BODY[:-1] + b"!", '"v2"'
    with pytest.raises(InputError, match=f"{SHA256} .*first download"):
        get(server, tmp_path)


def test_a_kept_file_that_was_changed_is_fetched_anew(server, tmp_path):
    get(server, tmp_path).path.write_bytes(b"spoiled")
    assert get(server, tmp_path).path.read_bytes() == BODY
