"""AdamW by rows, against torch's dense AdamW."""

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from optical_cli.training.loop.rowwise import (
    BY_ROWS,
    RowwiseAdamW,
    clip_gradients,
    make_gradient_sparse,
    rows_of,
)

RATE, DECAY = 1e-2, 0.1
ALL = torch.arange(6)
SOME = torch.tensor([1, 4, 4])


def table(*, sparse: bool) -> nn.Embedding:
    torch.manual_seed(3)
    made = nn.Embedding(6, 4)
    if sparse:
        make_gradient_sparse(made)
    return made


def by_rows(made: nn.Embedding) -> RowwiseAdamW:
    return RowwiseAdamW([{"params": [made.weight], "weight_decay": DECAY, BY_ROWS: True}], RATE)


def descend(made: nn.Embedding, optimizer: AdamW, batches: list[torch.Tensor]) -> torch.Tensor:
    """The table after a step on each batch of row numbers."""
    target = torch.linspace(-1, 1, 4)
    for rows in batches:
        optimizer.zero_grad()
        ((made(rows) - target) ** 2).sum().backward()
        optimizer.step()
    return made.weight.detach()


@pytest.mark.parametrize("sparse", [True, False])
def test_with_all_rows_in_every_batch_it_is_dense_adamw(sparse):
    own = table(sparse=sparse)
    found = descend(own, by_rows(own), [ALL] * 5)
    dense = table(sparse=False)
    expected = descend(dense, AdamW([dense.weight], lr=RATE, weight_decay=DECAY), [ALL] * 5)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("sparse", [True, False])
def test_rows_that_no_batch_has_stay_where_they_are(sparse):
    own = table(sparse=sparse)
    before = own.weight.detach().clone()
    found = descend(own, by_rows(own), [SOME] * 3)
    moved = (found != before).any(1)
    assert moved.tolist() == [False, True, False, False, True, False]


def test_a_row_is_where_it_would_be_had_its_batches_been_the_only_ones():
    own, alone = table(sparse=True), table(sparse=True)
    found = descend(own, by_rows(own), [SOME, torch.tensor([2]), torch.tensor([2]), SOME])
    expected = descend(alone, by_rows(alone), [SOME, SOME])
    torch.testing.assert_close(found[[1, 4]], expected[[1, 4]], rtol=0, atol=0)


def test_sparse_and_dense_gradients_give_the_same_table():
    batches = [SOME, ALL, torch.tensor([0, 4]), SOME]
    sparse, dense = table(sparse=True), table(sparse=False)
    torch.testing.assert_close(
        descend(sparse, by_rows(sparse), batches), descend(dense, by_rows(dense), batches)
    )


def test_saved_and_loaded_it_goes_on_as_if_never_stopped(tmp_path):
    whole = table(sparse=True)
    expected = descend(whole, by_rows(whole), [SOME, ALL, SOME])
    first = table(sparse=True)
    optimizer = by_rows(first)
    descend(first, optimizer, [SOME, ALL])
    torch.save(optimizer.state_dict(), tmp_path / "o.pt")
    again = by_rows(first)
    again.load_state_dict(torch.load(tmp_path / "o.pt", weights_only=True))
    assert torch.equal(descend(first, again, [SOME]), expected)


def test_other_groups_are_moved_by_dense_adamw():
    own, body = table(sparse=True), nn.Linear(4, 2)
    copy = nn.Linear(4, 2)
    copy.load_state_dict(body.state_dict())
    groups = [{"params": [own.weight], BY_ROWS: True}, {"params": list(body.parameters())}]
    for layer, optimizer in (
        (body, RowwiseAdamW(groups, RATE)), (copy, AdamW(copy.parameters(), lr=RATE, fused=True)),
    ):  # fmt: skip
        for _ in range(3):
            optimizer.zero_grad()
            layer(table(sparse=True)(SOME).detach()).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(body.weight, copy.weight, rtol=0, atol=0)


@pytest.mark.parametrize("most", [0.5, 0.0, 1e6])
def test_clipping_knows_the_norm_of_sparse_gradients(most):
    own, dense = table(sparse=True), table(sparse=False)
    for made in (own, dense):
        made(SOME).square().sum().backward()
    norm = clip_gradients([own.weight], most)
    expected = nn.utils.clip_grad_norm_([dense.weight], most or torch.inf)
    torch.testing.assert_close(norm, expected)
    torch.testing.assert_close(own.weight.grad.to_dense(), dense.weight.grad)


def test_rows_of_a_sparse_gradient_are_summed():
    own = table(sparse=True)
    own(SOME).sum().backward()
    rows, gradient = rows_of(own.weight.grad)
    assert rows.tolist() == [1, 4]
    torch.testing.assert_close(gradient, torch.tensor([[1.0] * 4, [2.0] * 4]))


def test_a_step_that_the_scaler_skips_moves_nothing():
    own = table(sparse=True)
    before = own.weight.detach().clone()
    optimizer = by_rows(own)
    own(SOME).sum().backward()
    optimizer.found_inf = torch.tensor(1.0)
    optimizer.step()
    assert torch.equal(own.weight.detach(), before)
