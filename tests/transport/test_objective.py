"""Settings and token vectors in, a loss per text pair out."""

from dataclasses import replace

import pytest
import torch

from optical_cli.errors import UsageError
from optical_cli.transport import (
    SOLVERS,
    AnnealingSettings,
    TokenSide,
    TransportObjective,
    TransportSettings,
    cosine_cost,
    euclidean_cost,
    solve,
)


def annealed(**options):
    return TransportObjective(TransportSettings(), AnnealingSettings(**options))


@pytest.fixture
def sides(vectors):
    """A pair of texts of 6 and 5 scored positions; the last of each, or two, are [MASK]s."""
    x, y = vectors(2, 7).float(), vectors(2, 6, seed=1).float()
    row_scored = torch.tensor([[True] * 7, [True] * 4 + [False] * 3])
    col_scored = torch.tensor([[True] * 6, [True] * 5 + [False]])
    row_expansion = torch.zeros_like(row_scored)
    row_expansion[:, 3], row_expansion[0, 4:] = True, True
    col_expansion = torch.zeros_like(col_scored)
    col_expansion[:, 4:] = True
    return (
        TokenSide(x, row_scored, row_expansion),
        TokenSide(y.requires_grad_(), col_scored, col_expansion),
    )


@pytest.mark.parametrize("solver", [*SOLVERS, "auto"])
@pytest.mark.parametrize("marginals", ["all", "real", "blocks"])
@pytest.mark.parametrize("cost", ["cosine", "euclidean"])
def test_every_combination_trains(sides, solver, marginals, cost):
    settings = TransportSettings(solver=solver, marginals=marginals, cost=cost)
    loss, plan = TransportObjective(settings)(*sides)
    assert loss.shape == (2,) and loss.isfinite().all()
    loss.sum().backward()
    cols = sides[1]
    assert cols.vectors.grad.isfinite().all() and cols.vectors.grad.ne(0).any()
    assert cols.vectors.grad[~cols.scored].eq(0).all()
    assert plan.plan.mT[~cols.scored].eq(0).all()


def test_the_default_is_transport_between_real_tokens(sides):
    rows, cols = sides
    loss, plan = TransportObjective(TransportSettings())(rows, cols)
    row = rows.real / rows.real.sum(1, keepdim=True)
    col = cols.real / cols.real.sum(1, keepdim=True)
    cost = cosine_cost(rows.vectors, cols.vectors)
    torch.testing.assert_close(plan.plan, solve(cost, row, col, "ipot").plan)
    torch.testing.assert_close(loss, (plan.plan * cost).sum((1, 2)))


def test_the_divergence_is_debiased_and_annealed(sides):
    rows, cols = sides
    settings = TransportSettings(solver="divergence", marginals="all", cost="cosine")
    objective = TransportObjective(settings, AnnealingSettings(epsilon_schedule="inf:0.05x"))
    pooled = objective(rows, cols, progress=0.0).loss
    means = [
        torch.stack([v[m].mean(0) for v, m in zip(side.vectors, side.scored, strict=True)])
        for side in sides
    ]
    torch.testing.assert_close(pooled, ((means[0] - means[1]) ** 2).sum(1) / 2)
    sharp = objective(rows, cols, progress=1.0)
    assert (sharp.loss > pooled).all()
    same = objective(rows, rows, progress=1.0)
    assert same.loss.abs().max() < 1e-4


def test_blocks_keep_masks_among_themselves(sides):
    rows, cols = sides
    _, plan = TransportObjective(TransportSettings(marginals="blocks"))(rows, cols)
    across = rows.real[:, :, None] & ~cols.real[:, None, :]
    assert plan.plan[across].eq(0).all()
    assert plan.plan.mT[cols.real[:, :, None] & ~rows.real[:, None, :]].eq(0).all()
    torch.testing.assert_close(plan.plan.sum((1, 2)), torch.ones(2))
    torch.testing.assert_close(plan.transport_cost, TransportObjective(
        TransportSettings(marginals="blocks"))(rows, cols).loss.detach())  # fmt: skip


def test_a_prior_shapes_the_plan_and_never_the_loss(sides):
    rows, cols = sides
    objective = annealed(prior=("position",), prior_weight=5.0, prior_decay=0.5)
    early, late = objective(rows, cols, progress=0.0), objective(rows, cols, progress=0.5)
    plain = TransportObjective(TransportSettings())(rows, cols)
    torch.testing.assert_close(late.plan.plan, plain.plan.plan)
    assert (early.plan.plan - plain.plan.plan).abs().max() > 0.05
    cost = cosine_cost(rows.vectors, cols.vectors)
    torch.testing.assert_close(early.loss, (early.plan.plan * cost).sum((1, 2)))
    # Strong enough, it puts the mass on the diagonal: first to first, last to last.
    assert (early.plan.plan[:, 0, 0] > plain.plan.plan[:, 0, 0]).any()


def test_a_centered_plan_does_not_see_what_all_tokens_of_a_text_share(sides):
    rows, cols = sides
    topic = torch.zeros_like(rows.vectors[:, :1]).index_fill_(2, torch.tensor(0), 3.0)
    moved = TokenSide(rows.vectors + topic, rows.scored, rows.expansion)
    plain = TransportObjective(TransportSettings())
    objective = TransportObjective(TransportSettings(center_plan=True))
    here, there = objective(rows, cols), objective(moved, cols)
    torch.testing.assert_close(here.plan.plan, there.plan.plan, atol=1e-4, rtol=0)
    assert (plain(rows, cols).plan.plan - plain(moved, cols).plan.plan).abs().max() > 0.01
    # What is paid for it is the raw cost.
    cost = cosine_cost(moved.vectors, cols.vectors)
    torch.testing.assert_close(there.loss, (there.plan.plan * cost).sum((1, 2)))


def test_priors_of_words(sides):
    rows, cols = sides
    types = {
        "rows": torch.arange(14).reshape(2, 7), "cols": torch.arange(12).reshape(2, 6) + 100,
    }  # fmt: skip
    types["cols"][0, 0] = 2
    rows = TokenSide(rows.vectors, rows.scored, rows.expansion, type_ids=types["rows"])
    cols = TokenSide(cols.vectors, cols.scored, cols.expansion, type_ids=types["cols"])
    objective = annealed(prior=("identical",), prior_weight=4.0)
    plan = objective(rows, cols, progress=0.0).plan.plan
    torch.testing.assert_close(plan[0, :, 0].argmax(), torch.tensor(2))
    lexicon = torch.zeros(2, 7, 6)
    lexicon[0, 1, 3] = 1.0
    objective = annealed(prior=("lexicon",), prior_weight=4.0)
    plan = objective(rows, cols, progress=0.0, affinities={"lexicon": lexicon}).plan.plan
    assert plan[0, :, 3].argmax() == 1


@pytest.mark.parametrize("prior", ["identical", "lexicon"])
def test_a_prior_without_its_affinities_is_refused(sides, prior):
    objective = annealed(prior=(prior,))
    with pytest.raises(UsageError, match=f"--prior {prior} needs"):
        objective(*sides, progress=0.0)


def test_the_euclidean_objective_is_the_wasserstein_distance(sides):
    rows, cols = sides
    loss, plan = TransportObjective(TransportSettings(cost="euclidean", solver="exact"))(rows, cols)
    cost = euclidean_cost(rows.vectors, cols.vectors)
    torch.testing.assert_close(loss, (plan.plan * cost).sum((1, 2)))


@pytest.mark.parametrize("solver", ["ipot", "divergence", "unbalanced"])
def test_a_few_steps_bring_the_student_home(vectors, solver):
    """Tokens of one side follow the gradient to the other's, each to its own."""
    rows = vectors(1, 5).float()
    everything = torch.ones(1, 5, dtype=torch.bool)
    free = (rows.flip(1) + 0.6 * vectors(1, 5, seed=3).float()).requires_grad_()
    objective = TransportObjective(TransportSettings(solver=solver, epsilon="0.1x"))
    optimizer = torch.optim.Adam([free], lr=0.1)
    for _ in range(40):
        optimizer.zero_grad()
        loss, _ = objective(TokenSide(rows, everything), TokenSide(free, everything))
        loss.sum().backward()
        optimizer.step()
    assert cosine_cost(rows.flip(1), free).diagonal(dim1=1, dim2=2).max() < 0.03


@pytest.mark.parametrize("solver", [*SOLVERS, "auto"])
@pytest.mark.parametrize("cost", ["cosine", "euclidean"])
@pytest.mark.parametrize("garbage", [float("inf"), float("-inf"), float("nan"), 1e38])
@pytest.mark.parametrize("where", ["rows", "cols", "both"])
def test_padding_changes_nothing_whatever_it_is(sides, solver, cost, garbage, where):
    objective = TransportObjective(TransportSettings(solver=solver, cost=cost))

    def learned(*padding):
        leaves = [
            side.vectors.detach().masked_fill(~side.scored[:, :, None], value).requires_grad_()
            for side, value in zip(sides, padding, strict=True)
        ]
        moved = [replace(side, vectors=leaf) for side, leaf in zip(sides, leaves, strict=True)]
        loss, plan = objective(*moved)
        loss.sum().backward()
        return loss.detach(), plan.plan, *(leaf.grad for leaf in leaves)

    clean = learned(0.0, 0.0)
    padded = learned(garbage if where != "cols" else 0.0, garbage if where != "rows" else 0.0)
    for found, expected in zip(padded, clean, strict=True):
        assert torch.equal(found, expected)
    for gradient, side in zip(padded[2:], sides, strict=True):
        assert gradient.isfinite().all() and gradient[~side.scored].eq(0).all()
        assert gradient[side.real].ne(0).any()


@pytest.mark.parametrize("marginals", ["all", "real", "blocks", "norm", "words+norm"])
@pytest.mark.parametrize("center", [False, True])
@pytest.mark.parametrize("garbage", [float("inf"), float("nan")])
def test_padding_weighs_nothing_whatever_its_weight(sides, marginals, center, garbage):
    def loss_of(value):
        moved = [
            replace(
                side, vectors=side.vectors.masked_fill(~side.scored[:, :, None], value),
                weights=torch.arange(1.0, side.scored[0].numel() + 1).expand(2, -1)
                .masked_fill(~side.scored, value),
                word_ids=torch.arange(side.scored[0].numel()).expand(2, -1),
            )
            for side in sides
        ]  # fmt: skip
        settings = TransportSettings(marginals=marginals, center_plan=center)
        return TransportObjective(settings)(*moved).loss

    assert torch.equal(loss_of(garbage), loss_of(0.0))


def test_unbalanced_that_moves_nothing_is_no_lesson(sides):
    """Its loss and its gradient are zero: a student would train for hours and learn nothing."""
    rows, cols = sides
    far = replace(cols, vectors=(-rows.vectors[:, :6]).requires_grad_())
    settings = {"solver": "unbalanced", "epsilon": "1e-4", "cost": "euclidean"}
    objective = TransportObjective(TransportSettings(mass_penalty=1e-4, **settings))
    with pytest.raises(UsageError, match="no mass in any of 2 text pairs") as caught:
        objective(rows, far)
    assert "larger --mass-penalty" in caught.value.hint
    with torch.no_grad():
        loss, plan = objective(rows, far)
    assert loss.eq(0).all() and plan.plan.eq(0).all()
    objective = TransportObjective(TransportSettings(mass_penalty=0.5, **settings))
    objective(rows, far).loss.sum().backward()
    assert far.vectors.grad.isfinite().all() and far.vectors.grad.ne(0).any()


def test_a_batch_of_empty_texts_is_no_fault_of_the_penalty(sides):
    nothing = [replace(side, scored=torch.zeros_like(side.scored)) for side in sides]
    loss, plan = TransportObjective(TransportSettings(solver="unbalanced"))(*nothing)
    assert loss.eq(0).all() and plan.converged.all()
