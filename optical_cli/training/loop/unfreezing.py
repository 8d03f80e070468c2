"""``--train``: which parameters stay as they are for how long."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optical_cli.errors import UsageError

if TYPE_CHECKING:  # settings are read without torch
    from accelerate import Accelerator
    from torch import nn

    from optical_cli.encoders.model import LateInteractionEncoder

WRITTEN = re.compile(r"(all)|embeddings(?:@(\d*\.?\d+))?")


@dataclass(frozen=True)
class GradualUnfreezing:
    """Embeddings of tokens alone are trained up to a share of the training, then all.

    Attributes:
        until: The share at which the rest joins in; 0 trains all, 1 never anything else.
    """

    until: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "GradualUnfreezing":
        """Read ``all``, ``embeddings`` or ``embeddings@SHARE``.

        Raises:
            UsageError: It is none of these, or the share is not between 0 and 1.
        """
        found = WRITTEN.fullmatch(text)
        share = float(found[2]) if found and found[2] else 1.0
        if not found or not 0 < share <= 1 or (found[2] and share == 1):
            raise UsageError(
                f"--train {text}: expected all, embeddings, or embeddings@0.2 with a share between"
                " 0 and 1"
            )
        return cls(0.0 if found[1] else share)


EVERYTHING = GradualUnfreezing()


@dataclass(frozen=True)
class Frozen:
    """What a `GradualUnfreezing` holds of a model, around each step.

    What is frozen has no gradient, so that the optimizer neither moves it nor remembers anything
    of it, and the gradient's norm is that of the rest. That follows from the progress alone, so
    a resumed run goes on as it would have.

    Attributes:
        weights: The parameters.
        until: The share of the training up to which they stay as they are.
        cheaply: Do not even compute their gradients; processes that share them must.
    """

    weights: "Sequence[nn.Parameter]" = ()
    until: float = 0.0
    cheaply: bool = True

    @classmethod
    def of(
        cls,
        model: "LateInteractionEncoder",
        unfreezing: GradualUnfreezing,
        accelerator: "Accelerator",
    ) -> "Frozen":
        """All of `model` but the embeddings of tokens; those that never move need no optimizer."""
        embeddings = {id(weight) for weight in model.backbone.get_input_embeddings().parameters()}
        weights = [weight for weight in model.parameters() if id(weight) not in embeddings]
        if unfreezing.until == 1:
            _require_gradient(weights, False)
        if unfreezing.until in (0, 1):
            return cls()
        return cls(weights, unfreezing.until, accelerator.num_processes == 1)

    def before(self, progress: float) -> None:
        """Prepare a step after `progress`, a share of the training."""
        if self.cheaply:
            _require_gradient(self.weights, progress >= self.until)

    def after(self, progress: float) -> None:
        """Drop what gradients were computed in vain."""
        if progress < self.until:
            for weight in self.weights:
                weight.grad = None


def _require_gradient(weights: "Sequence[nn.Parameter]", wanted: bool) -> None:
    for weight in weights:
        weight.requires_grad_(wanted)
