"""Hidden layers that are aligned beside the token vectors."""

import pytest
import torch

from optical_cli.encoders import load
from optical_cli.training.data.pairs import PairBatch
from optical_cli.training.distillation import DistillationStep
from optical_cli.training.objectives import make_objective
from optical_cli.transport import TransportSettings


@pytest.fixture
def encoder(teacher):
    return load(teacher)


def batch_of(encoder, *texts):
    tokens = encoder.tokenize_queries(texts, expand=False)
    return PairBatch(torch.arange(len(texts)).numpy(), tokens, tokens, torch.arange(len(texts)))


def losses(student, teacher, batch, layers=()):
    objective = make_objective("mse", TransportSettings(), temperature=0.1)
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


def test_a_change_of_the_first_layer_is_seen_at_it(encoder, teacher):
    student = load(teacher)
    with torch.no_grad():
        student.backbone.embeddings.word_embeddings.weight += torch.randn(1)
        student.backbone.encoder.layer[0].output.dense.bias += torch.randn(32)
    batch = batch_of(encoder, "bank bart")
    plain, both = losses(student, encoder, batch), losses(student, encoder, batch, (1,))
    assert 2 * both.losses.item() > plain.losses.item() + 1e-3
