"""What made a file, and the way back."""

import errno
import json
import os
import signal
import time
from pathlib import Path

import pytest

from optical_cli.errors import EnvironmentFault, InputError, OutputError
from optical_cli.formats.lineage import trace
from optical_cli.formats.manifest import (
    describe_input,
    described_file,
    file_hashes,
    manifest_of,
    new_manifest,
    require_format,
    write_manifest,
)
from optical_cli.formats.outputs import output_directory
from optical_cli.settings import Invocation


def invocation(**values):
    entries = {name: {"value": value, "from": "command line"} for name, value in values.items()}
    return Invocation("sample", {"sample": entries}, {"workers": 2, "output": "/somewhere/x"})


@pytest.fixture
def chain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw.tsv").write_text("a\tb\n")
    with described_file("clean.tsv") as (stream, describe):
        stream.write(b"a\tb\n")
        counts = {"records": 1}
        describe(new_manifest("optical-bitext/1", invocation(), inputs=["raw.tsv"], counts=counts))
    with output_directory(tmp_path / "model") as directory:
        (directory / "weights").write_bytes(b"\1\2")
        files = file_hashes(directory)
        manifest = new_manifest(
            "optical-model/1", invocation(lr=1.0), inputs=["clean.tsv"], files=files
        )
        write_manifest(directory, manifest)
    return tmp_path


def test_equal_runs_differ_in_occasion_only(chain):
    again = new_manifest(
        "optical-model/1", invocation(lr=1.0), inputs=["clean.tsv"],
        files=file_hashes(chain / "model"),
    )  # fmt: skip
    assert again.identity() == manifest_of(chain / "model").identity()
    other = new_manifest("optical-model/1", invocation(lr=2.0), inputs=["clean.tsv"])
    assert other.identity() != again.identity()


def test_no_absolute_path_of_the_machine(chain):
    text = (chain / "model" / "manifest.json").read_text()
    assert "/somewhere" not in text
    assert str(chain) not in text


def test_inputs_carry_bytes_records_and_hashes(chain):
    entry = manifest_of(chain / "model").lineage[0]
    assert entry["path"] == "clean.tsv"
    assert entry["bytes"] == 4
    assert entry["records"] == 1
    assert entry["manifest"] == manifest_of(chain / "clean.tsv").identity()
    assert len(entry["sha256"]) == 64


def test_trace_walks_back_to_the_first_file(chain):
    origin = trace(chain / "model")
    assert origin.inputs[0].path == "clean.tsv"
    assert origin.inputs[0].inputs[0].path == "raw.tsv"
    assert origin.inputs[0].inputs[0].manifest is None
    assert origin.sound()


def test_verify_finds_changes(chain):
    (chain / "raw.tsv").write_text("a\tc\n")
    assert trace(chain / "model").sound(), "the same size is believed without --verify"
    origin = trace(chain / "model", verify=True)
    assert origin.inputs[0].inputs[0].state == "changed"
    (chain / "model" / "weights").write_bytes(b"\1\3")
    assert trace(chain / "model", verify=True).differences == ["weights has changed"]


def test_seconds_count_from_the_call():
    late = Invocation("sample", {}, started=time.monotonic() - 90)
    assert 90 <= new_manifest("optical-run/1", late).occasion["seconds"] < 100


def test_a_missing_input_is_said(chain):
    (chain / "raw.tsv").unlink()
    assert trace(chain / "model").inputs[0].inputs[0].state == "missing"


def test_inspect_prints_the_chain(chain, optical_here):
    code, out, _ = optical_here("inspect", "model")
    assert code == 0
    assert [line.strip().split()[0] for line in out.splitlines() if "present" in line] == [
        "model", "clean.tsv", "raw.tsv",
    ]  # fmt: skip
    code, out, _ = optical_here("inspect", "model", "--format", "json")
    assert json.loads(out)["inputs"][0]["path"] == "clean.tsv"


def test_inspect_verify_exits_4_on_change(chain, optical_here):
    assert optical_here("inspect", "--verify", "model")[0] == 0
    (chain / "raw.tsv").write_text("a\tc\n")
    code, _, err = optical_here("inspect", "--verify", "model")
    assert code == 4
    assert "has changed" in err


def test_inspect_of_nothing_and_of_a_stranger(chain, optical_here):
    assert optical_here("inspect", "absent")[0] == 3
    code, _, err = optical_here("inspect", "raw.tsv")
    assert (code, "no manifest" in err) == (3, True)


def test_formats_and_versions(chain):
    assert require_format(chain / "model", "optical-model", 1)
    with pytest.raises(InputError, match="is optical-model, not optical-vectors"):
        require_format(chain / "model", "optical-vectors", 1)
    path = chain / "model" / "manifest.json"
    path.write_text(path.read_text().replace("optical-model/1", "optical-model/2"))
    with pytest.raises(OutputError, match=r"optical-model/2; this program reads optical-model/1"):
        require_format(chain / "model", "optical-model", 1)
    path.write_text("{}")
    with pytest.raises(InputError, match="not a manifest of ours"):
        require_format(chain / "model", "optical-model", 1)


@pytest.fixture
def folder(chain):
    """`clean/`, a directory of ours with two files, and `student/`, made from one of them."""
    with output_directory(Path("clean")) as directory:
        for name in ("train.tsv", "dev.tsv"):
            (directory / name).write_text(f"{name}\n")
        files = file_hashes(directory)
        write_manifest(
            directory,
            new_manifest(
                "optical-bitext/1",
                invocation(),
                inputs=["raw.tsv"],
                files=files,
                counts={"kept": 3, "train": 2},
            ),
        )
    with output_directory(Path("student")) as directory:
        manifest = new_manifest("optical-model/1", invocation(), inputs=["clean/train.tsv"])
        write_manifest(directory, manifest)
    return chain


def test_a_file_of_a_directory_leads_to_what_made_the_directory(folder, monkeypatch):
    entry = manifest_of(Path("student")).lineage[0]
    assert entry["part_of"] == "clean" and entry["records"] == 2
    assert entry["manifest"] == manifest_of(Path("clean")).identity()
    (file,) = trace(Path("student"), verify=True).inputs
    (made,) = file.inputs
    assert (file.path, made.path, made.inputs[0].path) == ("clean/train.tsv", "clean", "raw.tsv")
    assert trace(Path("clean/train.tsv")).inputs[0].path == "clean"
    assert "records" not in describe_input("clean/dev.tsv"), "nobody counted these"
    monkeypatch.chdir(folder / "clean")
    assert describe_input("train.tsv")["part_of"] == "."


def test_a_file_that_a_directory_does_not_list_is_a_first_file(folder):
    (folder / "clean" / "mine.tsv").write_text("a\n")
    (folder / "other").mkdir()
    (folder / "other" / "manifest.json").write_text('{"name": "of another program"}')
    (folder / "other" / "x.tsv").write_text("a\n")
    for path in ("clean/mine.tsv", "other/x.tsv"):
        assert set(describe_input(path)) == {"path", "bytes", "sha256"}


def test_a_directory_made_anew_is_not_the_one_that_was_read(folder):
    with output_directory(Path("clean"), overwrite=True) as directory:
        (directory / "train.tsv").write_text("train.tsv\n")
        files = file_hashes(directory)
        write_manifest(directory, new_manifest("optical-bitext/1", invocation(), files=files))
    (file,) = trace(Path("student"), verify=True).inputs
    assert (file.state, file.inputs[0].state) == ("present", "changed")


def test_one_changed_byte_is_found_wherever_it_is(folder, optical_here):
    for path in ("clean/train.tsv", "clean/dev.tsv", "clean.tsv", "raw.tsv"):
        assert trace(Path("student"), verify=True).sound()
        assert trace(Path("clean.tsv"), verify=True).sound()
        whole = (folder / path).read_bytes()
        (folder / path).write_bytes(whole[:-2] + b"!" + whole[-1:])
        start = "clean.tsv" if path == "clean.tsv" else "student"
        code, out, _ = optical_here("inspect", "--verify", start)
        assert (code, "changed" in out) == (4, True), path
        (folder / path).write_bytes(whole)


def test_what_interrupts_the_hashing_of_inputs_leaves_nothing(chain, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), described_file("new.tsv") as (stream, describe):
        stream.write(b"whole")
        monkeypatch.setattr("optical_cli.formats.manifest.sha256", interrupted)
        describe(new_manifest("optical-run/1", invocation(), inputs=["raw.tsv"]))
    assert not list(chain.glob("*new.tsv*"))
    with pytest.raises(KeyboardInterrupt), described_file("new.tsv") as (stream, describe):
        describe(new_manifest("optical-run/1", invocation()))  # Its own bytes are hashed last.
    assert not list(chain.glob("*new.tsv*"))


def test_an_interruption_between_the_renames_waits_for_the_last(chain, monkeypatch):
    move = os.replace

    def interrupting(source, target):
        move(source, target)
        signal.raise_signal(signal.SIGINT)

    for step in ("first", "again"):
        monkeypatch.setattr(os, "replace", interrupting)
        with (
            pytest.raises(KeyboardInterrupt),
            described_file("new.tsv", overwrite=step == "again") as (stream, describe),
        ):
            stream.write(step.encode())
            describe(new_manifest("optical-run/1", invocation()))
        monkeypatch.setattr(os, "replace", move)
        assert (chain / "new.tsv").read_text() == step
        assert trace(Path("new.tsv"), verify=True).sound()
        assert not list(chain.glob(".*"))


def test_what_is_behind_a_path_is_told_once(folder, optical_here):
    with described_file("run.trec") as (stream, describe):
        stream.write(b"x\n")
        inputs = ["student", "clean/train.tsv", "clean"]
        describe(new_manifest("optical-run/1", invocation(), inputs=inputs))
    code, out, _ = optical_here("inspect", "run.trec")
    lines = [line.strip().partition("  ") for line in out.splitlines() if "present" in line]
    assert code == 0
    assert [(name, "as above" in rest) for name, _, rest in lines] == [
        ("run.trec", False), ("student", False), ("clean/train.tsv", False), ("clean", False),
        ("raw.tsv", False), ("clean/train.tsv", True), ("clean", True),
    ]  # fmt: skip


def test_a_file_without_room_for_its_manifest_goes_as_well(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "run.trec"
    monkeypatch.setattr("optical_cli.formats.outputs._write_synced", full)
    with (
        pytest.raises(EnvironmentFault, match=r"run.trec: the disk is full"),
        described_file(target) as (stream, describe),
    ):
        stream.write(b"whole")
        describe(new_manifest("optical-run/1", invocation()))
    assert list(tmp_path.iterdir()) == []
