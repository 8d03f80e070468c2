"""What made a file, and the way back."""

import errno
import json
from pathlib import Path

import pytest

from optical_cli.errors import EnvironmentFault, InputError, OutputError
from optical_cli.formats.lineage import trace
from optical_cli.formats.manifest import (
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
    (tmp_path / "clean.tsv").write_text("a\tb\n")
    counts = {"records": 1}
    clean = new_manifest("optical-bitext/1", invocation(), inputs=["raw.tsv"], counts=counts)
    write_manifest("clean.tsv", clean)
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


def test_a_file_without_room_for_its_manifest_goes_as_well(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "run.trec").write_text("whole")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(EnvironmentFault, match=r"run.trec: the disk is full"):
        write_manifest(tmp_path / "run.trec", new_manifest("optical-run/1", invocation()))
    assert list(tmp_path.iterdir()) == []
