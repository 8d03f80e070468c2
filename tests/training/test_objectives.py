from dataclasses import replace

import pytest
import torch
from torch.nn.functional import normalize

from optical_cli.training.objectives import OBJECTIVES, Views, make_objective
from optical_cli.transport import AnnealingSettings, TransportSettings
from optical_cli.transport.marginals import TokenSide

SETTINGS = TransportSettings(solver="exact")


def side(hidden, lengths):
    scored = torch.arange(hidden.shape[1]) < torch.tensor(lengths)[:, None]
    return TokenSide(normalize(hidden, dim=-1), scored, word_ids=torch.arange(hidden.shape[1])
                     .expand(len(lengths), -1))  # fmt: skip


PASSAGES = normalize(torch.randn(3, 4, 7, 8, generator=torch.Generator().manual_seed(1)), dim=-1)


def views(teacher, rows, student, cols):
    return Views(
        side(teacher, rows), side(student, cols), teacher, student,
        source_keys=torch.arange(len(rows)), passages=PASSAGES,
    )  # fmt: skip


@pytest.fixture
def hidden():
    chance = torch.Generator().manual_seed(0)
    return [torch.randn(3, n, 8, generator=chance) for n in (5, 6)]


ROWS, COLS = [5, 3, 1], [6, 2, 4]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_padding_changes_nothing(name, hidden):
    objective = make_objective(name, SETTINGS, temperature=0.1)
    short = objective(views(hidden[0], ROWS, hidden[1], COLS), 0.5).losses
    padded = [torch.cat([h, torch.full((3, 2, 8), 7.0)], 1) for h in hidden]
    long = objective(views(padded[0], ROWS, padded[1], COLS), 0.5).losses
    torch.testing.assert_close(short, long)


@pytest.mark.parametrize("name", [n for n in OBJECTIVES if not n.startswith("contrastive")])
def test_a_student_that_sees_what_its_teacher_sees_has_no_loss(name, hidden):
    objective = make_objective(name, SETTINGS, temperature=0.1)
    loss = objective(views(hidden[0], ROWS, hidden[0].clone(), ROWS), 0.5).losses
    torch.testing.assert_close(loss, torch.zeros(3), atol=2e-6, rtol=0)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_descending_moves_the_student_towards_the_teacher(name, hidden):
    objective = make_objective(name, SETTINGS, temperature=0.1)
    student = hidden[1].clone().requires_grad_()
    first = None
    for _ in range(30):
        loss = objective(views(hidden[0], ROWS, student, COLS), 0.5).losses.sum()
        first = first or loss.item()
        (gradient,) = torch.autograd.grad(loss, student)
        student = (student - 0.3 * gradient).detach().requires_grad_()
    assert loss.item() < 0.8 * first


def test_mse_is_the_squared_distance_of_the_means_of_unit_vectors(hidden):
    loss = make_objective("mse", SETTINGS, temperature=0.1)(
        views(hidden[0], ROWS, hidden[1], COLS), 0.0
    ).losses
    for place, (rows, cols) in enumerate(zip(ROWS, COLS, strict=True)):
        teacher = normalize(hidden[0][place, :rows], dim=-1).mean(0)
        student = normalize(hidden[1][place, :cols], dim=-1).mean(0)
        torch.testing.assert_close(loss[place], (teacher - student).square().sum())


@pytest.mark.parametrize("name", ["cosine", "mse-hidden"])
def test_vectors_that_are_not_normalised_weigh_their_norm_once(name, hidden):
    batch = views(hidden[0], ROWS, hidden[1], COLS)
    sides = {
        side: replace(getattr(batch, side), weights=getattr(batch, f"{side}_hidden").norm(dim=-1))
        for side in ("teacher", "student")
    }
    weighted = replace(batch, **sides)
    by_norm = make_objective(name, replace(SETTINGS, marginals="norm"), temperature=0.1)
    plain = make_objective(name, SETTINGS, temperature=0.1)
    assert torch.equal(by_norm(weighted, 0.0).losses, plain(batch, 0.0).losses)


def test_chamfer_is_both_sides_mean_distance_to_the_nearest(hidden):
    loss = make_objective("chamfer", SETTINGS, temperature=0.1)(
        views(hidden[0], ROWS, hidden[1], COLS), 0.0
    ).losses
    for place, (rows, cols) in enumerate(zip(ROWS, COLS, strict=True)):
        x, y = (normalize(h[place, :n], dim=-1) for h, n in zip(hidden, (rows, cols), strict=True))
        cost = 1 - x @ y.T
        torch.testing.assert_close(loss[place], cost.amin(1).mean() + cost.amin(0).mean())


def test_exact_transport_costs_no_more_than_half_of_greedy_or_than_independence(hidden):
    """On equal lengths greedy is some matching; of it and all other plans transport is the best."""
    batch = views(hidden[0], [4, 4, 4], hidden[1], [4, 4, 4])
    ot, greedy = (
        make_objective(n, SETTINGS, temperature=0.1)(batch, 0.0).losses for n in ("ot", "greedy")
    )
    cost = 1 - normalize(hidden[0][:, :4], dim=-1) @ normalize(hidden[1][:, :4], dim=-1).mT
    independent = cost.mean((1, 2))
    assert (ot <= greedy / 2 + 1e-6).all() and (ot < independent).all()


def test_score_kl_is_the_divergence_of_softmaxes_of_mean_maxsim(hidden):
    loss = make_objective("score-kl", SETTINGS, temperature=0.1)(
        views(hidden[0], ROWS, hidden[1], COLS), 0.0
    ).losses
    for place, lengths in enumerate(zip(ROWS, COLS, strict=True)):
        logs = []
        for vectors, length in zip(hidden, lengths, strict=True):
            tokens = normalize(vectors[place, :length], dim=-1)
            scores = [
                sum(max(float(x @ y) for y in passage) for x in tokens) / length
                for passage in PASSAGES[place]
            ]
            logs.append((torch.tensor(scores) / 0.1).log_softmax(0))
        expected = (logs[0].exp() * (logs[0] - logs[1])).sum()
        torch.testing.assert_close(loss[place], expected)


def test_equal_sources_are_no_negatives(hidden):
    batch = views(hidden[0], ROWS, hidden[1], COLS)
    objective = make_objective("contrastive", SETTINGS, temperature=0.1)
    alike = Views(**(vars(batch) | {"source_keys": torch.zeros(3, dtype=torch.long)}))
    torch.testing.assert_close(objective(alike, 0.0).losses, torch.zeros(3))
    assert (objective(batch, 0.0).losses > 0).all()


@pytest.mark.parametrize("marginals", ["real", "norm"])
def test_where_the_student_encodes_passages_the_teachers_tokens_ask(hidden, marginals):
    """Against a loop over texts and tokens."""
    batch = replace(views(hidden[0], ROWS, hidden[1], COLS), as_passages=True)
    norms = hidden[0].norm(dim=-1) if marginals == "norm" else torch.ones(hidden[0].shape[:2])
    batch = replace(batch, teacher=replace(batch.teacher, weights=norms))
    settings = replace(SETTINGS, marginals=marginals)
    found = make_objective("contrastive", settings, temperature=0.1)(batch, 0.0).losses
    for place, length in enumerate(COLS):
        passage = batch.student.vectors[place, :length]
        scores = torch.stack([
            torch.stack([max(x @ y for y in passage) for x in batch.teacher.vectors[other, :rows]])
            @ norms[other, :rows] / norms[other, :rows].sum() for other, rows in enumerate(ROWS)
        ])  # fmt: skip
        torch.testing.assert_close(found[place], -(scores / 0.1).log_softmax(0)[place])


def test_contrastive_scores_weigh_tokens_as_retrieval_does(hidden):
    """Two pieces of one word count half each; against a loop over texts and tokens."""
    batch = views(hidden[0], ROWS, hidden[1], COLS)
    words = torch.tensor([0, 0, 1, 2, 2, 2])
    student = replace(batch.student, word_ids=words.expand(3, -1))
    batch = replace(batch, student=student)
    objective = make_objective("contrastive", replace(SETTINGS, marginals="words"), temperature=0.1)
    found = objective(batch, 0.0).losses
    for place, length in enumerate(COLS):
        counts = words[:length].bincount()
        weights = [1 / counts[word] / len(counts) for word in words[:length]]
        scores = torch.stack([
            sum(weight * max(x @ y for y in batch.teacher.vectors[other, :rows])
                for weight, x in zip(weights, student.vectors[place], strict=False))
            for other, rows in enumerate(ROWS)
        ])  # fmt: skip
        torch.testing.assert_close(found[place], -(scores / 0.1).log_softmax(0)[place])


@pytest.mark.parametrize("name", ["contrastive", "score-kl"])
def test_scores_count_masks_as_retrieval_does(name, hidden):
    batch = views(hidden[0], ROWS, hidden[1], COLS)
    objective = make_objective(name, SETTINGS, temperature=0.1)
    expansion = batch.student.scored & (torch.arange(6) >= 2)
    masked = replace(batch, student=replace(batch.student, expansion=expansion))
    assert torch.equal(objective(masked, 0.0).losses, objective(batch, 0.0).losses)


def test_a_schedule_changes_the_loss(hidden):
    batch = views(hidden[0], ROWS, hidden[1], COLS)
    both = make_objective("mse@0.3,ot+mse=0.5", SETTINGS, temperature=0.1)
    mse, ot = (
        make_objective(n, SETTINGS, temperature=0.1)(batch, 0.0).losses for n in ("mse", "ot")
    )
    torch.testing.assert_close(both(batch, 0.1).losses, mse)
    torch.testing.assert_close(both(batch, 0.5).losses, ot + 0.5 * mse)
    assert set(both(batch, 0.5).seen) >= {"ot", "mse", "marginal_error"}


def test_a_schedule_of_epsilon_is_the_transports_and_not_the_greedy_matchings(hidden):
    settings = TransportSettings(solver="divergence")
    annealing = AnnealingSettings(epsilon_schedule="inf:0.05x")
    objective = make_objective("ot+greedy", settings, annealing, temperature=0.1)
    assert objective(views(hidden[0], ROWS, hidden[1], COLS), 0.0).losses.isfinite().all()
