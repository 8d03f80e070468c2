"""The recipes run as a user runs them, and the toy world keeps its promise."""

import csv
import gzip
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

slow = pytest.mark.slow


def run(recipe: str, folder: Path, *args: str, **variables: str) -> str:
    """Run a recipe with this interpreter's `optical` first on the path; give its output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)} | variables
    result = subprocess.run(
        ["bash", ROOT / "recipes" / recipe, *args],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def table(file: Path) -> dict[str, dict[str, float]]:
    with open(file, newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return {row.pop("system"): {name: float(value) for name, value in row.items()} for row in rows}


def test_quickstart_leaves_a_folder_alone_that_it_did_not_make(tmp_path):
    kept = tmp_path / "mine" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    command = ["bash", ROOT / "recipes" / "quickstart.sh", kept.parent]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 4 and "name another folder" in found.stderr
    assert kept.read_text() == "mine"


@slow
def test_quickstart_distills_most_of_the_ceiling(tmp_path):
    out = run("quickstart.sh", tmp_path)
    summary = tmp_path / "work" / "quickstart" / "summary.tsv"
    assert summary.read_text().splitlines()[0] == "system\tAP\tRR@10"
    scores = table(summary)
    assert set(scores) == {"zero-shot", "distilled", "ceiling"}
    ceiling = scores["ceiling"]["AP"]
    assert ceiling >= 0.6
    assert scores["zero-shot"]["AP"] <= 0.35 * ceiling
    assert scores["distilled"]["AP"] >= 0.8 * ceiling
    assert "summary.tsv" in out


@pytest.fixture(scope="module")
def base(tmp_path_factory, real_data):
    """A tiny encoder of random weights that stands for MODEL."""
    from optical_cli.app import main

    folder = tmp_path_factory.mktemp("model") / "base"
    words = ("init-model", "--text", real_data / "clir" / "afriqa" / "collection.tsv",
             "--vocab-size", 2000, "--layers", 1, "--hidden", 32, "-o", folder)  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(sys, "argv", ["optical", *map(str, words)])
        main()
    assert (folder / "manifest.json").is_file()
    return folder


@slow
def test_afriqa_recipe_runs_on_a_few_pairs(tmp_path, real_data, base):
    run("afriqa-swahili.sh", tmp_path, MODEL=str(base), DATA=str(real_data), LIMIT="100")
    work = tmp_path / "work" / "afriqa-swahili"
    scores = table(work / "summary.tsv")
    assert set(scores) == {"bm25", "zero-shot", "psq", "gloss", "distilled", "fused", "ceiling"}
    assert 0.2 < scores["bm25"]["AP"] < scores["psq"]["AP"]

    # The study takes up what lies there, and what it has done.
    systems = "gloss psq untrained ot fused human"
    study = {"MODEL": str(work / "teacher"), "DATA": str(real_data), "SYSTEMS": systems}
    run("swahili-study.sh", tmp_path, **study)
    with open(work / "study" / "dev.tsv", newline="") as stream:
        agreement = {
            row["system"]: float(row["AP"]) for row in csv.DictReader(stream, delimiter="\t")
        }
    assert set(agreement) == set(systems.split())
    assert agreement["human"] == 1 > agreement["ot"] > 0
    students = [work / "study" / f"student.{name}" for name in ("untrained", "ot.13")]
    before = [(folder / "manifest.json").stat().st_mtime_ns for folder in students]
    run("swahili-study.sh", tmp_path, **study, TEST="yes")
    assert (work / "study" / "test.tsv").is_file()
    assert before == [(folder / "manifest.json").stat().st_mtime_ns for folder in students]


@slow
def test_one_index_serves_many_languages(tmp_path, real_data, base):
    run("one-index-many-languages.sh", tmp_path, MODEL=str(base), DATA=str(real_data),
        LANGS="ar th", LIMIT="60")  # fmt: skip
    work = tmp_path / "work" / "one-index-many-languages"
    assert (work / "passages" / "manifest.json").is_file()
    rows = (work / "summary.tsv").read_text().splitlines()
    assert {"zero-shot", "psq", "gloss", "student"} <= {row.split("\t")[0] for row in rows}


@slow
def test_a_new_language_from_two_folders(tmp_path, real_data, base):
    (tmp_path / "bitext").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "bitext" / "sw.tsv.gz").symlink_to(real_data / "bitext" / "sw-en.tsv.gz")
    passages = (real_data / "clir/afriqa/collection.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in passages.split("\n")[:-1]]
    (tmp_path / "texts" / "a.tsv").write_text("".join(f"{r[0]}\t{r[1]}\n" for r in rows[1000:]))
    (tmp_path / "texts" / "b.txt").write_text("One passage\nof two lines.\n\n\nAnother one.\n")
    out = run(
        "new-language.sh", tmp_path, LANGUAGE="sw", BITEXT=str(tmp_path / "bitext"),
        COLUMNS_OF_BITEXT="2,1", PASSAGES=str(tmp_path / "texts"), MODEL=str(base), LIMIT="60",
        QUERIES=str(real_data / "clir/afriqa/queries.swa.test.tsv"),
        QRELS=str(real_data / "clir/afriqa/qrels.swa.test.txt"),
    )  # fmt: skip
    collection = (tmp_path / "work/new-language/collection.tsv").read_text().splitlines()
    assert "b-1\tOne passage of two lines." in [row.rstrip() for row in collection]
    assert "b-2\tAnother one." in [row.rstrip() for row in collection]
    assert out.count("  -> ") == 3
    assert set(table(tmp_path / "work/new-language/summary.tsv")) == {
        "untrained",
        "gloss",
        "student",
    }


# Stands for `optical`: notes what was asked for, and makes an output of it.
NOTES = """#!/usr/bin/env bash
echo "$1" >> calls
out="${!#}"
if [ "$1" != prepare-bitext ]; then touch "$out"; exit; fi
mkdir "$out"
printf 'One\\tMoja\\n' > "$out/train.tsv"
"""


def test_a_stopped_recipe_goes_on_and_minds_other_settings(tmp_path):
    (tmp_path / "optical").write_text(NOTES)
    (tmp_path / "optical").chmod(0o755)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.tsv").write_text("1\tA passage.\n")

    def again(**variables):
        environment = os.environ | {
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "LANGUAGE": "sw",
            "BITEXT": "texts", "PASSAGES": "texts", "LIMIT": "7", **variables,
        }  # fmt: skip
        (tmp_path / "calls").write_text("")
        result = subprocess.run(["bash", ROOT / "recipes" / "new-language.sh"], cwd=tmp_path,
                                env=environment, capture_output=True, text=True)  # fmt: skip
        return result, (tmp_path / "calls").read_text().split()

    first, calls = again()
    assert first.returncode == 0, first.stderr
    train = ["distill", "distill", "merge"]
    assert calls == ["prepare-bitext", "lexicon", "crop-bitext", *train, "encode"]
    (tmp_path / "work/new-language/student").unlink()
    (tmp_path / "work/new-language/student.ot").unlink()
    assert again()[1] == ["distill", "merge"]
    other, calls = again(LIMIT="8")
    assert other.returncode == 4 and not calls
    assert "work/new-language was made with" in other.stderr and "LIMIT=7" in other.stderr


@slow
def test_the_translation_baseline_learns_from_the_same_pairs(tmp_path, real_data, base):
    run("mt-baseline.sh", tmp_path, MODEL=str(base), DATA=str(real_data), LIMIT="100", EPOCHS="0.5")
    work = tmp_path / "work" / "mt-baseline"
    scores = table(work / "summary.tsv")
    translated = {f"{how}.{by}" for how in ("same-bitext-mt", "gloss", "human")
                  for by in ("bm25", "teacher")}  # fmt: skip
    assert translated | {"psq", "zero-shot", "student"} == set(scores)
    assert scores["human.bm25"]["AP"] > scores["same-bitext-mt.bm25"]["AP"]


@slow
def test_alignment_before_and_after(tmp_path, real_data, base):
    out = run("xquad-alignment.sh", tmp_path, MODEL=str(base), DATA=str(real_data), LANGS="de",
              LIMIT="60", OBJECTIVES="ot+cosine")  # fmt: skip
    rows = [line.split("\t") for line in out.splitlines() if "\t" in line]
    assert rows[0][:4] == ["system", "language", "alignment", "uniformity"]
    signatures = {tuple(row[:2]): row[-1] for row in rows[1:]}
    assert signatures.keys() >= {("before", "de"), ("ot+cosine", "de")}
    assert all(signature.startswith("alignment|pairs:") for signature in signatures.values())
    assert (tmp_path / "work" / "xquad-alignment" / "report.html").is_file()


XGLUE = {
    "wpr": "katze\tKatzen\tAlles\t3\nkatze\tHunde\tNichts\t0\n",
    "qadsm": "schuhe\tSchuhe\tBillig\tGood\nschuhe\tHut\tTeuer\tBad\n",
    "qam": "wer?\tder König\t1\nwer?\tniemand\t0\n",
}


@slow
def test_three_objectives_on_afriqa_and_xglue(tmp_path, real_data, base):
    copy = tmp_path / "xglue"
    copy.mkdir()
    for task, text in XGLUE.items():
        for lang in ("de", "en"):
            (copy / f"xglue.{task}.{lang}.dev").write_text(text, encoding="utf-8")
    out = run("contrastive-xglue.sh", tmp_path, MODEL=str(base), DATA=str(real_data), LIMIT="40",
              XGLUE=str(copy))  # fmt: skip
    work = tmp_path / "work" / "contrastive-xglue"
    systems = {"zero-shot", "ot", "contrastive", "ot+contrastive"}
    assert set(table(work / "summary.tsv")) == systems
    rows = (work / "wpr.tsv").read_text().splitlines()
    assert rows[0] == "system\tlanguage\tnDCG" and len(rows) == 1 + 1 + 4
    assert "accuracy" in out


def test_xglues_ndcg_is_scikit_learns(load):
    import numpy as np
    from sklearn.metrics import ndcg_score

    measures = load("xglue-measures")
    random = np.random.default_rng(5)
    for size in (2, 3, 8, 30):
        gains = random.integers(0, 5, size)
        gains[0] = 4
        scores = random.integers(0, 4, size) / 2.0  # with ties
        assert measures.ndcg(gains, scores) == pytest.approx(ndcg_score([gains], [scores]))
    # The publishers' script leaves single candidates out, and scores what scikit-learn does.
    assert measures.ndcg([0, 0], [1.0, 2.0]) == ndcg_score([[0, 0]], [[1.0, 2.0]]) == 0
    assert measures.ndcg([1], [0.3]) is None


def test_queries_without_a_good_candidate_count_as_zero(load, tmp_path, monkeypatch, capsys):
    judged = "a Q0 a1 2\na Q0 a2 0\nb Q0 b1 0\nb Q0 b2 0\nc Q0 c1 1\n"
    (tmp_path / "qrels.de.dev.txt").write_text(judged)
    ranked = [f"{doc[0]} Q0 {doc} 1 {score} x\n" for doc, score in
              (("a1", 2), ("a2", 1), ("b1", 2), ("b2", 1), ("c1", 1))]  # fmt: skip
    (tmp_path / "ot.trec").write_text("".join(ranked))
    table = tmp_path / "wpr.tsv"
    words = ["--task", "wpr", "--folder", tmp_path, "--output", table,
             f"ot/de={tmp_path / 'ot.trec'}"]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["xglue-measures", *map(str, words)])
    load("xglue-measures").main()
    assert table.read_text().splitlines() == ["system\tlanguage\tnDCG", "ot\tde\t0.5000"]
    err = capsys.readouterr().err
    assert err == ("de: of 3 queries 1 have no grade above 0 and count 0,"
                   " 1 have a single candidate and are left out\n")  # fmt: skip


def test_xglues_accuracy_takes_one_threshold(load):
    measures = load("xglue-measures")
    english = [([1, 0], [0.9, 0.4]), ([0, 1], [0.6, 0.8])]
    threshold = measures.best_threshold(english)
    assert threshold == 0.8 and measures.accuracy(english, threshold) == 1
    assert measures.accuracy([([1, 1], [0.9, 0.1])], threshold) == 0.5


def test_the_papers_protocol_says_every_step_without_running_one(tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "DRY_RUN": "yes", "CLEF": "copy", "WORK": "work", "LANGS": "sw de"}
    result = subprocess.run(["bash", ROOT / "recipes" / "optical-paper.sh"], cwd=tmp_path,
                            env=os.environ | variables, capture_output=True, text=True)  # fmt: skip
    assert result.returncode == 0, result.stderr
    steps = [line.split()[2] for line in result.stderr.splitlines() if line.startswith("+ optical")]
    assert steps[:4] == ["import", "import", "train-teacher", "encode"]
    assert steps.count("distill") == 2 and steps.count("translate") == 2
    assert steps[-1] == "evaluate"
    translating = [line for line in result.stderr.splitlines() if "optical translate" in line]
    assert all("--model facebook/nllb-200-distilled-600M --allow-pickle" in t for t in translating)
    assert not (tmp_path / "work").exists()


def test_the_papers_own_languages_are_low_resource():
    from optical_cli.evaluation.groups import read_grouping

    grouping = read_grouping(str(ROOT / "recipes" / "optical-paper.toml"))
    members = grouping.members(["sw", "so", "tl", "mr", "de", "fr", "es"])
    assert members == {"low": ["sw", "so", "tl", "mr"], "high": ["de", "fr", "es"]}


def clef_of(toy: Path, folder: Path) -> Path:
    """The toy world's passages, as the Los Angeles Times', and questions in CLEF's layout."""
    folder.mkdir()
    rows = (line.split("\t") for line in (toy / "collection.tsv").read_text().splitlines())
    documents = (f"<DOC>\n<DOCNO>LA-{d}</DOCNO>\n<TEXT>\n{t}\n</TEXT>\n</DOC>\n" for d, t in rows)
    (folder / "news.sgml").write_text("".join(documents))
    for lang in ("en", "sw"):
        topics = (
            line.split("\t") for line in (toy / f"queries.{lang}.tsv").read_text().splitlines()
        )
        tag = lang.upper()
        titles = (
            (q, f"<{tag}-title>{t}</{tag}-title>\n<{tag}-desc></{tag}-desc>") for q, t in topics
        )
        texts = (f"<top>\n<num>{q}</num>\n{title}\n</top>\n" for q, title in titles)
        (folder / f"topics.{lang}").write_text("".join(texts))
    judged = (line.split() for line in (toy / "qrels.txt").read_text().splitlines())
    (folder / "qrels").write_text("".join(f"{q} 0 LA-{d} {grade}\n" for q, _, d, grade in judged))
    return folder


@slow
def test_the_papers_protocol_runs_on_the_toy_world(tmp_path, optical):
    toy = tmp_path / "toy"
    for words in (("toy", "-o", toy, "--passages", 80, "--queries", 12, "--triples", 200,
                   "--pairs", 300, "--dirt", 0),
                  ("init-model", "--text", toy / "collection.tsv", "--vocab-size", 400, "--layers",
                   1, "--hidden", 32, "-o", tmp_path / "base")):  # fmt: skip
        made = optical(*words)
        assert made.returncode == 0, made.stderr
    marco, bitext = tmp_path / "marco", tmp_path / "bitext"
    marco.mkdir()
    bitext.mkdir()
    (marco / "collection.tsv").write_text((toy / "collection.tsv").read_text())
    queries = (toy / "queries.en.tsv").read_text()
    (marco / "queries.en.tsv").write_text(queries)
    judged = [line.split() for line in (toy / "qrels.txt").read_text().splitlines()]
    triples = (f"{a[0]}\t{a[2]}\t{b[2]}\n" for a, b in itertools.pairwise(judged)
               if a[2] != b[2])  # fmt: skip
    (marco / "triples.ids.tsv").write_text("".join(triples))
    pairs = [line.split("\t") for line in (toy / "bitext.tsv").read_text().split("\n")[:-1]]
    with gzip.open(bitext / "sw-en.tsv.gz", "wt") as stream:
        stream.writelines(f"{p[1]}\t{p[0]}\n" for p in pairs if len(p) == 2)
    marian = tmp_path / "marian"
    train = tmp_path / "pairs.tsv"
    train.write_text("".join(f"{p[0]}\t{p[1]}\n" for p in pairs if len(p) == 2))
    small = ("--vocab-size", "300", "--layers", "1", "--hidden", "32", "--epochs", "1")
    command = [sys.executable, ROOT / "recipes/mt-baseline.py", "--bitext", train, *small,
               "--output", marian]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert made.returncode == 0, made.stderr
    out = run(
        "optical-paper.sh", tmp_path, CLEF=str(clef_of(toy, tmp_path / "clef")), LANGS="sw",
        MODEL=str(tmp_path / "base"), MSMARCO=str(marco), BITEXT=str(bitext), NMT=str(marian),
        RESOURCE_GROUPS="",
    )  # fmt: skip
    assert "translate-test" in out and "optical" in out
    summary = (tmp_path / "work/optical-paper/summary.tsv").read_text()
    assert {"zero-shot", "translate-test", "optical", "translate-bm25", "teacher"} <= {
        row.split("\t")[0] for row in summary.splitlines()
    }


@slow
def test_noise_sweep_fills_its_grid_and_skips_what_is_there(tmp_path, real_data, base):
    variables = {
        "MODEL": str(base), "DATA": str(real_data), "WORK": "sweep", "LANGUAGES": "es ro",
        "AMOUNT": "es", "AMOUNT_TECHNIQUES": "trust", "ALL": "120", "TECHNIQUES": "trust filtered",
        "LEVELS": "0 0.5", "PAIRS": "80", "SEEDS": "4",
    }  # fmt: skip
    out = run("noise-sweep.sh", tmp_path, **variables)
    work = tmp_path / "sweep"
    runs = {str(path.relative_to(work)) for path in work.glob("*/*.trec")}
    students = ["0.4.trust", "0.5.4.trust", "0.4.filtered.ot", "0.5.4.filtered.ot"]
    students += ["0.5.4.kept.ot", "0.5.4.kept.mse"]
    amount = {f"es.all/{level}.4.trust.trec" for level in ("0", "0.5")}
    assert runs == amount | {
        f"{code}.ntrex/{name}.trec" for code in ("es", "ro") for name in students
    }
    assert len(out.splitlines()) == len(runs) + 1, "a line for each student, and one for the page"
    lines = map(json.loads, (work / "scores.xquad.0.5.jsonl").read_text().splitlines())
    scores = {line["system"]: line for line in lines if line["statistic"] == "low/high"}
    assert set(scores) == {"trust", "filtered", "ot-kept", "mse-kept", "zero-shot"}
    assert scores["trust"]["tags"] == {"noise": 0.5}
    assert scores["trust"]["low"] < scores["trust"]["high"]
    assert len((work / "es.all/0.5.4.tsv").read_text().splitlines()) == 120
    page = (work / "report.html").read_text()
    assert "AP against noise" in page and "low- over high-resource languages" in page
    before = {path: path.stat().st_mtime_ns for path in work.glob("*/*.trec")}
    assert len(run("noise-sweep.sh", tmp_path, **variables).splitlines()) == 1, "nothing is left"
    assert {path: path.stat().st_mtime_ns for path in work.glob("*/*.trec")} == before
