"""Groups of parameters, and their rates."""

import pytest
import torch

from optical_cli.encoders import new_encoder
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.training.loop.optimizer import learning_rate, make_optimizer, set_learning_rate
from optical_cli.training.loop.rowwise import BY_ROWS
from optical_cli.training.settings import ScheduleSettings


@pytest.fixture
def encoder(vocabulary):
    return new_encoder(vocabulary, layers=1, hidden=32, max_length=32, seed=3)


def rates(
    model: LateInteractionEncoder, settings: ScheduleSettings, rate: float
) -> dict[str, float]:
    """The rate of every parameter by name, once `rate` is set."""
    optimizer = make_optimizer(model, settings)
    set_learning_rate(optimizer, rate)
    by_id = {id(w): group["lr"] for group in optimizer.param_groups for w in group["params"]}
    return {name: by_id[id(weight)] for name, weight in model.named_parameters()}


def test_the_embeddings_alone_have_a_rate_of_their_own(encoder):
    found = rates(encoder, ScheduleSettings(lr=2e-5, embedding_lr=1e-3), 1e-5)
    table = next(name for name, w in encoder.named_parameters()
                 if w is encoder.backbone.get_input_embeddings().weight)  # fmt: skip
    assert found.pop(table) == pytest.approx(5e-4)
    assert set(found.values()) == {1e-5}


def test_without_one_all_rates_are_alike_and_every_parameter_is_trained_once(encoder):
    found = rates(encoder, ScheduleSettings(lr=2e-5), 1e-5)
    assert set(found.values()) == {1e-5} and len(found) == len(list(encoder.parameters()))


@pytest.mark.parametrize(("rate", "by_rows"), [(None, []), (1e-3, [True])])
def test_embeddings_with_a_rate_of_their_own_are_moved_by_rows(encoder, rate, by_rows):
    optimizer = make_optimizer(encoder, ScheduleSettings(embedding_lr=rate))
    assert [True for group in optimizer.param_groups if group[BY_ROWS]] == by_rows


def test_frozen_parameters_are_left_out(encoder):
    table = encoder.backbone.get_input_embeddings().weight.requires_grad_(False)
    optimizer = make_optimizer(encoder, ScheduleSettings())
    assert not any(w is table for group in optimizer.param_groups for w in group["params"])


def test_embeddings_move_as_far_as_their_rate_says(encoder):
    """Adam's first step is its rate whatever the gradient."""
    settings = ScheduleSettings(lr=1e-4, embedding_lr=1e-2, weight_decay=0.0)
    optimizer = make_optimizer(encoder, settings)
    set_learning_rate(optimizer, learning_rate(settings, settings.warmup))
    table = encoder.backbone.get_input_embeddings().weight
    before = table.detach().clone()
    table.grad = torch.ones_like(table)
    optimizer.step()
    torch.testing.assert_close(
        before - table.detach(), torch.full_like(table, 1e-2), rtol=1e-3, atol=0
    )
