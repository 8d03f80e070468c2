"""AdamW, and its learning rate over the training."""

from torch import nn
from torch.optim import AdamW, Optimizer

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.training.settings import ScheduleSettings

# How many times the rate of the others a group of parameters has.
FACTOR = "factor"


def make_optimizer(model: LateInteractionEncoder, settings: ScheduleSettings) -> Optimizer:
    """Fused AdamW over what requires a gradient; matrices decay, biases and norms do not.

    The input embeddings are a group of their own, with the rate that `embedding_lr` gives them:
    most rows stand in few batches, so that they move too little at the rate of the rest.
    """
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    table = model.backbone.get_input_embeddings().weight
    others = [weight for weight in trained if weight is not table]
    factor = 1.0 if settings.embedding_lr is None else settings.embedding_lr / settings.lr
    decay = settings.weight_decay
    groups = [
        {"params": [w for w in others if w.ndim > 1], "weight_decay": decay, FACTOR: 1.0},
        {"params": [w for w in others if w.ndim <= 1], "weight_decay": 0.0, FACTOR: 1.0},
        {"params": [w for w in trained if w is table], "weight_decay": decay, FACTOR: factor},
    ]
    return AdamW([g for g in groups if g["params"]], lr=settings.lr, fused=True)


def learning_rate(settings: ScheduleSettings, progress: float) -> float:
    """The rate after `progress`, a share of the training in [0, 1].

    It rises from 0 to the peak over the share `warmup` and then falls to 0, both linearly.
    """
    if progress < settings.warmup:
        return settings.lr * progress / settings.warmup
    return settings.lr * (1 - progress) / max(1 - settings.warmup, 1e-9)


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Make `rate`, times the group's factor, the learning rate of every group."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group[FACTOR]


def set_dropout(model: nn.Module, rate: float) -> None:
    """Make `rate` the probability of every dropout in `model`, attention's included."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate
        # Attention that torch fuses takes a number instead of a module.
        for name in ("attention_dropout", "dropout_prob"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, rate)
