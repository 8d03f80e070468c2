"""Attention received, by transformers' own maps."""

import pytest
import torch
import transformers

from optical_cli.encoders import load, with_head, with_token_weights
from optical_cli.encoders.attention import train_on_cpu_in_bfloat16
from optical_cli.encoders.bulk import encode_in_bulk
from optical_cli.encoders.received import listening, require_heard
from optical_cli.errors import InputError

SIZES = {"vocab_size": 60, "hidden_size": 32, "num_attention_heads": 4, "pad_token_id": 1}
DEEP = {"num_hidden_layers": 2, "intermediate_size": 48, "max_position_embeddings": 40}


def tiny(name: str, **changes):
    torch.manual_seed(2)
    config = getattr(transformers, f"{name}Config")(**SIZES | DEEP | changes)
    return getattr(transformers, f"{name}Model")(config).eval()


FAMILIES = {
    "bert": lambda: tiny("Bert", initializer_range=0.5),
    "xlm-r": lambda: tiny("XLMRoberta", initializer_range=0.5),
    "albert": lambda: tiny("Albert", embedding_size=16, initializer_range=0.5),
    "distilbert": lambda: tiny("DistilBert", dim=32, n_heads=4, n_layers=2, hidden_dim=48,
                               initializer_range=0.5),
    "modernbert": lambda: tiny("ModernBert", local_attention=4, global_attn_every_n_layers=3,
                               initializer_range=0.5),
    "eurobert": lambda: tiny("EuroBert", num_key_value_heads=2, head_dim=8, initializer_range=0.5),
}  # fmt: skip


@pytest.fixture
def inputs():
    ids = torch.randint(4, 60, (3, 12), generator=torch.Generator().manual_seed(1))
    mask = torch.arange(12) < torch.tensor([[12], [7], [2]])
    return {"input_ids": ids.masked_fill(~mask, 1), "attention_mask": mask.long()}


def own_maps(backbone, inputs, givers):
    """What the last of transformers' own maps says, averaged over heads."""
    backbone.set_attn_implementation("eager")
    maps = backbone(**inputs, output_attentions=True).attentions[-1].mean(1)
    backbone.set_attn_implementation("sdpa")
    return (maps * givers[:, :, None]).sum(1)


@pytest.mark.parametrize("name", FAMILIES)
@torch.no_grad()
def test_it_is_what_transformers_own_maps_say(name, inputs):
    backbone = FAMILIES[name]()
    require_heard(backbone)
    givers = inputs["attention_mask"].bool()
    givers[0, 3] = False
    plain = backbone(**inputs).last_hidden_state
    with listening(backbone) as attention:
        heard = backbone(**inputs).last_hidden_state
    assert torch.equal(heard, plain) and backbone.config._attn_implementation == "sdpa"
    received = attention.received(givers)
    torch.testing.assert_close(received, own_maps(backbone, inputs, givers), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(received.sum(1), givers.sum(1).float())
    assert received.std() > 0.1 and not received[inputs["attention_mask"] == 0].any()


@torch.no_grad()
def test_without_padding_too(inputs):
    backbone = FAMILIES["bert"]()
    inputs["attention_mask"][:] = 1
    with listening(backbone) as attention:
        backbone(**inputs)
    givers = torch.ones(3, 12, dtype=torch.bool)
    torch.testing.assert_close(attention.received(givers), own_maps(backbone, inputs, givers))


@pytest.mark.parametrize("checkpointed", [False, True])
def test_listening_changes_no_gradient(encoder, texts, checkpointed):
    made = with_head(encoder, dim=8).train(checkpointed)
    for module in made.modules():
        module.p = 0.0 if isinstance(module, torch.nn.Dropout) else getattr(module, "p", None)
    made.checkpoint_gradients(checkpointed)
    batch = made.tokenize_queries(texts)
    gradients = []
    for listened in (False, True):
        made.zero_grad()
        if listened:
            with listening(made.backbone) as attention:
                vectors = made(batch)
            assert not attention.received(batch.real).requires_grad
        else:
            vectors = made(batch)
        vectors[..., 0].sum().backward()
        gradients.append([w.grad.clone() for w in made.parameters() if w.grad is not None])
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("expansion", [False, True])
def test_query_vectors_are_as_long_as_what_they_receive(
    roberta, encoder, texts, tmp_path, expansion
):
    for place, start in enumerate((roberta, encoder)):
        made = with_head(start, dim=8, query_expansion=expansion)
        weighed = with_token_weights(made, weigh_by="attention")
        folder = tmp_path / str(place)
        folder.mkdir()
        weighed.save(folder)
        student = load(folder)
        assert student.config.weigh_by == "attention" and student.signature() == weighed.signature()
        batch = student.tokenize_queries(texts)
        inputs = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
        with torch.no_grad():
            expected = own_maps(made.backbone, inputs, batch.real)
        for row, vectors in enumerate(student.encode_queries(texts, batch_size=3)):
            lengths = expected[row][batch.scored[row]]
            torch.testing.assert_close(vectors.norm(dim=1), lengths, atol=1e-5, rtol=1e-4)
        passages = zip(student.encode_passages(texts), made.encode_passages(texts), strict=True)
        assert all(torch.equal(one, other) for one, other in passages)


def test_in_bfloat16_on_a_cpu(encoder, texts):
    weighed = with_token_weights(encoder, weigh_by="attention")
    train_on_cpu_in_bfloat16(weighed.backbone)
    side = weighed.query_side()
    exact, rough = (
        torch.cat([
            torch.from_numpy(part.vectors).float()
            for part in encode_in_bulk(weighed, texts, side, weigh=True, dtype=dtype)
        ]).norm(dim=1)
        for dtype in ("float32", "bfloat16")
    )  # fmt: skip
    torch.testing.assert_close(rough, exact, atol=0.05, rtol=0.05)


def test_backbones_that_do_not_tell_are_refused(encoder):
    unfit = [
        tiny("MPNet"),
        tiny("DebertaV2"),
        transformers.Qwen3Model(transformers.Qwen3Config(**SIZES, **DEEP, head_dim=8)),
    ]
    for backbone in unfit:
        with pytest.raises(InputError, match="does not say what attention its tokens receive"):
            require_heard(backbone)
    eager = with_head(encoder, dim=8)
    eager.backbone.set_attn_implementation("eager")
    with pytest.raises(InputError, match="a bert does not say"):
        with_token_weights(eager, weigh_by="attention")
