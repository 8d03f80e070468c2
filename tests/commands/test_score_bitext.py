"""`optical score-bitext`: pairs scored by students that have not seen them."""

import json
import shutil

import numpy as np
import pytest

WORDS = {
    "the": "le", "first": "kwanza", "railway": "reli", "built": "jenga", "england": "ulaya",
    "water": "maji", "boils": "chemka", "milk": "maziwa", "children": "watoto", "read": "soma",
    "books": "vitabu", "who": "nani", "when": "lini", "degrees": "digrii",
}  # fmt: skip


def sentences(count, seed=0):
    choose = np.random.default_rng(seed)
    for _ in range(count):
        words = choose.choice(list(WORDS), 5, replace=False).tolist()
        yield " ".join(words), " ".join(WORDS[word] for word in words)


@pytest.fixture(scope="module")
def first(tiny_models, tmp_path_factory):
    """A first student of the tiny teacher, and beside it the pairs that it learned from."""
    from optical_cli.app import app

    folder = tmp_path_factory.mktemp("first")
    lines = (f"{s}\t{t}\tid{n}\n" for n, (s, t) in enumerate(sentences(60)))
    (folder / "pairs.tsv").write_text("".join(lines))
    command = ["distill", "--teacher", tiny_models / "teacher", "--bitext", folder / "pairs.tsv"]
    command += ["--steps", 3, "--batch-size", 4, "--lr", 1e-3, "-o", folder / "student"]
    app(list(map(str, command)), standalone_mode=False)
    return folder / "student"


@pytest.fixture
def bitext(first, tmp_path):
    return shutil.copy(first.with_name("pairs.tsv"), tmp_path / "pairs.tsv")


@pytest.fixture
def score(tiny_models, first, bitext, tmp_path, optical_here):
    """Score to `scored.jsonl`; give code and stderr, and the rows if it worked."""

    def run(*more, bitext=bitext, student=first, output="scored.jsonl"):
        path = tmp_path / output
        args = ["--teacher", tiny_models / "teacher", "--student", student, bitext, "-o", path]
        code, _, err = optical_here("score-bitext", *args, *more)
        return code, err, list(map(json.loads, path.read_text().splitlines())) if not code else []

    return run


def test_help_has_examples(optical_here):
    code, out, _ = optical_here("score-bitext", "--help")
    assert code == 0 and "optical score-bitext --teacher" in out and "--keep-best" in out


def test_every_pair_keeps_its_columns_and_gets_scores(score, bitext):
    code, err, rows = score()
    assert code == 0, err
    assert [[row[n] for n in ("source", "target", "id")] for row in rows] == [
        line.split("\t") for line in bitext.read_text().splitlines()
    ]
    assert set(rows[0]) == {"id", "source", "target", "fold", "cost", "cost_z", "margin"}
    assert {row["fold"] for row in rows} == {1, 2}
    assert all(0 <= row["cost"] <= 2 for row in rows)
    for fold in (1, 2):
        assert np.median([row["cost_z"] for row in rows if row["fold"] == fold]) == pytest.approx(
            0, abs=1e-5
        )


def test_the_student_of_a_fold_learns_from_the_other_folds_alone(score, tmp_path):
    code, err, rows = score("--students", tmp_path / "kept", "--folds", "3")
    assert code == 0, err
    for fold in (1, 2, 3):
        learned = (tmp_path / "kept" / f"without-{fold}-of-3.tsv").read_text()
        ids = {line.split("\t")[2] for line in learned.splitlines()}
        assert ids == {row["id"] for row in rows if row["fold"] != fold}
        student = tmp_path / "kept" / f"student-{fold}-of-3"
        manifest = json.loads((student / "manifest.json").read_text())
        settings = manifest["what"]["settings"]
        assert settings["schedule"]["steps"]["value"] == 3
        assert settings["distill"]["bitext"]["value"] == [
            str(tmp_path / "kept" / f"without-{fold}-of-3.tsv")
        ]


def test_kept_students_are_taken_again_and_those_of_other_pairs_refused(score, bitext, tmp_path):
    kept = ("--students", tmp_path / "kept")
    before = score(*kept)[2]
    made = (tmp_path / "kept" / "student-1-of-2" / "manifest.json").stat().st_mtime_ns
    code, err, rows = score(*kept, "--overwrite")
    assert code == 0 and rows == before
    assert (tmp_path / "kept" / "student-1-of-2" / "manifest.json").stat().st_mtime_ns == made
    bitext.write_text("".join(bitext.read_text().splitlines(keepends=True)[:50]))
    code, err, _ = score(*kept, "--overwrite")
    assert code == 4 and "learned from other pairs" in err


def test_the_same_seed_gives_the_same_scores_and_another_other_folds(score):
    first = score()[2]
    assert first == score("--overwrite")[2]
    other = score("--seed", "5", "--overwrite")[2]
    assert [row["fold"] for row in first] != [row["fold"] for row in other]


@pytest.mark.parametrize("marginals", ["real", "attention", "words", "words+norm"])
def test_one_student_for_all_warns_and_agrees_with_evaluate_alignment(
    score, first, bitext, tiny_models, tmp_path, optical_here, marginals
):
    """The mean transport cost is what `evaluate-alignment` finds by the same models."""
    code, err, rows = score("--folds", "1", "--dtype", "float32", "--marginals", marginals)
    assert code == 0 and "approves what it has memorised" in err
    assert {row["fold"] for row in rows} == {0}
    code, _, err = optical_here(
        "evaluate-alignment", "--teacher", tiny_models / "teacher", "--student", first,
        "--bitext", bitext, "--dtype", "float32", "--format", "jsonl", "-o", tmp_path / "a.jsonl",
        "--marginals", marginals,
    )  # fmt: skip
    assert code == 0, err
    found = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    costs = [s["value"] for s in found if s["measure"] == "transport-cost" and not s["query_id"]]
    assert np.mean([row["cost"] for row in rows]) == pytest.approx(costs[0], abs=2e-3)


def test_a_malformed_line_is_named(score, bitext):
    with bitext.open("a") as out:
        out.write("no second column\n")
    code, err, _ = score()
    assert code == 3 and f"{bitext}:61: expected at least 2" in err


def test_existing_output_is_refused_and_unchanged(score, tmp_path):
    (tmp_path / "scored.jsonl").write_text("mine")
    code, err, _ = score()
    assert code == 4 and "--overwrite" in err
    assert (tmp_path / "scored.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--folds", "0"], 2, "--folds 0: must be at least 1"),
        (["--folds", "50", "--limit", "3"], 3, "3 pairs do not fill 50 folds"),
        (["--columns", "1"], 2, "--columns 1"),
        (["--marginals", "idf"], 2, "saved without token weights"),
        (["--by", "words"], 2, "--by words takes no --teacher, --student"),
    ],
)
def test_what_cannot_be(score, tmp_path, options, code, words):
    found, err, _ = score(*options)
    assert found == code and words in err
    assert not (tmp_path / "scored.jsonl").exists()


def test_a_student_of_other_make_cannot_be_repeated(score, tiny_models):
    code, err, _ = score(student=tiny_models / "student")
    assert code == 3 and "manifest" in err
    assert score("--folds", "1", student=tiny_models / "student")[0] == 0


@pytest.fixture
def by_words(tmp_path, optical_here):
    """Score by words to `scored.jsonl`; give code and stderr, and the rows if it worked."""

    def run(bitext, *more):
        path = tmp_path / "scored.jsonl"
        code, out, err = optical_here("score-bitext", "--by", "words", bitext, "-o", path, *more)
        rows = list(map(json.loads, path.read_text().splitlines())) if not code else []
        return code, out + err, rows

    return run


@pytest.fixture
def noisy(tmp_path, optical_here):
    """300 pairs, of which 100 have a target of each other's; and the places of these."""
    lines = [f"{s}\t{t}" for s, t in sentences(300)]
    targets = [line.split("\t")[1] for line in lines]
    targets[:100] = targets[1:100] + targets[:1]
    path = tmp_path / "noisy.tsv"
    rows = zip(lines, targets, strict=True)
    path.write_text("".join(f"{line.split(chr(9))[0]}\t{t}\tid{n}\n" for n, (line, t) in
                            enumerate(rows)))  # fmt: skip
    return path


def test_words_find_wrong_pairs_and_prepare_bitext_drops_them(
    by_words, noisy, tmp_path, optical_here
):
    code, said, rows = by_words(noisy)
    assert code == 0, said
    assert [row["id"] for row in rows] == [f"id{n}" for n in range(300)]
    assert set(rows[0]) == {
        "id", "source", "target", "fold", "cost", "cost_z", "margin", "parallel"
    }  # fmt: skip
    assert {row["fold"] for row in rows} == {1, 2, 3, 4, 5}
    parallel = np.array([row["parallel"] for row in rows])
    assert (parallel[:100] < 0.5).mean() > 0.9 and (parallel[100:] >= 0.5).mean() > 0.9
    manifest = json.loads((tmp_path / "scored.jsonl.manifest.json").read_text())
    assert [entry["path"] for entry in manifest["lineage"]] == [str(noisy)]

    code, _, err = optical_here(
        "prepare-bitext", tmp_path / "scored.jsonl", "--target-lang", "sw", "--dev", "0",
        "--rule", "parallel=0.5", "-o", tmp_path / "kept",
    )  # fmt: skip
    assert code == 0, err
    account = json.loads((tmp_path / "kept" / "report.json").read_text())
    assert account["rejected"]["parallel"] == int((parallel < 0.5).sum())


def test_the_same_seed_gives_the_same_bytes_by_words(by_words, noisy, tmp_path):
    assert by_words(noisy)[0] == 0
    first = (tmp_path / "scored.jsonl").read_bytes()
    assert by_words(noisy)[0] == 4, "and an output that exists is left alone"
    assert (tmp_path / "scored.jsonl").read_bytes() == first
    assert by_words(noisy, "--overwrite")[0] == 0
    assert (tmp_path / "scored.jsonl").read_bytes() == first


def test_bad_input_by_words(by_words, noisy, tmp_path):
    code, err, _ = by_words(noisy, "--solver", "exact", "--neighbors", "2")
    assert code == 0 and "not read: --solver (--by words), --neighbors (--by words)" in err
    (tmp_path / "scored.jsonl").unlink()
    code, err, _ = by_words(noisy, "--folds", "1")
    assert code == 2 and "--folds 1: must be at least 2" in err
    code, err, _ = by_words(noisy, "--limit", "20")
    assert code == 3 and "20 pairs do not fill 5 folds with 6 each" in err
    mute = tmp_path / "mute.tsv"
    mute.write_text("".join(f"{'?' * n}\t{'!' * n}\n" for n in range(1, 90)))
    code, err, _ = by_words(mute)
    assert code == 3 and "89 pairs do not fill 5 folds" in err, "they share a side"
    with noisy.open("a") as out:
        out.write("no second column\n")
    code, err, _ = by_words(noisy)
    assert code == 3 and f"{noisy}:301: expected at least 2" in err
    assert not (tmp_path / "scored.jsonl").exists()


def test_transport_wants_its_models_and_gives_no_probability(optical_here, score, bitext, tmp_path):
    code, _, err = optical_here("score-bitext", bitext, "-o", tmp_path / "x.jsonl")
    assert code == 2 and "--by transport needs --teacher, --student" in err
    assert score()[0] == 0
    code, _, err = optical_here(
        "prepare-bitext", tmp_path / "scored.jsonl", "--target-lang", "sw", "--rule",
        "parallel=0.5", "-o", tmp_path / "kept",
    )  # fmt: skip
    assert code == 3 and "parallel asks for them" in err and "--by words" in err
