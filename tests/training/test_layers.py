"""Hidden layers that are aligned beside the token vectors."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import normalize

from optical_cli.encoders import load, with_token_weights
from optical_cli.training.data.pairs import PairBatch
from optical_cli.training.distillation.step import DistillationStep, Seen
from optical_cli.training.objectives import OBJECTIVES, Value, make_objective
from optical_cli.training.students.token_tables import TokenTables
from optical_cli.transport import TokenSide, TransportObjective, TransportSettings


@pytest.fixture
def encoder(teacher):
    return load(teacher)


def batch_of(encoder, *texts):
    tokens = encoder.tokenize_queries(texts, expand=False)
    return PairBatch(torch.arange(len(texts)).numpy(), tokens, tokens, torch.arange(len(texts)))


def losses(student, teacher, batch, layers=(), objective="mse"):
    objective = make_objective(objective, TransportSettings(), temperature=0.1)
    return DistillationStep(student, objective, teacher, layers=layers)(batch, 0.5)


def test_the_last_of_the_layers_are_the_token_vectors(encoder):
    batch = encoder.tokenize_queries(["bank bart", "demo"])
    first, last = encoder.at_layers(batch, [1])
    torch.testing.assert_close(last, encoder.hidden(batch))
    assert first.shape[-1] == encoder.backbone.config.hidden_size
    states = encoder.backbone(
        input_ids=batch.input_ids, attention_mask=batch.attention_mask, output_hidden_states=True
    ).hidden_states
    torch.testing.assert_close(first, states[1])


def test_the_loss_is_the_mean_over_layers(encoder, teacher):
    """A change of the head is seen by the token vectors alone: half the loss."""
    student = load(teacher)
    with torch.no_grad():
        student.head.weight += 0.1
    batch = batch_of(encoder, "bank bart", "demo")
    plain, both = losses(student, encoder, batch), losses(student, encoder, batch, (1,))
    torch.testing.assert_close(both.losses, plain.losses / 2)
    torch.testing.assert_close(both.seen["mse"], plain.seen["mse"] / 2)


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_objectives_are_single_precision_whatever_the_encoders_are(encoder, name):
    batch = batch_of(encoder, "bank bart", "demo", "bart demo")
    chance = torch.Generator().manual_seed(1)
    hidden = torch.randn((2, *batch.target.input_ids.shape, encoder.dim), generator=chance)
    passages = normalize(torch.randn((3, 4, 5, encoder.dim), generator=chance), dim=-1)
    batch = replace(batch, passages=passages)
    # Near each other, where bfloat16 tells little apart.
    rows, cols = Seen(hidden[0]), Seen((hidden[0] + 0.05 * hidden[1]).requires_grad_())
    objective = make_objective(name, TransportSettings(), temperature=0.1)
    step = DistillationStep(encoder, objective, encoder)
    found = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            found.append(step._value(batch, rows, cols, 0.5).losses)
    assert found[1].dtype == torch.float32
    torch.testing.assert_close(found[1], found[0])


def test_a_change_of_the_first_layer_is_seen_at_it(encoder, teacher):
    student = load(teacher)
    with torch.no_grad():
        student.backbone.embeddings.word_embeddings.weight += torch.randn(1)
        student.backbone.encoder.layer[0].output.dense.bias += torch.randn(32)
    batch = batch_of(encoder, "bank bart")
    plain, both = losses(student, encoder, batch), losses(student, encoder, batch, (1,))
    assert 2 * both.losses.item() > plain.losses.item() + 1e-3


def test_every_layer_is_aligned_by_a_plan_of_its_own(encoder, teacher):
    """The second layer tells tokens apart otherwise than the first, and so does its plan."""
    student, chance = load(teacher), torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in student.parameters():
            noise = torch.randn(parameter.shape, generator=chance)
            parameter += noise * parameter.square().mean().sqrt()
    batch = batch_of(encoder, "bank bart demo", "bank")
    expected = []
    for theirs, ours in zip(
        encoder.at_layers(batch.source, [1, 2]),
        student.at_layers(batch.target, [1, 2]),
        strict=True,
    ):
        sides = [TokenSide(normalize(v, dim=-1), batch.source.scored) for v in (theirs, ours)]
        expected.append(TransportObjective(TransportSettings())(*sides))
    value = losses(student, encoder, batch, (1, 2), objective="ot")
    torch.testing.assert_close(value.losses, torch.stack([loss for loss, _ in expected]).mean(0))
    assert (expected[0].plan.plan - expected[2].plan.plan).abs().max() > 1e-3

    value.losses.sum().backward()
    assert student.head.weight.grad.ne(0).any()
    for layer in student.backbone.encoder.layer:
        assert layer.output.dense.weight.grad.ne(0).any()


def test_the_loss_of_transport_at_layers_is_nothing_for_the_teacher_itself(encoder, teacher):
    batch = batch_of(encoder, "bank bart demo")
    assert losses(load(teacher), encoder, batch, (1, 2), "ot").losses.abs().max() < 1e-3


def test_all_layers_weigh_tokens_by_the_attention_of_the_last(encoder):
    batch = batch_of(encoder, "bank bart demo", "bank")
    views = []
    step = DistillationStep(
        encoder, lambda view, _: views.append(view) or Value(view.student_hidden[:, 0, 0]),
        encoder, TokenTables(weigh_by="attention"), layers=[1],
    )  # fmt: skip
    step(batch, 0.5)
    weighed = with_token_weights(encoder, weigh_by="attention").weighed(batch.target)
    for view in views:
        torch.testing.assert_close(view.student.weights, weighed.norm(dim=2))
        torch.testing.assert_close(view.teacher.weights, view.student.weights)
    assert len(views) == 2
