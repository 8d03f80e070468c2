"""Copies of public sets: the real ones where they are at hand, else small ones written by us.

Every sample below is written for these tests, after the schema that the set's publishers document;
no line of it is theirs.
"""

import contextlib
import functools
import http.server
import io
import json
import tarfile
import threading
import zipfile
from types import SimpleNamespace

import pytest

from optical_cli.importers import registry
from optical_cli.importers.dataset import Part
from optical_cli.importers.importing import Copy, convert
from optical_cli.importers.source import open_copy


def squad(*articles):
    """A SQuAD document of (title, [(context, [(id, question, start, answer)])])."""
    return {"version": "1.1", "data": [
        {"title": title, "paragraphs": [
            {"context": context, "qas": [
                {"id": i, "question": q, "answers": [{"text": a, "answer_start": s}]}
                for i, q, s, a in questions
            ]} for context, questions in paragraphs
        ]} for title, paragraphs in articles
    ]}  # fmt: skip


def write_json(path, *values):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(value, ensure_ascii=False) for value in values)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def make():
    """What the samples are made by."""
    return SimpleNamespace(squad=squad, json=write_json, zip=zipped, tar=tarred)


@pytest.fixture
def convert_copy(tmp_path_factory):
    """Convert a copy of a set, and give what was written: name to lines."""

    def run(given, path, **part):
        dataset, selector = registry.find(given)
        out = tmp_path_factory.mktemp("imported")
        wanted = Part(dataset.name, selector, **part)
        writer = convert(dataset, wanted, Copy(open_copy(str(path), path), given=str(path)), out)
        run.left_out, run.downloads = dict(writer.left_out), writer.downloads
        return {p.name: p.read_text(encoding="utf-8").split("\n")[:-1] for p in out.iterdir()}

    return run


@pytest.fixture
def served():
    """Serve a folder on this machine: a context that gives the server's address."""

    @contextlib.contextmanager
    def run(folder):
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()

    return run
