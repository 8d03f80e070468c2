import json

import numpy as np
import pytest

from optical_cli.encoders import load
from optical_cli.formats.outputs import partial_path
from optical_cli.formats.vectors import open_vectors

PAIRS = [
    ("the children are reading", "watoto wanasoma"), ("water boils", "maji yanachemka"),
    ("who built the railway", "nani alijenga reli"), ("the first books", "vitabu vya kwanza"),
    ("milk was in england", "maziwa yalikuwa england"), ("read the books", "soma vitabu"),
]  # fmt: skip


@pytest.fixture
def bitext(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("".join(f"{s}\t{t}\tid{n}\n" for n, (s, t) in enumerate(PAIRS * 3)))
    return path


@pytest.fixture
def distill(tiny_models, bitext, tmp_path, optical_here):
    """Run a short distillation to `student`; give code, stdout, stderr."""

    def run(*more: object, teacher: str = "teacher", bitext: object = bitext):
        return optical_here(
            "distill", "--teacher", tiny_models / teacher, "--bitext", bitext,
            "-o", tmp_path / "student", "--steps", 3, "--batch-size", 4, "--lr", 1e-3, *more,
        )  # fmt: skip

    return run


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def curve(folder):
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


def test_help_has_examples(optical_here):
    code, out, _ = optical_here("distill", "--help")
    assert code == 0 and "optical distill --teacher" in out


def test_no_step_writes_what_training_would_start_from(distill, tiny_models, tmp_path):
    from optical_cli.encoders import load

    code, _, err = distill("--steps", 0)
    assert code == 0 and ["steps", "0"] in [line.split() for line in err.splitlines()]
    student, teacher = load(tmp_path / "student"), load(tiny_models / "teacher")
    untrained = teacher.backbone.state_dict()
    assert all(weight.equal(untrained[n]) for n, weight in student.backbone.state_dict().items())


def test_a_student_is_an_encoder_of_its_teachers_family(distill, tiny_models, tmp_path):
    from optical_cli.encoders import load

    code, out, err = distill()
    assert (code, out) == (0, "")
    assert "parameters" in err and "pieces per word" in err and "which are cut" in err
    student, teacher = load(tmp_path / "student"), load(tiny_models / "teacher")
    assert student.family == teacher.signature() != student.signature()
    assert not student.config.query_expansion and student.dim == teacher.dim
    lines = (tmp_path / "student" / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["step"] == 3 and "ot" in json.loads(lines[-1])
    assert (tmp_path / "student" / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "optical distill" in (tmp_path / "student" / "README.md").read_text()
    assert not partial_path(tmp_path / "student").exists()


def test_the_manifest_says_what_was_done_with_what(distill, tiny_models, bitext, tmp_path):
    from optical_cli.formats.lineage import trace

    distill()
    manifest = json.loads((tmp_path / "student" / "manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-model/1"
    assert manifest["what"]["counts"] == {"steps": 3, "rows": 10}
    precision = manifest["what"]["precision"]
    assert precision in ("float32", "bfloat16")
    card = (tmp_path / "student" / "README.md").read_text()
    assert f"3 steps over 10 rows in {precision}; these are the weights of step 3." in card
    assert "(curves.png)" in card and (tmp_path / "student" / "curves.png").is_file()
    assert manifest["what"]["settings"]["schedule"]["lr"] == {"value": 1e-3, "from": "command line"}
    assert {e["path"] for e in manifest["lineage"]} == {str(bitext), str(tiny_models / "teacher")}
    assert trace(tmp_path / "student", verify=True).sound()


def test_the_same_seed_gives_the_same_bytes(distill, tmp_path):
    distill()
    first = files_of(tmp_path / "student")
    distill("--overwrite")
    second = files_of(tmp_path / "student")
    distill("--overwrite", "--seed", 14)
    third = files_of(tmp_path / "student")
    names = sorted(name for name in first if name != "manifest.json")
    assert all(first[name] == second[name] for name in names)
    assert first["model.safetensors"] != third["model.safetensors"]


def test_an_existing_output_stays(distill, tmp_path):
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / "kept").write_text("x")
    code, _, err = distill()
    assert code == 4 and "--overwrite" in err
    assert files_of(tmp_path / "student") == {"kept": b"x"}


def test_a_cached_teacher_gives_nearly_the_same_student_and_is_found_again(
    distill, tmp_path, monkeypatch
):
    from optical_cli.training.distillation import pair_data

    distill("--log-every", 1)
    plain = curve(tmp_path / "student")
    assert distill("--overwrite", "--cache-teacher", tmp_path / "cache", "--log-every", 1)[0] == 0
    assert curve(tmp_path / "student") == pytest.approx(plain, rel=2e-3)

    def must_not_run(*arguments):
        raise AssertionError("the cache was not found")

    monkeypatch.setattr(pair_data, "write_vectors", must_not_run)
    monkeypatch.setattr(pair_data, "tokenize_pairs", must_not_run)
    code, _, _ = distill(
        "--overwrite", "--cache-teacher", tmp_path / "cache", "--seed", 5, "--objective", "mse"
    )
    assert code == 0


def test_bitext_with_other_targets_shares_the_cached_teacher(
    distill, bitext, tmp_path, monkeypatch
):
    """Levels of noise have the same sources in the same order."""
    from optical_cli.training.distillation import pair_data

    cache = ("--cache-teacher", tmp_path / "cache")
    assert distill(*cache)[0] == 0
    lines = [line.split("\t") for line in bitext.read_text().splitlines()]
    targets = [line[1] for line in lines]
    moved = zip(lines, targets[1:] + targets[:1], strict=True)
    bitext.write_text("".join("\t".join([line[0], t, *line[2:]]) + "\n" for line, t in moved))

    def must_not_run(*_args):
        raise AssertionError("the cache was not found")

    monkeypatch.setattr(pair_data, "write_vectors", must_not_run)
    assert distill(*cache, "--overwrite")[0] == 0
    first, *others = bitext.read_text().splitlines(keepends=True)
    bitext.write_text("".join([*others, first]))
    with pytest.raises(AssertionError, match="the cache was not found"):
        distill(*cache, "--overwrite")


@pytest.fixture
def lexicon(tmp_path):
    path = tmp_path / "lexicon.tsv"
    path.write_text("books\tvitabu\t1\nwater\tmaji\t1\n")
    return path


def test_untranslated_text_is_read_for_words_and_named_in_the_lineage(distill, lexicon, tmp_path):
    from optical_cli.encoders import load

    text = tmp_path / "questions.txt"
    text.write_text("wapi vitabuni\n")
    code, _, err = distill(
        "--lexicon", lexicon, "--student-vocab", "words", "--vocab-text", text,
        "--min-similarity", 0.4,
    )  # fmt: skip
    assert code == 0, err
    words = load(tmp_path / "student").tokenizer.tokenize("vitabu vitabuni maji")
    assert len(words) == 3
    lineage = json.loads((tmp_path / "student" / "manifest.json").read_text())["lineage"]
    assert {str(lexicon), str(text)} <= {entry["path"] for entry in lineage}
    code, _, err = distill("--lexicon", lexicon, "--vocab-text", tmp_path / "none", "--overwrite",
                           "--student-vocab", "words")  # fmt: skip
    assert code == 3 and "none" in err


def test_new_words_have_a_rate_of_their_own_and_the_rest_of_the_table_stays(
    distill, lexicon, tiny_models, tmp_path
):
    from optical_cli.encoders import load

    asked = ["--lexicon", lexicon, "--student-vocab", "words"]
    code, _, err = distill(*asked)
    assert code == 0 and "--embedding-lr 0.003" in err
    tables = [load(path).backbone.get_input_embeddings().weight
              for path in (tiny_models / "teacher", tmp_path / "student")]  # fmt: skip
    stayed = (tables[1][: len(tables[0])] == tables[0]).all(1)
    assert 0 < stayed.sum() < len(tables[0])
    code, _, err = distill(*asked, "--overwrite", "--embedding-lr", 1e-4)
    assert code == 0 and "--embedding-lr" not in err


def test_pooled_vectors_lead_the_way_where_no_lexicon_does(distill, lexicon, tmp_path):
    """The defaults are the options that the command names, to the last digit."""

    def losses(*wish) -> list[float]:
        code, _, err = distill("--overwrite", "--log-every", 1, "--dtype", "float32", *wish)
        assert code == 0, err
        return curve(tmp_path / "student")

    started = ["--lexicon", lexicon, "--student-vocab", "words"]
    assert losses() == losses("--objective", "ot+cosine", "--marginals", "real")
    found = losses(*started)
    settings = json.loads((tmp_path / "student" / "manifest.json").read_text())["what"]["settings"]
    said = {"value": "ot", "from": "words from a lexicon"}
    assert settings["distill"]["objective"] == said
    assert settings["transport"]["marginals"] == {"value": "real", "from": "default"}
    assert found == losses(*started, "--objective", "ot", "--marginals", "real")
    assert found != losses(*started, "--objective", "ot+cosine")


@pytest.fixture
def syllables(tmp_path):
    """Pairs whose target sides have more than half as many pieces again as their sources."""
    path = tmp_path / "syllables.tsv"
    path.write_text("".join(f"{s}\t{' '.join(t)} {t}\n" for s, t in PAIRS * 3))
    return path


def test_words_of_a_badly_read_language_start_from_a_lexicon_of_its_pairs(
    distill, syllables, tmp_path, optical_here
):
    """Nobody has to know that there are lexicons; it is the one that `optical lexicon` learns."""
    code, _, err = distill(bitext=syllables)
    assert code == 0 and "no --lexicon: one is learned from 18 pairs" in err, err
    student = tmp_path / "student"
    assert len(load(student).tokenizer.tokenize("watoto yanachemka")) == 2
    manifest = json.loads((student / "manifest.json").read_text())
    said = {"value": "ot", "from": "words from a lexicon"}
    assert manifest["what"]["settings"]["distill"]["objective"] == said
    assert "lexicon.tsv" in manifest["what"]["files"]
    learned = tmp_path / "learned.tsv"
    assert optical_here("lexicon", "--bitext", syllables, "-o", learned)[0] == 0
    assert (student / "lexicon.tsv").read_bytes() == learned.read_bytes()
    again = distill("--lexicon", learned, "--overwrite", bitext=syllables)
    assert again[0] == 0 and not (student / "lexicon.tsv").exists()
    weights = json.loads((student / "manifest.json").read_text())["what"]["files"]
    assert weights["model.safetensors"] == manifest["what"]["files"]["model.safetensors"]


@pytest.mark.parametrize("wish", [["--student-vocab", "keep"], ["--preset", "paper"]])
def test_a_vocabulary_that_is_to_stay_stays(distill, syllables, tiny_models, tmp_path, wish):
    code, _, err = distill(*wish, bitext=syllables)
    assert code == 0, err
    assert len(load(tmp_path / "student").tokenizer) == (
        len(load(tiny_models / "teacher").tokenizer)
    )
    assert not (tmp_path / "student" / "lexicon.tsv").exists()


def test_a_prior_learns_the_lexicon_that_it_was_not_given(distill, tmp_path):
    code, _, err = distill("--prior", "lexicon", "--student-vocab", "keep")
    assert code == 0 and "one is learned" in err, err
    assert (tmp_path / "student" / "lexicon.tsv").exists()


@pytest.fixture
def trained(distill, tmp_path, monkeypatch):
    """Run a short distillation in single precision, without a picture; give its folder."""
    from optical_cli.training.loop import saving

    monkeypatch.setattr(saving, "draw_curves", lambda metrics, image: None)

    def run(*more):
        code, _, err = distill("--overwrite", "--log-every", 1, "--dtype", "float32", *more)
        assert code == 0, err
        return tmp_path / "student"

    return run


@pytest.fixture
def losses(trained):
    return lambda *more: curve(trained(*more))


SINKHORN = ("--solver", "sinkhorn")


@pytest.mark.parametrize(
    ("plain", "option"),
    [((), ("--solver", "exact")), ((), ("--cost", "euclidean")), ((), ("--beta", "0.1x")),
     ((), ("--iterations", 2)), ((), ("--center-plan",)), (SINKHORN, ("--epsilon", 0.5)),
     (SINKHORN, ("--epsilon-schedule", "0.05:0.5")),
     ((*SINKHORN, "--epsilon", 0.5), ("--epsilon-schedule", "0.05:0.5")),
     (("--solver", "partial"), ("--partial-share", 0.5)),
     (("--solver", "unbalanced"), ("--mass-penalty", 0.1)),
     ((), ("--prior", "position")), ((), ("--prior", "identical")),
     (("--prior", "position"), ("--prior-weight", 0.6)),
     (("--prior", "position"), ("--prior-decay", 0.1)),
     (("--objective", "contrastive"), ("--temperature", 0.5)),
     ((), ("--trust", 0.5)), ((), ("--also-source", 0.5)), ((), ("--dropout", 0.5)),
     (("--dropout", 0.1), ("--dropout", 0.5))],
    ids=lambda given: " ".join(map(str, given)) or "plain",
)  # fmt: skip
def test_an_option_of_the_objective_changes_the_loss(losses, plain, option):
    assert losses(*plain) != losses(*plain, *option)


def test_a_prior_reads_the_lexicon(losses, lexicon):
    given = ("--lexicon", lexicon, "--student-vocab", "keep")
    without, right = losses(*given), losses(*given, "--prior", "lexicon")
    lexicon.write_text("books\tmaji\t1\nwater\tvitabu\t1\n")
    wrong = losses(*given, "--prior", "lexicon")
    assert without != right != wrong != without


@pytest.fixture
def deep(tiny_plain, tmp_path):
    """A folder of a teacher with two layers."""
    from optical_cli.encoders import new_encoder, with_head

    (tmp_path / "deep").mkdir()
    plain = new_encoder(tiny_plain.tokenizer, layers=2, hidden=32, max_length=64, seed=7)
    with_head(plain, dim=16, query_length=12, passage_length=24, seed=7).save(tmp_path / "deep")
    return tmp_path / "deep"


def test_layers_change_the_loss(losses, deep):
    assert losses("--teacher", deep) != losses("--teacher", deep, "--layers", 1)


def test_what_is_not_to_be_trained_stays(trained, tiny_models):
    start = dict(load(tiny_models / "teacher").named_parameters())

    def moved(*more):
        student = load(trained(*more)).named_parameters()
        return {name for name, weight in student if not weight.equal(start[name])}

    embeddings = "backbone.embeddings.word_embeddings.weight"
    assert moved("--train", "embeddings") == {embeddings}
    assert moved("--train", "embeddings@0.9") == {embeddings}
    assert {embeddings} < moved("--train", "embeddings@0.5")
    assert {"head.weight", embeddings} < moved()


def test_few_pairs_are_read_several_times(tiny_models, bitext, lexicon, tmp_path, optical_here):
    """Six passes over what is far from 12,000 pairs, unless the length is chosen."""

    def passes(*wish) -> tuple[float, str]:
        code, _, err = optical_here(
            "distill", "--teacher", tiny_models / "teacher", "--bitext", bitext, "--lexicon",
            lexicon, "--student-vocab", "words", "-o", tmp_path / "student", "--overwrite", *wish,
        )  # fmt: skip
        assert code == 0, err
        manifest = json.loads((tmp_path / "student" / "manifest.json").read_text())
        epochs = manifest["what"]["settings"]["schedule"]["epochs"]
        assert ("--epochs 6" in err) == (epochs["from"] == "words from a lexicon")
        return epochs["value"], epochs["from"]

    assert passes() == (6, "words from a lexicon")
    rows = json.loads((tmp_path / "student" / "metrics.jsonl").read_text().splitlines()[-1])
    assert rows["epoch"] == 5
    assert passes("--epochs", 1) == (1, "command line")
    assert passes("--steps", 3) == (1, "default")


@pytest.mark.parametrize(
    "rows, passes", [(1, 6), (1_990, 6), (4_000, 3), (8_000, 1.5), (12_000, 1), (60_000, 1)]
)
def test_passes_over_few_pairs(rows, passes):
    from optical_cli.training.distillation.presets import passes_over

    assert passes_over(rows) == passes


GREEK = str.maketrans("abehijklmnorstuvwyz", "αβεχιικλμνορστυβωυζ")


@pytest.fixture
def across_scripts(distill, tmp_path):
    """Run a distillation whose target side is in Greek letters."""
    bitext, lexicon = tmp_path / "greek.tsv", tmp_path / "greek.lexicon.tsv"
    bitext.write_text("".join(f"{s}\t{t.translate(GREEK)}\n" for s, t in PAIRS * 3))
    rows = [("books", "vitabu"), ("water", "maji"), ("children", "watoto")]
    lexicon.write_text("".join(f"{s}\t{t.translate(GREEK)}\t1\n" for s, t in rows))

    def run(*more):
        return distill("--lexicon", lexicon, "--student-vocab", "words", *more, bitext=bitext)

    return run


def test_words_of_another_script_share_their_mass(across_scripts, tmp_path):
    from optical_cli.encoders import load

    code, _, err = across_scripts("--log-every", 1, "--dtype", "float32")
    assert code == 0 and "--marginals words" in err, err
    settings = json.loads((tmp_path / "student" / "manifest.json").read_text())["what"]["settings"]
    said = {"value": "words", "from": "words from a lexicon"}
    assert settings["transport"]["marginals"] == said
    student = load(tmp_path / "student")
    assert student.config.share_word_mass
    assert student.tokenizer.tokenize("νανι") == student.tokenizer.tokenize("nani")
    by_words = curve(tmp_path / "student")
    code, _, err = across_scripts(
        "--log-every", 1, "--dtype", "float32", "--overwrite", "--marginals", "real"
    )
    assert code == 0 and "--marginals" not in err and curve(tmp_path / "student") != by_words


@pytest.fixture
def weighing(tiny_models, tmp_path):
    """A folder of the tiny teacher whose query tokens weigh the norms of their vectors."""
    from optical_cli.encoders import load, with_token_weights

    (tmp_path / "weighing").mkdir()
    teacher = with_token_weights(load(tiny_models / "teacher"), weigh_by="norm")
    teacher.save(tmp_path / "weighing")
    return tmp_path / "weighing"


def test_a_student_weighs_tokens_as_its_teacher_does(distill, across_scripts, weighing, tmp_path):
    """Unless it is told otherwise; in the same script and, with words shared, across scripts."""
    from optical_cli.encoders import load, with_token_weights

    def made(run, *more):
        code, _, err = run("--teacher", weighing, "--overwrite", *more)
        assert code == 0, err
        what = json.loads((tmp_path / "student" / "manifest.json").read_text())["what"]
        config = load(tmp_path / "student").config
        marginals = what["settings"]["transport"]["marginals"]
        return marginals["value"], marginals["from"], config.weigh_by, config.share_word_mass

    assert made(distill) == ("norm", "the teacher's weights", "norm", False)
    assert made(across_scripts) == ("words+norm", "words from a lexicon", "norm", True)
    assert made(distill, "--marginals", "real")[2:] == (None, False)
    assert made(across_scripts, "--marginals", "words")[2:] == (None, True)
    assert made(distill, "--encode-side", "passage") == ("real", "default", None, False)
    shared = with_token_weights(load(weighing), share_word_mass=True)
    (tmp_path / "sharing").mkdir()
    shared.save(tmp_path / "sharing")
    assert made(distill, "--teacher", tmp_path / "sharing")[0] == "words"


def test_norms_of_a_new_head_are_no_weights(distill, weighing, stranger, tmp_path):
    """Transport, which teaches directions alone, would never make them mean something."""
    from optical_cli.encoders import load

    code, _, err = distill("--teacher", weighing, "--init", stranger, "--head", "ridge")
    assert code == 0 and "--marginals" not in err, err
    assert not load(tmp_path / "student").weighs_tokens


def test_words_of_a_query_that_are_met_first_are_read(distill, lexicon, tmp_path, optical_here):
    """`encode` gives vitabuni what vitabu became, unless the student was told not to."""
    queries, vectors = tmp_path / "queries.tsv", tmp_path / "vectors"
    queries.write_text("q1\tvitabuni maji\nq2\tvitabu maji\n")

    def encoded(*more):
        code, _, err = distill(
            "--lexicon", lexicon, "--student-vocab", "words", "--overwrite", *more
        )
        assert code == 0, err
        code, _, err = optical_here(
            "encode", "--model", tmp_path / "student", "--queries", queries, "--overwrite",
            "--dtype", "float32", "--store", "float32", "-o", vectors,
        )  # fmt: skip
        assert code == 0, err
        packed = open_vectors(vectors)
        return [packed.vectors(number) for number in range(2)]

    new, known = encoded("--min-similarity", 0.1)
    assert np.array_equal(new, known)
    new, known = encoded("--min-similarity", 0.1, "--back-off", "none")
    assert len(new) > len(known)


def test_passages_never_weigh_their_words(across_scripts):
    code, _, err = across_scripts("--encode-side", "passage")
    assert code == 0 and "--objective ot" in err and "--marginals" not in err


def test_dev_may_have_its_columns_the_other_way_round(distill, tmp_path):
    plain, turned = tmp_path / "dev.tsv", tmp_path / "turned.tsv"
    plain.write_text("".join(f"{s}\t{t}\n" for s, t in PAIRS))
    turned.write_text("".join(f"{t}\t{s}\ttrain\n" for s, t in PAIRS))
    scores = []
    for more in (["--dev", plain], ["--dev", turned, "--dev-columns", "2,1"]):
        code, _, err = distill("--overwrite", *more)
        assert code == 0, err
        manifest = json.loads((tmp_path / "student" / "manifest.json").read_text())
        scores.append(manifest["what"]["scores"])
    assert scores[0] == scores[1] and 0 < scores[0]["teacher_agreement"] <= 1


@pytest.fixture
def collection(tmp_path):
    path = tmp_path / "collection.tsv"
    texts = ["water boils", "the first railway", "books", "who built england", "milk", "children"]
    path.write_text("".join(f"d{n}\t{text}\n" for n, text in enumerate(texts)))
    return path


def test_scores_are_distilled_on_a_collection_or_on_its_vectors(
    distill, collection, tiny_models, tmp_path, optical_here
):
    wish = ["--objective", "ot+score-kl=0.1", "--log-every", 1, "--dtype", "float32"]
    assert distill(*wish, "--passages", collection)[0] == 0
    plain = curve(tmp_path / "student")
    record = json.loads((tmp_path / "student" / "metrics.jsonl").read_text().splitlines()[-1])
    assert record["score-kl"] > 0 and 0 <= record["agreed"] <= 1
    encode = ["encode", "--collection", collection, "--dtype", "float32", "--model"]
    for name in ("teacher", "stranger"):
        optical_here(*encode, tiny_models / name, "-o", tmp_path / f"of-{name}")
    code, _, err = distill(*wish, "--passages", tmp_path / "of-teacher", "--overwrite")
    assert code == 0, err
    assert curve(tmp_path / "student") == pytest.approx(plain, rel=1e-4)
    lineage = json.loads((tmp_path / "student" / "manifest.json").read_text())["lineage"]
    assert str(tmp_path / "of-teacher") in {entry["path"] for entry in lineage}
    code, _, err = distill(*wish, "--passages", tmp_path / "of-stranger", "--overwrite")
    assert code == 3 and "not of the teacher" in err


def test_rankings_are_kept_with_the_teachers_vectors(distill, collection, tmp_path, monkeypatch):
    from optical_cli.training.distillation import scored_passages

    wish = ["--objective", "score-kl", "--passages", collection, "--cache-teacher", tmp_path / "c"]
    assert distill(*wish)[0] == 0

    def must_not_run(*arguments):
        raise AssertionError("the cache was not found")

    monkeypatch.setattr(scored_passages, "write_best", must_not_run)
    monkeypatch.setattr(scored_passages, "write_passages", must_not_run)
    assert distill(*wish, "--overwrite", "--seed", 5, "--random-passages", 2)[0] == 0


def test_passages_that_are_missing_malformed_or_not_needed(distill, collection, tmp_path):
    assert "score-kl needs --passages" in distill("--objective", "score-kl")[2]
    bad = tmp_path / "bad.tsv"
    bad.write_text("d1\twater\nd2\n")
    code, _, err = distill("--objective", "score-kl", "--passages", bad)
    assert code == 3 and "bad.tsv:2" in err
    assert distill("--objective", "score-kl", "--passages", tmp_path / "none")[0] == 3
    code, _, err = distill("--passages", collection)
    assert code == 0 and "not read: --passages (no objective is score-kl)" in err


def test_layers_go_with_nothing_that_is_of_the_last_alone(distill, tmp_path):
    code, _, err = distill("--layers", 1)
    assert (
        code == 2 and "--layers 1: expected layers below the last of 1" in err
    )  # there is but one
    code, _, err = distill("--layers", 1, "--cache-teacher", tmp_path / "c")
    assert code == 2 and "cached" in err


def test_a_student_of_another_width_needs_a_head(distill, stranger, tmp_path):
    from optical_cli.encoders import load

    code, _, err = distill("--init", stranger)
    assert code == 2 and "48 wide, the teacher's 16" in err and "--head ridge" in err
    code, _, err = distill("--init", stranger, "--head", "ridge", "--log-every", 1)
    assert code == 0, err
    assert load(tmp_path / "student").dim == 16
    ridge = curve(tmp_path / "student")
    assert distill("--init", stranger, "--head", "random", "--log-every", 1, "--overwrite")[0] == 0
    assert ridge[0] < curve(tmp_path / "student")[0]


@pytest.fixture
def stranger(tmp_path):
    from optical_cli.encoders import new_encoder, train_vocabulary

    folder = tmp_path / "stranger"
    folder.mkdir()
    tokenizer = train_vocabulary([f"{s} {t}" for s, t in PAIRS] * 3, 70)
    new_encoder(tokenizer, layers=1, hidden=48, max_length=40, seed=5).save(folder)
    return folder


@pytest.mark.parametrize("side", ["passage", "both"])
def test_a_student_may_encode_passages(distill, bitext, tmp_path, side):
    code, _, err = distill("--encode-side", side, "--also-source", 0.5, "--dev", bitext)
    assert code == 0, err
    scores = json.loads((tmp_path / "student" / "manifest.json").read_text())["what"]["scores"]
    assert 0 < scores["teacher_agreement"] <= 1
    card = (tmp_path / "student" / "README.md").read_text()
    assert "passage encoder" in card and ("query and passage" in card) == (side == "both")


def test_attention_received_that_nobody_tells_is_refused(distill, tmp_path, monkeypatch):
    from transformers import BertModel

    asked = ("--marginals", "attention")
    code, _, err = distill(*asked, "--cache-teacher", tmp_path / "c")
    assert code == 2 and "leave --cache-teacher out" in err
    monkeypatch.setattr(BertModel, "_supports_attention_backend", False)
    code, _, err = distill(*asked)
    assert code == 3 and "a bert does not say what attention" in err
    assert not (tmp_path / "c").exists() and not (tmp_path / "student").exists()


def test_what_says_nothing_of_passages_is_refused(distill, collection, bitext):
    for wish, message in (
        (["--preset", "paper"], "not extended with [MASK]s"),
        (["--objective", "score-kl", "--passages", collection], "scores of queries"),
        (["--dev", bitext, "--dev-collection", collection], "no translation"),
        (["--also-source", 1], "--also-source"), (["--train", "head"], "--train head"),
    ):  # fmt: skip
        code, _, err = distill("--encode-side", "passage", *wish)
        assert code == 2 and message in err, (wish, err)


def test_several_languages_are_drawn_by_temperature(distill, tmp_path, bitext):
    small = tmp_path / "so.tsv"
    small.write_text("water\tbiyo\nbooks\tbuugaag\n")
    code, _, err = distill(
        "--bitext", f"so={small}", "--language-temperature", 5, bitext=f"sw={bitext}"
    )
    assert code == 0, err
    assert "target so" in err and "target sw" in err
    assert '"so"' in (tmp_path / "student" / "README.md").read_text()
    # One letter is a label here as everywhere; a file without one cannot stand beside another.
    code, _, err = distill("--bitext", f"x={small}", "--overwrite", bitext=f"sw={bitext}")
    assert code == 0 and "target x" in err
    code, _, err = distill("--bitext", small, "--overwrite", bitext=bitext)
    assert code == 2 and "a file for every language is given twice" in err
    code, _, err = distill("--bitext", small, "--overwrite", bitext=f"sw={bitext}")
    assert code == 2 and "of several, each needs a language" in err


def test_masks_that_a_student_searches_with_have_mass(distill, tmp_path):
    code, _, err = distill("--expand", "--pair-length", 10)
    assert code == 0, err
    settings = json.loads((tmp_path / "student" / "manifest.json").read_text())["what"]["settings"]
    assert settings["transport"]["marginals"] == {"value": "all", "from": "expansion"}
    code, _, err = distill("--expand", "--marginals", "idf", "--overwrite")
    assert code == 2 and "--marginals idf gives [MASK]s no mass" in err
    for fine in (["blocks"], ["idf", "--objective", "contrastive"]):
        code, _, err = distill("--expand", "--marginals", *fine, "--overwrite")
        assert code == 0, err


def test_a_whole_student_is_left_as_it_is_by_resume(distill, tmp_path):
    assert distill()[0] == 0
    before = files_of(tmp_path / "student")
    code, _, err = distill("--resume")
    assert code == 0 and "student is complete already" in err
    code, _, err = distill("--resume", "--seed", 4)
    assert code == 4 and "was made with setting seed.seed 13, now 4" in err
    assert files_of(tmp_path / "student") == before


def test_scores_of_queries_say_nothing_of_batches_of_passages(distill, collection, tmp_path):
    code, _, err = distill(
        "--objective", "score-kl", "--passages", collection, "--encode-side", "both", "--steps", 4,
        "--log-every", 1,
    )  # fmt: skip
    assert code == 0, err
    lines = (tmp_path / "student" / "metrics.jsonl").read_text().splitlines()
    records = [record for record in map(json.loads, lines) if "loss" in record]
    assert ["score-kl" in record for record in records] == [True, False] * 2
    assert [record["loss"] > 0 for record in records] == [True, False] * 2


def test_each_objective_is_a_mean_over_the_rows_that_had_it(distill, tmp_path):
    """It changes between two records."""
    for every in (1, 4):
        code, _, err = distill(
            "--objective", "mse@0.25,ot", "--steps", 4, "--log-every", every, "--overwrite"
        )
        assert code == 0, err
        lines = (tmp_path / "student" / "metrics.jsonl").read_text().splitlines()
        records = [record for record in map(json.loads, lines) if "loss" in record]
        if every == 1:
            first, *others = records
            rows = np.diff([record["rows"] for record in records])
            wanted = rows @ [record["ot"] for record in others] / rows.sum()
    assert records[0]["mse"] == pytest.approx(first["mse"], rel=1e-4)
    assert records[0]["ot"] == pytest.approx(wanted, rel=1e-3)


def test_english_words_of_a_student_that_reads_english_weigh_by_how_common_they_are(
    distill, tmp_path
):
    def weights(*options):
        code, _, err = distill("--marginals", "idf", "--overwrite", *options)
        assert code == 0, err
        student = load(tmp_path / "student")
        english = student.tokenizer.convert_tokens_to_ids("▁the")
        return student.piece_weights[english] / student.piece_weights.max()

    assert weights() == 1
    assert weights("--also-source", 0.3) < 0.9


@pytest.mark.parametrize(
    "options, code, said",
    [(["--prior", "position", "--solver", "divergence"], 2, "the divergence's loss is that of"),
     (["--batch-size", 1, "--objective", "contrastive"], 2, "--batch-size 1"),
     (["--dev", "nosuch.tsv"], 3, "nosuch.tsv: no such file"),
     (["--vocab-text", "nosuch.txt"], 3, "nosuch.txt: no such file"),
     (["--top-passages", 0], 2, "--top-passages 0: must be at least 1"),
     (["--lr", "inf"], 2, "--lr inf: must be finite")],
)  # fmt: skip
def test_what_cannot_go_well_is_said_before_the_teacher_reads_a_word(
    distill, tmp_path, options, code, said
):
    found, _, err = distill("--cache-teacher", tmp_path / "cache", *options)
    assert found == code and said in err
    assert not (tmp_path / "cache").exists() and not (tmp_path / "student").exists()


@pytest.mark.parametrize(
    "options, said",
    [(["--epsilon", 0.1], "--epsilon (--solver ipot has none)"),
     (["--solver", "sinkhorn", "--beta", 0.1], "--beta (--solver sinkhorn has none)"),
     (["--objective", "mse", "--prior", "position"], "--prior (--objective mse does not)"),
     (["--prior-weight", 2], "--prior-weight (without --prior)"),
     (["--temperature", 9], "--temperature (--objective"), (["--patience", 2], "--patience (with"),
     (["--top-passages", 3], "--top-passages (no objective is score-kl)"),
     (["--start-translations", 2], "--start-translations (the vocabulary stays)"),
     (["--language-temperature", 2], "--language-temperature (of one --bitext)")],
)  # fmt: skip
def test_an_option_that_nothing_reads_is_told(distill, options, said):
    code, _, err = distill(*options)
    assert code == 0 and said in err
    assert err.count("not read:") == 1


def test_the_papers_preset_extends_with_masks(distill, tmp_path):
    from optical_cli.encoders import load

    code, _, err = distill("--preset", "paper", "--pair-length", 10)
    assert code == 0, err
    assert load(tmp_path / "student").config.query_expansion
    settings = json.loads((tmp_path / "student" / "manifest.json").read_text())["what"]["settings"]
    assert settings["transport"]["marginals"] == {"value": "all", "from": "preset paper"}
    assert settings["distill"]["objective"]["value"] == "ot"


@pytest.mark.parametrize(
    ("arguments", "teacher", "message"),
    [
        (["--preset", "paper"], "plain", "not trained with query expansion"),
        (["--preset", "paper", "--marginals", "words"], "teacher", "--preset paper means"),
        (["--objective", "sot"], "teacher", "did you mean ot"),
        (["--trust", "1.5"], "teacher", "expected SHARE or SHARE@WARMUP"),
        (["--track", "tensorbord"], "teacher", "did you mean tensorboard"),
        (["--checkpoint-every", "often"], "teacher", "expected steps (500) or minutes (10m)"),
        (["--columns", "1"], "teacher", "column numbers"),
    ],
)
def test_impossible_wishes_are_usage_errors(distill, arguments, teacher, message, tmp_path):
    code, _, err = distill(*arguments, teacher=teacher)
    assert code == 2, err
    assert message in err and "Traceback" not in err
    assert not (tmp_path / "student").exists() and not partial_path(tmp_path / "student").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a\tb\nc\n", "bad.tsv:2: expected at least 2"),
        ("a\tb\nc\t \n", "bad.tsv:2: the target is blank"),
        ("a\tb\0\n", "bad.tsv:1: NUL"),
        ("a\tb\nc\t\udcff\n", "bad.tsv:2: not UTF-8"),
    ],
)
def test_malformed_bitext_is_named_with_its_place(distill, tmp_path, content, message):
    bad = tmp_path / "bad.tsv"
    bad.write_text(content, encoding="utf-8", errors="surrogateescape")
    code, _, err = distill(bitext=bad)
    assert code == 3, err
    assert message in err
    assert not (tmp_path / "student").exists() and not partial_path(tmp_path / "student").exists()


def test_missing_files_and_folders_that_are_no_model(distill, tmp_path):
    assert "no such file" in distill(bitext=tmp_path / "none")[2]
    (tmp_path / "empty").mkdir()
    code, _, err = distill("--teacher", tmp_path / "empty")
    assert code == 3 and "is no model" in err
    assert distill("--dev", tmp_path / "none")[0] == 3


def test_a_loss_that_is_not_finite_names_the_pairs(distill, tmp_path, bitext):
    code, _, err = distill("--lr", 1e30, "--max-grad-norm", 0, "--warmup", 0)
    assert code == 6, err
    assert f"{bitext}:" in err and "(pair id" in err and "lower --lr" in err
    assert not (tmp_path / "student").exists()


def test_no_space_for_a_checkpoint_is_said_before_the_first_step(distill, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 0))
    code, _, err = distill()
    assert code == 5 and "are free" in err


def test_a_tracker_that_is_not_installed_is_an_environment_fault(distill, monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "wandb" else find(name, *a)
    )
    code, _, err = distill("--track", "wandb")
    assert code == 5 and "pip install wandb" in err
