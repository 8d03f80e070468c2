import pytest
import torch
from accelerate import Accelerator

from optical_cli.encoders import load
from optical_cli.errors import UsageError
from optical_cli.training.loop.unfreezing import Frozen, GradualUnfreezing


@pytest.mark.parametrize(
    ("text", "until"), [("all", 0), ("embeddings", 1), ("embeddings@0.2", 0.2)]
)
def test_what_is_written_is_what_is_meant(text, until):
    assert GradualUnfreezing.parse(text).until == until


@pytest.mark.parametrize(
    "text", ["", "body", "embeddings@", "embeddings@0", "embeddings@1", "embeddings@2", "all@0.5"]
)
def test_anything_else_is_a_usage_error(text):
    with pytest.raises(UsageError, match="--train"):
        GradualUnfreezing.parse(text)


def weights_after(blank, cheaply: bool, until: float, steps: int):
    """Steps of AdamW on a model that is frozen up to a share of four."""
    model = load(blank)
    frozen = Frozen.of(model, GradualUnfreezing(until), Accelerator(cpu=True))
    frozen = Frozen(frozen.weights, frozen.until, cheaply)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    batch = model.tokenize_queries(["bank bart", "demo"])
    for step in range(steps):
        frozen.before(step / 4)
        model(batch)[..., 0].sum().backward()
        frozen.after(step / 4)
        optimizer.step()
        optimizer.zero_grad()
    return {name: weight.detach().clone() for name, weight in model.named_parameters()}


def test_only_embeddings_move_until_the_rest_joins_in(blank):
    start = dict(load(blank).named_parameters())
    early, late = (weights_after(blank, True, 0.5, steps) for steps in (2, 3))
    moved = {name for name, weight in start.items() if not torch.equal(weight, early[name])}
    assert moved == {"backbone.embeddings.word_embeddings.weight"}
    assert any(not torch.equal(start[name], late[name]) for name in start if name not in moved)


def test_gradients_not_computed_or_dropped_are_the_same(blank):
    cheap, dear = (weights_after(blank, cheaply, 0.5, 4) for cheaply in (True, False))
    assert all(torch.equal(cheap[name], dear[name]) for name in cheap)


def test_embeddings_alone_leave_the_rest_without_gradient(blank):
    model = load(blank)
    frozen = Frozen.of(model, GradualUnfreezing(1.0), Accelerator(cpu=True))
    assert frozen.weights == ()
    trained = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert trained == ["backbone.embeddings.word_embeddings.weight"]
