"""Whole or absent."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from optical_cli.errors import EnvironmentFault, OutputError
from optical_cli.formats.outputs import (
    output_directory,
    output_file,
    partial_path,
    require_space,
)


def test_a_file_appears_whole(tmp_path):
    target = tmp_path / "deep" / "x.tsv"
    with output_file(target) as out:
        out.write(b"a\n")
        assert not target.exists()
    assert target.read_bytes() == b"a\n"
    assert list(target.parent.iterdir()) == [target]


def test_existing_outputs_are_refused_and_unchanged(tmp_path):
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with pytest.raises(OutputError, match="exists already"), output_file(target):
        pass
    with pytest.raises(OutputError, match="exists already"), output_directory(target):
        pass
    assert target.read_bytes() == b"old"


def test_overwrite_replaces_and_takes_the_stale_manifest_away(tmp_path):
    target = tmp_path / "x"
    target.write_bytes(b"old")
    manifest = tmp_path / "x.manifest.json"
    manifest.write_text("{}")
    with output_file(target, overwrite=True) as out:
        out.write(b"new")
    assert target.read_bytes() == b"new"
    assert not manifest.exists()


def test_overwrite_replaces_a_directory(tmp_path):
    target = tmp_path / "d"
    for text in ("one", "two"):
        with output_directory(target, overwrite=True) as directory:
            (directory / text).write_text(text)
    assert [p.name for p in target.iterdir()] == ["two"]
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("kind", [output_file, output_directory])
def test_an_error_leaves_nothing(tmp_path, kind):
    with pytest.raises(ValueError), kind(tmp_path / "x"):
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_resume_finds_what_was_there(tmp_path):
    target = tmp_path / "d"
    with pytest.raises(ValueError), output_directory(target, resume=True) as directory:
        (directory / "half").write_text("1")
        raise ValueError
    assert not target.exists()
    with output_directory(target, resume=True) as directory:
        assert (directory / "half").read_text() == "1"
    with pytest.raises(OutputError):
        refuse = output_directory(target)
        refuse.__enter__()


def test_without_resume_a_stale_partial_is_replaced(tmp_path):
    target = tmp_path / "d"
    partial_path(target).mkdir()
    (partial_path(target) / "stale").write_text("1")
    with output_directory(target) as directory:
        assert list(directory.iterdir()) == []


@pytest.mark.parametrize("kind", [output_file, output_directory])
def test_a_second_writer_is_refused(tmp_path, kind):
    refused = pytest.raises(OutputError, match="being written by another process")
    with kind(tmp_path / "x"), refused, kind(tmp_path / "x"):
        pass
    assert (tmp_path / "x").exists()


def test_a_full_disk_is_the_environments_fault(tmp_path):
    with pytest.raises(EnvironmentFault, match="disk is full"), output_file(tmp_path / "x"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(EnvironmentFault, match="GB are free"):
        require_space(tmp_path, 1 << 60)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
        RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"),
    ],
    ids=["safetensors", "torch"],
)
def test_a_full_disk_is_known_in_the_words_of_libraries(tmp_path, monkeypatch, error):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(EnvironmentFault, match="disk is full"), output_directory(tmp_path / "x"):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_writing_is_not_blamed_on_a_disk_with_space(tmp_path):
    with pytest.raises(RuntimeError), output_directory(tmp_path / "x"):
        raise RuntimeError("failed writing file")


@pytest.mark.parametrize("kind", [output_file, output_directory])
def test_a_place_that_cannot_be_written_to_is_the_environments_fault(tmp_path, kind):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="file: cannot be written"), kind(
        tmp_path / "file" / "x"
    ):  # fmt: skip
        pass
    # Nothing can be created in this directory, whoever asks.
    with pytest.raises(EnvironmentFault, match="cannot be written"), kind(Path("/proc/self/x")):
        pass
    with pytest.raises(EnvironmentFault, match="cannot be written"), kind(tmp_path / ("x" * 300)):
        pass


def test_names_that_are_none_and_directories_are_refused(tmp_path):
    for kind in (output_file, output_directory):
        with pytest.raises(OutputError, match="no name"), kind(Path("/")):
            pass
    with pytest.raises(OutputError, match="is a directory"), output_file(tmp_path, overwrite=True):
        pass
    assert tmp_path.is_dir()


WRITER = """
import sys, time
from pathlib import Path
from types import SimpleNamespace
from optical_cli.formats.outputs import output_file, output_directory
kind, target = sys.argv[1:]
with (output_file if kind == "file" else output_directory)(Path(target)) as out:
    out.write(b"half") if kind == "file" else (out / "half").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_killed_midway_leaves_nothing_under_the_final_name(tmp_path, kind):
    target = tmp_path / "x"
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, kind, str(target)], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"writing\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not target.exists()
    with (output_file if kind == "file" else output_directory)(target):
        pass  # The dead writer's lock is gone and its partial is replaced.
    assert target.exists()
    assert not partial_path(target).exists()
