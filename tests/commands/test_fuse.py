import json

import pytest

from optical_cli.formats.trec import read_run


@pytest.fixture
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.run").write_text("q1 Q0 d1 1 9 a\nq1 Q0 d2 2 8 a\nq2 Q0 d5 1 1 a\n")
    (tmp_path / "b.run").write_text("q1 Q0 d2 1 0.5 b\nq1 Q0 d3 2 0.1 b\n")
    return ["fuse", "a.run", "b.run"]


def test_reciprocal_rank(runs, optical_here, tmp_path):
    code, out, err = optical_here(*runs, "-o", "fused.run")
    assert (code, out) == (0, "")
    assert "1 of 2 queries are not in every run" in err
    fused = read_run("fused.run")
    assert list(fused["q1"]) == ["d2", "d1", "d3"]
    assert fused["q1"]["d2"] == pytest.approx(1 / 61 + 1 / 62)
    manifest = json.loads((tmp_path / "fused.run.manifest.json").read_text())
    assert [entry["path"] for entry in manifest["lineage"]] == ["a.run", "b.run"]


def test_weighted(runs, optical_here):
    arguments = ["--method", "weighted", "--weight", "1", "--weight", "0.1", "-o", "-"]
    code, out, _ = optical_here(*runs, *arguments)
    assert code == 0
    assert [line.split()[2:5:2] for line in out.splitlines()[:3]] == [
        ["d1", "1"], ["d2", "0.1"], ["d3", "0"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "other"),
    [("weighted", ["--k", 3]), ("reciprocal-rank", ["--normalization", "none"])],
)
def test_what_the_other_method_has_is_told(runs, optical_here, method, other):
    code, _, err = optical_here(*runs, "--method", method, *other, "-o", "-")
    assert code == 0 and f"not read: {other[0]} (--method {method} has none)" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["a.run"], 2, "two runs or more"),
        (["a.run", "b.run", "--weight", "1"], 2, "1 times for 2 runs"),
        (["a.run", "missing.run"], 3, "missing.run: cannot be read"),
    ],
)
def test_faults(runs, optical_here, tmp_path, arguments, code, message):
    found, _, err = optical_here("fuse", *arguments, "-o", "fused.run")
    assert found == code and message in err
    assert not (tmp_path / "fused.run").exists()


def test_existing_output_is_refused(runs, optical_here, tmp_path):
    (tmp_path / "fused.run").write_text("kept")
    assert optical_here(*runs, "-o", "fused.run")[0] == 4
    assert (tmp_path / "fused.run").read_text() == "kept"
