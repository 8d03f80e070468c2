"""What the method is for: a student finds for foreign queries what its teacher does for English."""

import numpy as np
import pytest
import torch

from optical_cli.encoders import load, new_encoder
from optical_cli.transport import TransportObjective, TransportSettings
from optical_cli.transport.marginals import TokenSide

from .conftest import translated


def reciprocal_rank(query_encoder, passage_encoder, queries, passages) -> float:
    asked = query_encoder.encode_queries(queries)
    held = passage_encoder.encode_passages(passages)
    scores = np.array([[(q @ p.T).amax(1).sum().item() for p in held] for q in asked])
    own = scores[np.arange(len(queries)), np.arange(len(queries))]
    return float((1 / (scores >= own[:, None]).sum(1)).mean())


@pytest.fixture(scope="module")
def student(world, teacher, command):
    folder = world.folder / "student"
    command(
        "distill", "--teacher", teacher, "--bitext", world.bitext, "--dev", world.dev, "-o", folder,
        "--epochs", 5, "--lr", 3e-3, "--batch-size", 16, "-q",
    )  # fmt: skip
    return load(folder)


def test_retrieval_rises_from_chance_towards_the_teachers(world, teacher, student):
    teacher = load(teacher)
    foreign = [translated(query) for query in world.queries]
    ceiling = reciprocal_rank(teacher, teacher, world.queries, world.passages)
    before = reciprocal_rank(teacher, teacher, foreign, world.passages)
    after = reciprocal_rank(student, teacher, foreign, world.passages)
    chance = sum(1 / rank for rank in range(1, 61)) / 60
    assert ceiling > 0.6
    assert before < 2.5 * chance
    assert after > 0.8 * ceiling, (ceiling, before, after)


def test_one_student_encodes_queries_and_passages(world, teacher, command):
    folder = world.folder / "both"
    command(
        "distill", "--teacher", teacher, "--bitext", world.bitext, "--encode-side", "both",
        "--objective", "chamfer+cosine", "-o", folder, "--epochs", 8, "--lr", 3e-3,
        "--batch-size", 16, "-q",
    )  # fmt: skip
    teacher, student = load(teacher), load(folder)
    queries, passages = ([*map(translated, texts)] for texts in (world.queries, world.passages))
    chance = sum(1 / rank for rank in range(1, 61)) / 60
    assert reciprocal_rank(teacher, teacher, world.queries, passages) < 2.5 * chance
    ranks = {
        "query": reciprocal_rank(student, teacher, queries, world.passages),
        "passage": reciprocal_rank(teacher, student, world.queries, passages),
    }
    assert min(ranks.values()) > 0.5, ranks


def test_a_student_reads_the_teachers_language_only_if_it_is_shown(
    world, teacher, vocabulary, command
):
    """It starts from nothing, so what it knows of English comes from ``--also-source``."""
    stranger = world.folder / "stranger"
    new_encoder(vocabulary, layers=2, hidden=32, max_length=32, seed=9).save(stranger)

    def found(share):
        folder = world.folder / f"also-{share}"
        command(
            "distill", "--teacher", teacher, "--bitext", world.bitext, "--init", stranger,
            "--head", "random", "--also-source", share, "-o", folder, "--epochs", 5, "--lr", 3e-3,
            "--batch-size", 16, "-q",
        )  # fmt: skip
        return reciprocal_rank(load(folder), load(teacher), world.queries, world.passages)

    without, with_it = found(0), found(0.4)
    assert without < 0.2 and with_it > 0.5, (without, with_it)


def test_scores_of_frozen_passages_alone_teach_ranking(world, teacher, command):
    """KL on passages that are not those searched for, without any distance between tokens."""
    others = world.folder / "others.tsv"
    lines = world.triples.read_text().splitlines()[:200]
    others.write_text("".join(f"o{n}\t{line.split(chr(9))[1]}\n" for n, line in enumerate(lines)))
    folder = world.folder / "by-scores"
    command(
        "distill", "--teacher", teacher, "--bitext", world.bitext, "--objective", "score-kl",
        "--passages", others, "-o", folder, "--epochs", 5, "--lr", 3e-3, "--batch-size", 16, "-q",
    )  # fmt: skip
    teacher, student = load(teacher), load(folder)
    foreign = [translated(query) for query in world.queries]
    before = reciprocal_rank(teacher, teacher, foreign, world.passages)
    after = reciprocal_rank(student, teacher, foreign, world.passages)
    assert before < 0.2 and after > 0.5, (before, after)


def test_the_plan_concentrates_on_the_known_alignment(world, teacher, student):
    teacher = load(teacher)
    sources = [line.split("\t")[0] for line in world.dev.read_text().splitlines()[:20]]
    learned = mass_on_translations(teacher, student, sources)
    untrained = mass_on_translations(teacher, teacher, sources)
    assert learned > 0.9 and untrained < 0.65, (learned, untrained)


def mass_on_translations(teacher, student, sources: list[str]) -> float:
    """Share of the words' mass that moves to the own translation, at the mirrored place."""
    aligned = 0.0
    for source in sources:
        rows = teacher.tokenize_queries([source], expand=False)
        cols = student.tokenize_queries([translated(source)], expand=False)
        with torch.no_grad():
            sides = [TokenSide(e(b), b.words >= 0) for e, b in ((teacher, rows), (student, cols))]
        plan = TransportObjective(TransportSettings(solver="exact"))(*sides).plan.plan[0]
        words = plan[rows.words[0] >= 0][:, cols.words[0] >= 0]
        aligned += float(words.flip(1).diagonal().sum())
    return aligned / len(sources)
