"""AdamW, and its learning rate over the training."""

from torch import nn
from torch.optim import AdamW, Optimizer

from optical_cli.training.settings import ScheduleSettings


def make_optimizer(model: nn.Module, settings: ScheduleSettings) -> Optimizer:
    """Fused AdamW over what requires a gradient; matrices decay, biases and norms do not."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in trained if w.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [w for w in trained if w.ndim <= 1], "weight_decay": 0.0},
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
    """Make `rate` the learning rate of every group."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def set_dropout(model: nn.Module, rate: float) -> None:
    """Make `rate` the probability of every dropout in `model`, attention's included."""
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate
        # Attention that torch fuses takes a number instead of a module.
        for name in ("attention_dropout", "dropout_prob"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, rate)
