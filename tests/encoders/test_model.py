"""The encoder's vectors, weights, gradients and signature."""

import copy
from dataclasses import replace

import pytest
import torch

from optical_cli.encoders import LateInteractionEncoder, with_head, with_token_weights


def test_every_text_has_a_unit_vector_per_scored_token(encoder, texts):
    for side, vectors in (
        (encoder.tokenize_queries(texts), encoder.encode_queries(texts)),
        (encoder.tokenize_passages(texts), encoder.encode_passages(texts)),
    ):
        assert [len(v) for v in vectors] == side.scored.sum(1).tolist()
        for v in vectors:
            assert v.dtype == torch.float32 and v.shape[1] == encoder.dim == 16
            torch.testing.assert_close(v.norm(dim=1), torch.ones(len(v)))


def test_vectors_are_the_head_applied_to_the_backbones_last_states(encoder):
    batch = encoder.tokenize_passages(["the first railway"])
    states = encoder.backbone(batch.input_ids, attention_mask=batch.attention_mask)
    expected = states.last_hidden_state @ encoder.head.weight.T
    expected = expected / expected.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(encoder(batch), expected)


@pytest.mark.parametrize("encode", ["encode_queries", "encode_passages"])
def test_neighbors_in_a_batch_change_nothing(encoder, texts, encode):
    together = getattr(encoder, encode)(texts, batch_size=32)
    alone = getattr(encoder, encode)(texts, batch_size=1)
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(a, b, atol=2e-6, rtol=0)


def test_no_texts_give_no_vectors(encoder):
    assert encoder.encode_queries([]) == []


def test_piece_weights_are_the_lengths_of_query_vectors_and_leave_passages_alone(encoder, texts):
    weights = torch.rand(len(encoder.tokenizer), generator=torch.Generator().manual_seed(1)) + 0.1
    weighed = with_token_weights(encoder, weights)
    batch = encoder.tokenize_queries(texts)
    for vectors, before, ids in zip(
        weighed.encode_queries(texts), encoder.encode_queries(texts), batch.input_ids, strict=True
    ):
        torch.testing.assert_close(vectors, before * weights[ids][:, None])
    for a, b in zip(weighed.encode_passages(texts), encoder.encode_passages(texts), strict=True):
        assert torch.equal(a, b)
    assert encoder.piece_weights is None


def test_pieces_share_their_words_weight(encoder):
    weighed = with_token_weights(encoder, share_word_mass=True)
    batch = weighed.tokenize_queries(["reading the books"])
    weights, words = weighed.token_weights(batch)[0], batch.words[0]
    assert words.max() == 2 and (torch.bincount(words[words >= 0]) > 1).any()
    for word in range(3):
        torch.testing.assert_close(weights[words == word].sum(), torch.tensor(1.0))
    assert (weights[words < 0] == 1).all()


def test_query_vectors_may_keep_their_norms(encoder, texts):
    weighed = with_token_weights(encoder, weigh_by="norm")
    batch = encoder.tokenize_queries(texts)
    with torch.no_grad():
        hidden = encoder.hidden(batch)
    for place, vectors in enumerate(weighed.encode_queries(texts)):
        torch.testing.assert_close(vectors, hidden[place][batch.scored[place]])
    for a, b in zip(weighed.encode_passages(texts), encoder.encode_passages(texts), strict=True):
        assert torch.equal(a, b)
    assert weighed.signature() != encoder.signature() == weighed.family


def test_bad_token_weights_are_refused(encoder):
    size = len(encoder.tokenizer)
    for weights in (torch.ones(size - 1), -torch.ones(size), torch.full((size,), torch.nan)):
        with pytest.raises(ValueError, match="weights"):
            with_token_weights(encoder, weights)


def test_the_forward_pass_is_differentiable_down_to_the_embeddings(plain):
    trained = with_head(plain, dim=8).train()
    batch = trained.tokenize_queries(["the first railway"])
    trained(batch).pow(2)[..., 0].sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in trained.parameters())
    assert trained.backbone.get_input_embeddings().weight.grad.abs().sum() > 0


def test_checkpointing_gradients_changes_none_of_them(encoder):
    grads = []
    for on in (False, True):
        # Checkpointing is on only in training; without dropout the two passes are the same.
        trained = without_dropout(copy.deepcopy(encoder)).train()
        trained.checkpoint_gradients(on)
        assert trained.backbone.is_activation_checkpointing is on
        trained(trained.tokenize_queries(["the first railway"]))[..., 0].sum().backward()
        grads.append([parameter.grad for parameter in trained.parameters()])
    for a, b in zip(*grads, strict=True):
        torch.testing.assert_close(a, b)


def without_dropout(encoder):
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
        if isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0
    encoder.backbone.config.attention_probs_dropout_prob = 0.0
    return encoder


def test_encoding_ignores_dropout_and_gives_training_mode_back(encoder):
    training = copy.deepcopy(encoder).train()
    vectors = training.encode_queries(["the first railway"])[0]
    assert training.training and training.backbone.training
    torch.testing.assert_close(vectors, encoder.encode_queries(["the first railway"])[0])
    assert not vectors.requires_grad


def test_vectors_are_float32_units_under_autocast_too(encoder):
    batch = encoder.tokenize_passages(["the first railway"])
    with torch.autocast("cpu", torch.bfloat16):
        vectors = encoder(batch)
    assert vectors.dtype == torch.float32
    torch.testing.assert_close(vectors.norm(dim=-1), torch.ones(vectors.shape[:-1]))
    torch.testing.assert_close(vectors, encoder(batch), atol=0.05, rtol=0)


def test_attention_is_sdpa(encoder):
    assert encoder.backbone.config._attn_implementation == "sdpa"


def test_signature_is_stable_in_use_and_differs_with_anything_that_changes_vectors(encoder):
    signature = encoder.signature()
    encoder.tokenizer("a b c", truncation=True, max_length=3, padding="max_length")
    assert encoder.signature() == signature == copy.deepcopy(encoder).signature()
    others = [
        with_token_weights(encoder, torch.ones(len(encoder.tokenizer))),
        LateInteractionEncoder(
            encoder.backbone, encoder.tokenizer, replace(encoder.config, query_length=23),
            head=encoder.head,
        ),
        trained_a_step(encoder),
    ]  # fmt: skip
    assert len({signature, *(other.signature() for other in others)}) == 4


def trained_a_step(encoder):
    trained = copy.deepcopy(encoder)
    trained.signature()  # cached now; the step must show all the same
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.1)
    trained(trained.tokenize_queries(["the"]))[..., 0].sum().backward()
    optimizer.step()
    return trained
