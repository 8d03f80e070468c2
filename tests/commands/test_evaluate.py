import json
import os

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
    assert out.split()[:4] == ["system", "AP", "student", "0.5000"]
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


BAD_RUNS = {
    "too few columns": ("q1 d1 0.5\n", "bad.run:1: expected 6 columns"),
    "too many columns": ("q1 Q0 d1 1 0.5 a b\n", "bad.run:1: expected 6 columns"),
    "score no number": ("q1 Q0 d1 1 high t\n", "bad.run:1: score 'high' is not a number"),
    "score NaN": ("q1 Q0 d1 1 NaN t\n", "bad.run:1: score 'NaN' is not a number"),
    "passage twice": ("q1 Q0 d1 1 2 t\n" * 2, "bad.run:2: query q1 has passage d1 twice"),
    "byte order mark": ("\ufeffq1 Q0 d1 1 2 t\n", "bad.run:1: starts with a byte order mark"),
    "blank line": ("q1 Q0 d1 1 2 t\n\n", "bad.run:2: is blank"),
    "empty": ("", "bad.run: is empty"),
    "no query in common": ("x1 Q0 d1 1 2 t\n", "no query in common: the qrels have q1, q2, q3"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_RUNS)
def test_a_bad_run_is_one_plain_error(files, optical_here, name):
    text, fault = BAD_RUNS[name]
    with open("bad.run", "w", encoding="utf-8") as stream:
        stream.write(text)
    code, out, err = optical_here(
        "evaluate", "--qrels", "qrels.txt", "--run", "bad.run", "-o", "scores.jsonl"
    )
    assert (code, out) == (3, "")
    assert fault in err and "Traceback" not in err
    assert not any("scores" in name for name in os.listdir())


BAD_QRELS = {
    "floats": ("q1 0 d1 0.5\n", "bad.qrels:1: relevance '0.5' is not an integer"),
    "three columns": ("q1 d1 1\n", "bad.qrels:1: expected 4 columns"),
    "five columns": ("q1 0 d1 1 1\n", "bad.qrels:1: expected 4 columns"),
    "byte order mark": ("\ufeffq1 0 d1 1\n", "bad.qrels:1: starts with a byte order mark"),
    "blank line": ("q1 0 d1 1\n\nq2 0 d1 1\n", "bad.qrels:2: is blank"),
    "passage twice": ("q1 0 d1 1\nq1 0 d1 0\n", "bad.qrels:2: query q1 has passage d1 twice"),
}


@pytest.mark.parametrize("name", BAD_QRELS)
def test_bad_judgements_are_one_plain_error(files, optical_here, name):
    text, fault = BAD_QRELS[name]
    with open("bad.qrels", "w", encoding="utf-8") as stream:
        stream.write(text)
    code, out, err = optical_here("evaluate", "--qrels", "bad.qrels", "--run", "student.run")
    assert (code, out) == (3, "") and fault in err


@pytest.mark.parametrize(
    ("arguments", "code", "fault"),
    [
        (["--measure", "nDGC@10", "--measure", "foo"], 2, "nDGC@10: unknown measure"),
        (["--baseline", "teacher"], 2, "--baseline teacher: not among the runs' systems"),
        (["--groups", "nope"], 2, "neither a file nor one of the presets"),
        (["--groups", "joshi2020"], 2, "no system has languages in both"),
        (["--qrels", "again.txt"], 2, "a file for every language is given twice"),
        (["--resamples", "0"], 2, "--resamples 0: must be at least 1"),
        (["--tag", "noise"], 2, "--tag noise: expected NAME=VALUE"),
        (["--run", "missing.run"], 3, "missing.run: cannot be read"),
        (["--run", "student=student.run"], 2, "more than one run is called student"),
    ],
)
def test_other_mistakes_have_their_exit_codes(files, optical_here, arguments, code, fault):
    found, out, err = optical_here("evaluate", *files, *arguments)
    assert (found, out) == (code, "") and fault in err


def test_all_unknown_measures_are_named_at_once(files, optical_here):
    _, _, err = optical_here("evaluate", *files, "--measure", "nDGC@10", "--measure", "foo@3")
    assert "nDGC@10" in err and "foo@3" in err and "NDCG@10" in err


def write_runs(systems: dict[str, int], languages=("de", "sw"), seeds=(1, 2)) -> list[str]:
    """Runs of 40 queries in which a system finds the passage at about the given rank."""
    arguments = []
    with open("qrels.txt", "w") as stream:
        stream.writelines(f"q{q} 0 d{q} 1\n" for q in range(40))
    for system, best in systems.items():
        for language in languages:
            for seed in seeds:
                path = f"{system}.{language}.{seed}.run"
                with open(path, "w") as stream:
                    for q in range(40):
                        rank = best + (q * 7 + seed + len(language)) % 3
                        ids = [f"d{q + 100 + i}" for i in range(8)]
                        ids.insert(rank - 1, f"d{q}")
                        stream.writelines(
                            f"q{q} Q0 {doc} {r} {20 - r} t\n" for r, doc in enumerate(ids, start=1)
                        )
                arguments += ["--run", f"{system}/{language}/{seed}={path}"]
    return arguments


def test_tsv_is_wide_and_names_what_tells_runs_apart(files, optical_here):
    runs = write_runs({"mse": 2}, seeds=(1,))
    code, out, _ = optical_here(
        "evaluate", "--qrels", "qrels.txt", *runs, "--measure", "AP", "--measure", "RR",
        "--format", "tsv",
    )  # fmt: skip
    header, *rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0 and header == ["system", "language", "seed", "AP", "RR"]
    assert [row[:3] for row in rows] == [
        ["mse", "de", "1"],
        ["mse", "sw", "1"],
        ["mse", "all", "mean"],
    ]
    assert float(rows[0][3]) == float(rows[0][4]) > 0.2


def test_the_table_says_what_is_shown_and_what_is_not(files, optical_here):
    runs = write_runs({"mse": 3, "ot": 1, "same": 3})
    code, out, _ = optical_here(
        "evaluate", "--qrels", "qrels.txt", *runs, "--measure", "AP", "--baseline", "mse",
        "--groups", "joshi2020",
    )  # fmt: skip
    assert code == 0
    against = out.split("Against mse")[1].split("Resource gap")[0]
    verdicts = [line for line in against.splitlines() if " AP " in line]
    assert len(verdicts) == 6
    assert all(line.endswith("better") for line in verdicts if line.startswith("ot "))
    assert all(line.endswith("no difference shown") for line in verdicts if line.startswith("same"))
    assert "low/high" in out and "AP|lib:ir-measures-" in out and "groups:joshi2020" in out


def test_records_carry_interval_p_baseline_and_signature(files, optical_here):
    runs = write_runs({"mse": 3, "ot": 1})
    arguments = ["evaluate", "--qrels", "qrels.txt", *runs, "--baseline", "mse", "--measure", "AP"]
    _, out, _ = optical_here(*arguments, "--format", "jsonl")
    records = [json.loads(line) for line in out.splitlines()]
    [mean] = [r for r in records if (r["system"], r["language"], r["seed"]) == ("ot", "sw", None)]
    assert mean["low"] <= mean["value"] <= mean["high"]
    assert 0 < mean["p"] < 0.05 and mean["baseline"] == "mse" and mean["comparison"]["shown"]
    assert mean["comparison"]["wins"] == 40
    assert "seeds:2" in mean["signature"] and "ties:score-desc-doc-id-desc" in mean["signature"]
    assert all(r["signature"] for r in records)
    assert optical_here(*arguments, "--format", "jsonl")[1] == out


def test_judgements_by_language(files, optical_here):
    runs = write_runs({"ot": 1}, seeds=(1,))
    os.rename("qrels.txt", "de.qrels")
    code, out, err = optical_here("evaluate", "--qrels", "de=de.qrels", *runs)
    assert (code, out) == (2, "") and "no judgements of language sw" in err
    code, out, _ = optical_here(
        "evaluate", "--qrels", "de=de.qrels", "--qrels", "sw=de.qrels", *runs, "--measure", "AP"
    )
    assert code == 0 and out.count("ot") >= 2


def test_doc_languages_add_peer_and_the_share_of_the_queries_language(files, optical_here):
    with open("languages.tsv", "w") as stream:
        stream.write("d1\ten\nd2\tswa\nd3\tsw\nd9\ten\n")
    code, out, _ = optical_here(
        "evaluate", "--qrels", "qrels.txt", "--run", "ot/sw=student.run", "--measure", "AP",
        "--doc-languages", "languages.tsv", "--fairness-cutoff", "1", "--format", "tsv",
    )  # fmt: skip
    header, row = [line.split("\t") for line in out.splitlines()]
    assert code == 0 and header[-3:] == ["AP", "PEER@1", "SameLanguage@1"]
    assert float(row[-1]) == pytest.approx(2 / 3)


def test_reads_a_run_from_stdin(tmp_path, optical):
    qrels = tmp_path / "qrels.txt"
    qrels.write_text(QRELS)
    done = optical("evaluate", "--qrels", qrels, "--run", "-", "--measure", "AP", stdin=RUN)
    assert done.returncode == 0 and done.stdout.split()[:4] == ["system", "AP", "stdin", "0.5000"]
