"""The same tensor of all processes, with a gradient into each one's own part."""

import torch
from jaxtyping import Shaped
from torch import Tensor, distributed
from torch.nn.functional import pad


def gathered(tensor: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "all ..."]:
    """The rows of all processes, those of process 0 first; `tensor` itself where there is one.

    Processes may differ in their number of rows and in the second axis, which is padded with
    zeros (False) to the longest.
    """
    if not _several():
        return tensor
    shapes = _shapes(tensor)
    widest = shapes.amax(0).tolist()
    room = [extent for size, most in zip(tensor.shape, widest, strict=True)
            for extent in (most - size, 0)]  # fmt: skip
    whole = _AllGather.apply(pad(tensor, room[::-1]))
    counts = shapes[:, 0].tolist()
    return torch.cat([part[:count] for part, count in zip(whole, counts, strict=True)])


def offset(count: int) -> int:
    """How many of all processes' rows stand before this one's `count`."""
    if not _several():
        return 0
    counts = _shapes(torch.empty(count))[:, 0]
    return int(counts[: distributed.get_rank()].sum())


def _several() -> bool:
    return distributed.is_initialized() and distributed.get_world_size() > 1


def _shapes(tensor: Tensor) -> Tensor:
    own = torch.tensor(tensor.shape, device=tensor.device)
    found = [torch.empty_like(own) for _ in range(distributed.get_world_size())]
    distributed.all_gather(found, own)
    return torch.stack(found)


class _AllGather(torch.autograd.Function):
    """Gathers tensors of one shape; its gradient is the sum of what every process derives."""

    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        sent = tensor.to(torch.uint8) if tensor.dtype == torch.bool else tensor
        parts = [torch.empty_like(sent) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, sent.contiguous())
        return torch.stack(parts).to(tensor.dtype)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        gradient = gradient.contiguous()
        distributed.all_reduce(gradient)
        return gradient[distributed.get_rank()]
