"""AdamW, and its learning rate over the training."""

from torch import nn
from torch.optim import Optimizer

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.training.loop.rowwise import BY_ROWS, RowwiseAdamW
from optical_cli.training.settings import ScheduleSettings

# How many times the rate of the others a group of parameters has.
FACTOR = "factor"


def make_optimizer(model: LateInteractionEncoder, settings: ScheduleSettings) -> Optimizer:
    """Fused AdamW over what requires a gradient; matrices decay, biases and norms do not.

    With `embedding_lr` the input embeddings have that rate and are moved by rows: most stand in few
    batches, so that they move too little at the rate of the rest.
    """
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    table = model.backbone.get_input_embeddings().weight
    apart = [weight for weight in trained if weight is table and settings.embedding_lr is not None]
    others = [weight for weight in trained if not any(weight is table for table in apart)]
    decay = settings.weight_decay
    groups = [
        {"params": [w for w in others if w.ndim > 1], "weight_decay": decay, FACTOR: 1.0},
        {"params": [w for w in others if w.ndim <= 1], "weight_decay": 0.0, FACTOR: 1.0},
    ]
    if apart:
        factor = settings.embedding_lr / settings.lr
        groups.append({"params": apart, "weight_decay": decay, FACTOR: factor, BY_ROWS: True})
    return RowwiseAdamW([g for g in groups if g["params"]], lr=settings.lr)


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
