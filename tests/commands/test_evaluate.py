import json

import pytest

QRELS = "q1 0 d1 1\nq1 0 d2 0\nq2 0 d3 2\nq3 0 d9 1\n"
RUN = "q1 Q0 d2 1 0.9 t\nq1 Q0 d1 2 0.8 t\nq2 Q0 d3 1 3 t\nq8 Q0 d1 1 3 t\n"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qrels.txt").write_text(QRELS)
    (tmp_path / "student.run").write_text(RUN)
    return ["--qrels", "qrels.txt", "--run", "student.run"]


def test_prints_a_table_of_means_in_which_missing_queries_count_zero(files, optical_here):
    code, out, err = optical_here("evaluate", *files, "--measure", "AP")
    assert code == 0
    assert out.split() == ["system", "AP", "student", "0.5000"]
    assert "1 of 3 judged queries have no results and count as empty rankings" in err
    assert "1 of 3 queries of the run have no judgements and are ignored" in err


def test_json_lines_have_every_field_and_null_for_the_mean(files, optical_here):
    code, out, _ = optical_here(
        "evaluate", *files, "--measure", "AP", "--format", "jsonl", "--per-query", "--tag", "n=0.2"
    )
    mean, *queries = map(json.loads, out.splitlines())
    assert code == 0
    assert mean["query_id"] is None and mean["value"] == 0.5 and mean["tags"] == {"n": 0.2}
    assert [(q["query_id"], q["value"]) for q in queries] == [("q1", 0.5), ("q2", 1.0), ("q3", 0.0)]
    assert mean["run"] == "student.run" and mean["system"] == "student"


def test_no_query_in_common_shows_the_first_ids_of_both(files, optical_here):
    with open("other.run", "w") as stream:
        stream.write("x1 Q0 d1 1 1 t\nx2 Q0 d1 1 1 t\n")
    code, out, err = optical_here("evaluate", "--qrels", "qrels.txt", "--run", "other.run")
    assert (code, out) == (3, "")
    assert "q1, q2, q3" in err and "x1, x2" in err


def test_writes_a_file_with_its_manifest_and_refuses_to_do_it_twice(files, optical_here, tmp_path):
    arguments = ["evaluate", *files, "-o", "scores.jsonl"]
    assert optical_here(*arguments)[:2] == (0, "")
    before = (tmp_path / "scores.jsonl").read_bytes()
    assert json.loads(before.splitlines()[0])["measure"] == "AP"
    manifest = json.loads((tmp_path / "scores.jsonl.manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-scores/1"
    assert [entry["path"] for entry in manifest["lineage"]] == ["qrels.txt", "student.run"]
    assert optical_here(*arguments)[0] == 4
    assert (tmp_path / "scores.jsonl").read_bytes() == before
