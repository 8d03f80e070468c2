"""Single matrices out of checkpoints: safetensors, or pickles where they are allowed."""

from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from optical_cli.errors import InputError


def read_tensors(
    folder: Path, names: Sequence[str], *, allow_pickle: bool = False
) -> dict[str, Tensor]:
    """Those of the tensors `names` that the weights in `folder` hold, as float32.

    Raises:
        InputError: There are no weights, they are damaged, or pickled without `allow_pickle`.
    """
    files = sorted(folder.glob("model*.safetensors"))
    pickles = sorted(folder.glob("pytorch_model*.bin"))
    try:
        if files:
            return _from_safetensors(files, names)
        if pickles and allow_pickle:
            return _from_pickles(pickles, names)
    except (SafetensorError, UnpicklingError, OSError, RuntimeError) as error:
        raise InputError(f"damaged weights: {error}", where=folder) from error
    if pickles:
        raise InputError("has only pickled weights", where=folder, hint="--allow-pickle")
    raise InputError("has no weights: no model.safetensors", where=folder)


def _from_safetensors(files: list[Path], names: Sequence[str]) -> dict[str, Tensor]:
    found = {}
    for path in files:
        with safe_open(path, framework="pt") as stored:
            present = set(stored.keys()).intersection(names)
            found |= {name: stored.get_tensor(name).float() for name in present}
    return found


def _from_pickles(files: list[Path], names: Sequence[str]) -> dict[str, Tensor]:
    found = {}
    for path in files:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        found |= {name: stored[name].float() for name in names if name in stored}
    return found


def linear(
    weight: Float[Tensor, "dim hidden"], bias: Float[Tensor, " dim"] | None = None
) -> nn.Linear:
    """A layer with this matrix."""
    # Made on no device, so that no random numbers are drawn for weights that are replaced.
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
    layer.weight = nn.Parameter(weight.detach().clone().float())
    if bias is not None:
        layer.bias = nn.Parameter(bias.detach().clone().float())
    return layer
