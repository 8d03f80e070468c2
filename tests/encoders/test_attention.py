"""Attention in float32 for training: the same numbers, and nobody else sees it."""

import json

import pytest
import torch

from optical_cli.encoders import new_encoder, train_vocabulary
from optical_cli.encoders.attention import train_on_cpu_in_bfloat16

TEXTS = ["the first railway was built in england", "water boils", "the children are reading"]


@pytest.fixture
def encoder():
    return new_encoder(train_vocabulary(TEXTS * 3, 80), layers=2, hidden=32, max_length=32, seed=1)


def gradient(encoder, dtype: torch.dtype | None) -> list[torch.Tensor]:
    encoder.zero_grad()
    batch = encoder.query_side(length=16, expand=False)(TEXTS)
    with torch.autocast("cpu", dtype or torch.bfloat16, enabled=dtype is not None):
        vectors = encoder(batch)
    (vectors * torch.linspace(0, 1, vectors.shape[2])).sum().backward()
    return [weight.grad.clone() for weight in encoder.parameters() if weight.grad is not None]


def test_in_float32_it_changes_nothing(encoder):
    plain = gradient(encoder, None)
    train_on_cpu_in_bfloat16(encoder.backbone)
    torch.testing.assert_close(gradient(encoder, None), plain)


def test_in_bfloat16_the_gradient_is_nearer_to_the_true_one(encoder):
    true = torch.cat([g.flatten() for g in gradient(encoder, None)])
    plain = torch.cat([g.flatten() for g in gradient(encoder, torch.bfloat16)])
    train_on_cpu_in_bfloat16(encoder.backbone)
    raised = torch.cat([g.flatten() for g in gradient(encoder, torch.bfloat16)])
    assert not torch.equal(raised, plain)
    assert (raised - true).norm() <= 1.1 * (plain - true).norm() < 0.1 * true.norm()


def test_without_a_gradient_vectors_are_as_ever(encoder):
    with torch.autocast("cpu", torch.bfloat16):
        before = encoder.encode_queries(TEXTS)
        train_on_cpu_in_bfloat16(encoder.backbone)
        after = encoder.encode_queries(TEXTS)
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))


def test_it_is_not_saved(encoder, tmp_path):
    train_on_cpu_in_bfloat16(encoder.backbone)
    assert encoder.backbone.config._attn_implementation == "sdpa_float32"
    encoder.save(tmp_path)
    assert "sdpa" not in json.loads((tmp_path / "config.json").read_text()).values()
