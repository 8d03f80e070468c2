"""Attention for training on a CPU in bfloat16, where torch's fused kernel has a slow backward."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from optical_cli.encoders.backbone import quiet_transformers

FUSED = "sdpa"
FUSED_FLOAT32 = "sdpa_float32"


def train_on_cpu_in_bfloat16(backbone: PreTrainedModel) -> None:
    """Compute attention in float32 wherever a gradient is wanted.

    The backward pass of the fused kernel takes five times as long in bfloat16 as in float32 on a
    CPU (82 against 16 ms for 32 texts of 64 tokens and 12 heads), more than all matrix products
    of the layer. Backbones that do not use the fused kernel stay as they are.
    """
    AttentionInterface.register(FUSED_FLOAT32, _attend)
    AttentionMaskInterface.register(FUSED_FLOAT32, sdpa_mask)
    if backbone.config._attn_implementation == FUSED:
        with quiet_transformers():
            backbone.set_attn_implementation(FUSED_FLOAT32)


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **options: Any,
) -> tuple[Tensor, None]:
    """What transformers' own function for the fused kernel computes, in float32 for a gradient."""
    if not torch.is_grad_enabled():
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    raised = {name: _raised(option) for name, option in options.items()}
    tensors = map(_raised, (query, key, value, attention_mask))
    with torch.autocast(query.device.type, enabled=False):
        states, _ = sdpa_attention_forward(module, *tensors, **raised)
    return states.to(query.dtype), None


def _raised(option: Any) -> Any:
    is_number = isinstance(option, Tensor) and option.is_floating_point()
    return option.float() if is_number else option
