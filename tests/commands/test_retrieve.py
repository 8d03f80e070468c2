import json

import numpy as np
import pytest

from optical_cli.formats.trec import read_run
from optical_cli.formats.vectors import ModelIdentity, Shard
from optical_cli.formats.vectors_writing import write_vectors

DIM = 8


def unit(rng, tokens, dim=DIM):
    vectors = rng.standard_normal((tokens, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write(name, prefix, count, kind, model="teacher", dim=DIM, shard=None):
    from pathlib import Path

    rng = np.random.default_rng(count)
    names = [f"{prefix}{i}" for i in range(count)]
    records = {n: unit(rng, int(rng.integers(1, 9)), dim) for n in names}
    batch = (names, list(records.values()))
    write_vectors(Path(name), [batch], ModelIdentity(model, model, model, dim), kind=kind,
                  encoding="float32", shard=shard)  # fmt: skip
    return records


@pytest.fixture
def sets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write("q", "q", 3, "queries"), write("c", "d", 30, "collection")


@pytest.fixture
def retrieve(optical_here):
    def run(*arguments, queries="q", collection="c", output="student.run"):
        return optical_here(
            "retrieve", "--queries", queries, "--collection", collection, "-o", output, *arguments
        )

    return run


def maxsim(query, passage):
    return np.float32((query.astype(np.float64) @ passage.T).max(1).sum())


def test_writes_a_run_of_six_columns_that_keeps_float32(sets, retrieve, tmp_path):
    queries, passages = sets
    code, out, _ = retrieve("--top-k", 7)
    assert (code, out) == (0, "")
    rows = [line.split(" ") for line in (tmp_path / "student.run").read_text().splitlines()]
    assert len(rows) == 21 and {len(row) for row in rows} == {6}
    assert [row[3] for row in rows[:7]] == list("1234567")
    assert {row[5] for row in rows} == {"student"} and {row[1] for row in rows} == {"Q0"}
    for query_id, _, doc_id, _, score, _ in rows:
        expected = maxsim(queries[query_id], passages[doc_id])
        assert float(score) == pytest.approx(expected, abs=1e-5)
        assert f"{np.float32(score):.9g}" == score
    best = max(passages, key=lambda name: maxsim(queries["q0"], passages[name]))
    assert rows[0][2] == best


def test_the_manifest_leads_back_to_both_sets(sets, retrieve, tmp_path):
    retrieve("--top-k", 2)
    manifest = json.loads((tmp_path / "student.run.manifest.json").read_text())
    assert manifest["what"]["counts"] == {"records": 6, "queries": 3}
    assert [entry["path"] for entry in manifest["lineage"]] == ["q", "c"]
    assert all("manifest" in entry for entry in manifest["lineage"])


def test_stdout_and_a_tag(sets, retrieve):
    code, out, _ = retrieve("--top-k", 1, "--tag", "mine", output="-")
    assert code == 0 and len(out.splitlines()) == 3 and out.split()[5] == "mine"


def test_more_than_there_are_takes_all_and_says_so(sets, retrieve, tmp_path):
    code, _, err = retrieve()
    assert code == 0 and "--top-k 1,000: the collection has 30 passages, and all are ranked" in err
    assert len((tmp_path / "student.run").read_text().splitlines()) == 90


def test_candidates_are_ranked_anew(sets, retrieve, tmp_path):
    retrieve()
    full = read_run(tmp_path / "student.run")
    lines = [f"q{q} Q0 d{d} 1 {d} bm25\n" for q in (0, 2) for d in (3, 9, 27)]
    (tmp_path / "bm25.run").write_text("".join(lines))
    code, _, err = retrieve("--candidates", "bm25.run", "--top-k", 2, output="again.run")
    assert code == 0 and "has no candidates for 1 of 3 queries" in err
    found = read_run(tmp_path / "again.run")
    assert set(found) == {"q0", "q2"}
    for query, ranking in found.items():
        of_three = {doc: score for doc, score in full[query].items() if doc in ("d3", "d9", "d27")}
        assert list(ranking.items()) == list(of_three.items())[:2]


def test_candidates_from_elsewhere_are_refused(sets, retrieve, tmp_path):
    (tmp_path / "a.run").write_text("q0 Q0 x7 1 2 t\n")
    code, _, err = retrieve("--candidates", "a.run")
    assert code == 3 and "1 of 1 candidates are not among its passages: x7" in err
    (tmp_path / "b.run").write_text("z0 Q0 d7 1 2 t\n")
    code, _, err = retrieve("--candidates", "b.run")
    assert code == 3 and "no query in common: q0, q1, q2 in q, z0 here" in err
    assert not (tmp_path / "student.run").exists()


def test_vectors_that_cannot_be_compared_are_refused(sets, retrieve, tmp_path):
    write("other", "q", 2, "queries", model="mbert")
    code, _, err = retrieve(queries="other")
    assert code == 3 and "vectors of mbert" in err and "those of teacher" in err
    write("narrow", "q", 2, "queries", dim=4)
    code, _, err = retrieve(queries="narrow")
    assert code == 3 and "are 4 wide" in err
    code, _, err = retrieve(queries="c")
    assert code == 3 and "c: holds vectors of a collection, not of queries" in err
    assert not list(tmp_path.glob("*.run*"))


def test_missing_shards_are_named(sets, retrieve):
    write("s", "d", 4, "collection", shard=Shard(2, 3))
    code, _, err = retrieve(collection="s")
    assert code == 3 and "s: lacks 2 of 3 shards: 1, 3" in err


def test_the_same_call_gives_the_same_bytes(sets, retrieve, tmp_path):
    retrieve(output="a.run")
    retrieve("--batch-size", 1, "--workers", 3, "--tag", "a", output="b.run")
    assert (tmp_path / "a.run").read_bytes() == (tmp_path / "b.run").read_bytes()


def test_an_existing_output_is_left_alone(sets, retrieve, tmp_path):
    (tmp_path / "student.run").write_text("mine")
    assert retrieve()[0] == 4
    assert (tmp_path / "student.run").read_text() == "mine"
    assert retrieve("--overwrite")[0] == 0


@pytest.mark.parametrize("arguments", [("--top-k", 0), ("--tag", "a b"), ("--batch-size", 0)])
def test_impossible_calls_are_usage_errors(sets, retrieve, arguments):
    code, _, err = retrieve(*arguments)
    assert code == 2 and err.startswith("optical: error: ")
