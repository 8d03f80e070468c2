"""What both training commands promise: batches that fit, limits, selection, plain errors."""

import json
import os
from pathlib import Path

import pytest
import torch

from optical_cli.formats.outputs import partial_path

PAIRS = [
    ("the children are reading", "watoto wanasoma"), ("water boils", "maji yanachemka"),
    ("who built the railway", "nani alijenga reli"), ("the first books", "vitabu vya kwanza"),
    ("milk was in england", "maziwa yalikuwa england"), ("read the books", "soma vitabu"),
]  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with all inputs, in which commands run."""
    monkeypatch.chdir(tmp_path)
    pairs = "".join(f"{s}\t{t}\tid{n}\n" for n, (s, t) in enumerate(PAIRS * 2))
    queries = enumerate(target for _, target in PAIRS)
    files = {
        "train.tsv": pairs,
        "dev.tsv": pairs,
        "queries.sw.tsv": "".join(f"q{n}\t{text}\n" for n, text in queries),
        "queries.tsv": "".join(f"q{n}\t{text}\n" for n, (text, _) in enumerate(PAIRS)),
        "collection.tsv": "".join(f"d{n}\t{text} now\n" for n, (text, _) in enumerate(PAIRS)),
        "qrels.txt": "".join(f"q{n} 0 d{n} 1\n" for n in range(len(PAIRS))),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def distill(tiny_models, place, optical_here):
    def run(*more: object, bitext: str = "train.tsv"):
        return optical_here(
            "distill", "--teacher", tiny_models / "teacher", "--bitext", bitext, "-o", "out",
            "--steps", 4, "--batch-size", 6, "--lr", 1e-3, "--dtype", "float32", "--log-every", 1,
            "--overwrite", *more,
        )  # fmt: skip

    return run


@pytest.fixture
def teach(tiny_models, place, optical_here):
    def run(*more: object):
        return optical_here(
            "train-teacher", "--model", tiny_models / "plain", "-o", "out", "--queries",
            "queries.tsv", "--collection", "collection.tsv", "--qrels", "qrels.txt", "--steps", 4,
            "--dim", 8, "--query-length", 12, "--passage-length", 24, *more,
        )  # fmt: skip

    return run


def records(name: str) -> list[dict]:
    with open("out/metrics.jsonl") as stream:
        found = map(json.loads, stream)
        return [record for record in found if name in record]


def losses() -> list[float]:
    return [record["loss"] for record in records("loss")]


def test_parts_and_recomputed_activations_are_the_same_training(distill):
    distill()
    whole = losses()
    for options in (["--accumulate", 3], ["--checkpoint-gradients"]):
        assert distill(*options)[0] == 0
        assert losses() == pytest.approx(whole, rel=1e-4)


def test_parts_of_a_batch_whose_texts_compete_are_warned_of(distill, teach):
    assert "compete within their part" not in distill("--accumulate", 2)[2]
    options = ["--accumulate", 2, "--objective", "ot+contrastive=0.1"]
    assert "compete within their part" in distill(*options)[2]
    assert "compete within their part" in teach("--accumulate", 2, "--overwrite")[2]


def test_batches_by_token_budget(distill):
    code, _, err = distill("--tokens-per-batch", 80)
    assert code == 0, err
    rows = [record["rows"] for record in records("loss")]
    assert rows[-1] < 24 and len(rows) == 4
    code, _, err = distill("--tokens-per-batch", 10)
    assert code == 2 and "one row alone can have" in err and "raise it" in err


@pytest.mark.parametrize("parts", [2, 8])
def test_a_batch_that_does_not_fit_says_what_would(distill, monkeypatch, parts):
    from optical_cli.training.distillation.step import DistillationStep

    step = DistillationStep.forward

    def forward(self, batch, progress):
        if len(batch) > 6 / parts:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return step(self, batch, progress)

    monkeypatch.setattr(DistillationStep, "forward", forward)
    code, _, err = distill()
    assert code == 5
    assert "6 rows at once do not fit into the memory of cpu" in err
    fits = "not even one row fits" if parts == 8 else "--accumulate 2 fits"
    assert fits in err and "Traceback" not in err
    if parts == 2:
        assert distill("--accumulate", 2)[0] == 0


def test_too_little_memory_is_said_before_the_first_step(distill, monkeypatch):
    monkeypatch.setattr("optical_cli.training.loop.report.free_memory", lambda device: 250_000)
    assert "this may not fit into memory" in distill()[2]
    monkeypatch.setattr("optical_cli.training.loop.report.free_memory", lambda device: 100)
    assert "weights and optimizer alone do not fit" in distill()[2]


def test_a_student_is_selected_by_the_ap_of_judged_queries(distill):
    dev = ["--dev-queries", "queries.sw.tsv", "--dev-qrels", "qrels.txt"]
    code, _, err = distill(*dev)
    assert code == 2 and "--dev-queries needs --dev-collection" in err
    code, _, err = distill(*dev, "--dev-collection", "collection.tsv", "--validate-every", 2)
    assert code == 0, err
    assert "selecting by AP of 6 queries on 6 passages" in err
    assert [record["step"] for record in records("AP")] == [0, 2, 4]
    manifest = json.loads(Path("out/manifest.json").read_text())
    best = max(record["AP"] for record in records("AP"))
    assert manifest["what"]["scores"] == {"AP": best}
    assert {"queries.sw.tsv", "qrels.txt"} <= {entry["path"] for entry in manifest["lineage"]}
    assert f"| dev | AP | {best:.4f} |" in Path("out/README.md").read_text()
    code, _, err = distill(*dev, "--dev-collection", "collection.tsv", "--dev", "dev.tsv")
    assert code == 2 and "select on one of them" in err


@pytest.fixture
def scored(monkeypatch):
    """Give the student these scores, one after the other; keep the weights that had each."""
    from optical_cli.training.validation.agreement import TeacherAgreement

    seen = []

    def run(*scores: float) -> list[dict[str, torch.Tensor]]:
        def score(self):
            seen.append({n: w.clone() for n, w in self.student.state_dict().items()})
            return scores[len(seen) - 1]

        monkeypatch.setattr(TeacherAgreement, "__call__", score)
        return seen

    return run


@pytest.mark.parametrize(
    ("scores", "best"),
    [((0.9, 0.3, 0.2, 0.1, 0.1), 0), ((0.1, 0.3, 0.9, 0.9, 0.2), 2),
     ((0.1, 0.9, 0.3, 0.2, 0.8), 1), ((0.1, 0.2, 0.3, 0.4, 0.9), 4)],
)  # fmt: skip
@pytest.mark.parametrize("patience", [[], ["--patience", 2]])
def test_the_best_weights_are_saved_and_not_the_last(distill, scored, scores, best, patience):
    from optical_cli.encoders import load

    seen = scored(*scores)
    code, _, err = distill("--dev", "dev.tsv", "--validate-every", 1, *patience)
    assert code == 0, err
    assert len(seen) == (min(best + 3, 5) if patience else 5)
    saved = load("out").state_dict()
    equal = [all(torch.equal(saved[n], w) for n, w in weights.items()) for weights in seen]
    assert equal == [step == best for step in range(len(seen))]
    what = json.loads(Path("out/manifest.json").read_text())["what"]
    assert (what["selected_step"], what["scores"]["teacher_agreement"]) == (best, scores[best])
    assert f"these are the weights of step {best}." in Path("out/README.md").read_text()


def test_a_teacher_is_selected_by_ap_and_stops_early(teach):
    code, _, err = teach(
        "--dev-queries", "queries.tsv", "--dev-qrels", "qrels.txt", "--validate-every", 1,
        "--patience", 2, "--steps", 40, "--lr", 1e-12,
    )  # fmt: skip
    assert code == 0, err
    assert "no better one in 2 validations: stopping early" in err
    assert [record["step"] for record in records("AP")] == [0, 1, 2]


def test_trackers_get_losses_with_rates_and_scores_without(distill, monkeypatch):
    sent = []

    def log(accelerator, values, step=None):
        sent.append((step, values))

    monkeypatch.setattr("accelerate.Accelerator.log", log)
    code, _, err = distill("--dev", "dev.tsv", "--dev-limit", 3, "--validate-every", 4)
    assert code == 0, err
    rates = {"loss", "lr", "rows_per_second", "tokens_per_second"}
    assert [step for step, values in sent if rates <= values.keys()] == [1, 2, 3, 4]
    scores = [(step, set(values)) for step, values in sent if "loss" not in values]
    assert scores == [(0, {"teacher_agreement"}), (4, {"teacher_agreement"})]


def test_how_long_it_will_take_is_said_after_a_few_steps(distill):
    assert "minutes to go" in distill("--steps", 9)[2]
    err = distill("--steps", 9, "--dev", "dev.tsv", "--dev-limit", 3)[2]
    assert "minutes to go, and " in err and "for validation" in err


@pytest.mark.parametrize(
    "options",
    [
        ["--epochs", 0], ["--steps", -1], ["--lr", -1], ["--embedding-lr", 0], ["--warmup", 1],
        ["--dropout", 2],
        ["--batch-size", 0], ["--tokens-per-batch", 0], ["--accumulate", 0], ["--log-every", 0],
        ["--validate-every", 0], ["--patience", 0], ["--dev-limit", 0], ["--limit", 0],
        ["--pair-length", 0], ["--temperature", 0], ["--language-temperature", 0],
        ["--weight-decay", -1], ["--max-grad-norm", -1], ["--lr", "nan"],
    ],
)  # fmt: skip
def test_numbers_out_of_bounds_are_usage_errors(distill, place, options):
    code, _, err = distill(*options)
    assert code == 2, err
    assert err.startswith(f"optical: error: {options[0]} ") and "must be" in err
    assert not (place / "out").exists()


def test_what_can_be_read_only_once_is_refused(distill, teach, place):
    os.mkfifo(place / "pipe")
    for name in ("-", "pipe"):
        for result in (
            distill("--dev", name), distill(bitext=name), teach("--qrels", name),
        ):  # fmt: skip
            code, _, err = result
            assert code == 2, err
            assert f"error: {name}: training reads its" in err and "more than once" in err


@pytest.mark.parametrize("checkpoints", [False, True])
def test_a_disk_that_fills_up_is_named_with_what_to_do(distill, monkeypatch, place, checkpoints):
    from optical_cli.training.loop.checkpoints import Checkpoints

    save = Checkpoints.save

    def full(self, state):
        if checkpoints and state.step == 2:
            return save(self, state)
        with open("/dev/full", "wb", buffering=0) as stream:
            stream.write(b"x")

    monkeypatch.setattr(Checkpoints, "save", full)
    code, _, err = distill("--checkpoint-every", 2)
    assert code == 5
    assert "error: out: the disk is full" in err and ".partial" not in err
    kept = "--resume then continues at step 2" if checkpoints else "nothing was kept"
    assert f"hint: free some space; {kept}" in err
    assert partial_path(place / "out").exists() == checkpoints


def test_a_cache_that_does_not_fit_is_named(distill, monkeypatch, place):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 0))
    code, _, err = distill("--cache-teacher", "cache")
    assert code == 5 and "error: cache: needs" in err and "are free" in err
    assert not any(path.name.startswith(".vectors") for path in (place / "cache").iterdir())


def test_an_empty_dev_set_is_an_error(distill, place):
    (place / "none.tsv").write_text("")
    code, _, err = distill("--dev", "none.tsv")
    assert code == 3 and "none.tsv: is empty" in err
    assert not partial_path(place / "out").exists()


def test_a_vocabulary_that_does_not_fit_is_warned_of_with_figures(distill, place):
    (place / "train.tsv").write_text("the children\tتقرأ الأطفال\nwater boils\tप्रकाश गति ω ψ\n" * 6)
    err = distill("--student-vocab", "keep")[2]
    assert "the student's vocabulary does not know" in err and "% of the tokens" in err


def test_a_gradient_that_is_not_clipped_is_measured_all_the_same(distill):
    distill("--max-grad-norm", 0)
    assert all(record["gradient_norm"] > 0 for record in records("loss"))
