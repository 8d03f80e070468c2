"""How much attention tokens receive, told beside the fused kernel, which gives no maps."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import sdpa_mask
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from optical_cli.encoders.attention import FUSED, FUSED_FLOAT32
from optical_cli.errors import InputError

HEARD = "sdpa_heard"


@dataclass
class Attention:
    """The attention of the last layer that a backbone computed while it was listened to.

    Attributes:
        name: The implementation that computes it.
        scores: What gives the last layer's maps: queries, keys, mask and the other arguments.
    """

    name: str
    scores: tuple[Tensor, Tensor, Tensor | None, dict[str, Any]] | None = None

    @torch.no_grad()
    def received(self, givers: Bool[Tensor, "batch token"]) -> Float[Tensor, "batch token"]:
        """The attention that each token receives from `givers`: their sum, the mean over heads.

        In float32, also under autocast, and without dropout. Every giver gives 1 in all, to any
        token that is no padding; one that receives as much as it gives has 1. A text without givers
        gets 0.
        """
        query, key, mask, options = self.scores
        with torch.autocast(query.device.type, enabled=False):
            query, key = query.float(), _for_each_head(key.float(), query.shape[1])
            scale = options.get("scaling") or query.shape[-1] ** -0.5
            scores = scale * query @ key.transpose(-1, -2)
            maps = _masked(scores, mask).softmax(-1)
            return torch.einsum("bhgt,bg->bt", maps, givers.to(maps)) / maps.shape[1]


_LISTENING: ContextVar[Attention] = ContextVar("listening")


@contextlib.contextmanager
def listening(backbone: PreTrainedModel) -> Iterator[Attention]:
    """Keep what `backbone` attends by in its last layer; what it computes stays the same.

    Layers overwrite each other's queries and keys, so that one map is computed, by `received`.
    What is recomputed for a gradient after this is not listened to.
    """
    config = backbone.config
    heard = Attention(config._attn_implementation)
    AttentionInterface.register(HEARD, _attend)
    AttentionMaskInterface.register(HEARD, sdpa_mask)
    before = _LISTENING.set(heard)
    config._attn_implementation = HEARD
    try:
        yield heard
    finally:
        config._attn_implementation = heard.name
        _LISTENING.reset(before)


def require_heard(backbone: PreTrainedModel) -> None:
    """Refuse a backbone whose attention nobody can listen to.

    Raises:
        InputError: It does not attend by transformers' attention interface and the fused kernel, or
            its tokens do not see those behind them.
    """
    fused = backbone.config._attn_implementation in (FUSED, FUSED_FLOAT32)
    causal = any(getattr(module, "is_causal", False) for module in backbone.modules())
    if not (fused and backbone._supports_attention_backend) or causal:
        raise InputError(
            f"a {backbone.config.model_type} does not say what attention its tokens receive",
            hint="--marginals norm weighs tokens of any encoder",
        )


def _attend(
    module: nn.Module,
    query: Float[Tensor, "batch head giver width"],
    key: Float[Tensor, "batch key_head token width"],
    value: Float[Tensor, "batch key_head token width"],
    attention_mask: Tensor | None,
    **options: Any,
) -> tuple[Tensor, None]:
    heard = _LISTENING.get()
    heard.scores = query.detach(), key.detach(), attention_mask, options
    return ALL_ATTENTION_FUNCTIONS[heard.name](module, query, key, value, attention_mask, **options)


def _for_each_head(
    key: Float[Tensor, "batch key_head token width"], heads: int
) -> Float[Tensor, "batch head token width"]:
    """Keys of grouped-query attention, which several heads share."""
    return key.repeat_interleave(heads // key.shape[1], dim=1)


def _masked(
    scores: Float[Tensor, "batch head giver token"], mask: Tensor | None
) -> Float[Tensor, "batch head giver token"]:
    """Scores without what the mask, of truth values or of summands, excludes."""
    if mask is None:
        return scores
    if mask.dtype != torch.bool:
        return scores + mask
    # Not -inf, or padding that attends to nothing would be NaN.
    return scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
