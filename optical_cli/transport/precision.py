"""The precision in which transport is computed, whatever its surroundings use."""

from contextlib import AbstractContextManager

import torch
from torch import Tensor


def at_least_single(tensor: Tensor) -> Tensor:
    """`tensor` in float64 if it is that already, else in float32.

    bfloat16 violates the marginals by 2e-2 of the mass, so transport never runs in it.
    """
    return tensor if tensor.dtype == torch.float64 else tensor.float()


def without_autocast(tensor: Tensor) -> AbstractContextManager:
    """A context in which autocast leaves operations on `tensor`'s device alone."""
    return torch.autocast(tensor.device.type, enabled=False)
