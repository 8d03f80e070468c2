"""One encoder of several that began as one: the mean of their weights.

Source: Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
accuracy without increasing inference time".
"""

import copy
import dataclasses
import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.signature import architecture_of, vocabulary_text
from optical_cli.errors import InputError, UsageError

log = logging.getLogger(__name__)

# Students of one start are within a twentieth of their mean, models that began apart beyond it all.
APART = 0.3


class Merged(NamedTuple):
    """An encoder and what it is the mean of.

    Attributes:
        encoder: Their mean.
        shares: What each of them counts; they sum to 1.
        distances: How far the matrices of each are from the mean, as a share of its length.
    """

    encoder: LateInteractionEncoder
    shares: list[float]
    distances: list[float]


def merge(encoders: Mapping[str, LateInteractionEncoder], weights: Sequence[float] = ()) -> Merged:
    """Average encoders of one architecture and vocabulary, in float32.

    Args:
        encoders: Two or more, by name.
        weights: What each counts, in their order; none counts all alike.

    Raises:
        UsageError: There is one alone, another number of weights, or one is not above 0.
        InputError: They differ in more than weights.
    """
    shares = _shares(weights, len(encoders))
    (name, first), *others = encoders.items()
    for other, encoder in others:
        _require_alike(name, first, other, encoder)
    states = [encoder.state_dict() for encoder in encoders.values()]
    mean = {key: _mean([state[key] for state in states], shares) for key in states[0]}
    distances = [_distance(state, mean) for state in states]
    for other, distance in zip(encoders, distances, strict=True):
        if distance > APART:
            log.warning(
                "%s is %.2f of the mean's length away from it: weights that did not begin alike"
                " average to nothing", other, distance,
            )  # fmt: skip
    encoder = copy.deepcopy(first)
    encoder.load_state_dict(mean)
    return Merged(encoder, shares, distances)


def _shares(weights: Sequence[float], count: int) -> list[float]:
    if count < 2:
        raise UsageError("one model is its own mean: give two or more")
    if weights and len(weights) != count:
        raise UsageError(f"--weight is given {len(weights)} times for {count} models")
    given = list(weights) or [1.0] * count
    return [weight / sum(given) for weight in given]


def _require_alike(
    name: str, one: LateInteractionEncoder, other_name: str, other: LateInteractionEncoder
) -> None:
    for what, left, right in zip(
        ("config", "architecture", "vocabulary", "known words", "weights"),
        _apart_from_values(one), _apart_from_values(other), strict=True,
    ):  # fmt: skip
        if left != right:
            raise InputError(
                f"has another {what} than {name}{_first_difference(left, right)}",
                where=other_name,
                hint="models are merged that began as one: of one teacher, --lexicon and --init",
            )


def _apart_from_values(encoder: LateInteractionEncoder) -> tuple[Any, ...]:
    return (
        dataclasses.asdict(encoder.config),
        architecture_of(encoder.backbone.config),
        vocabulary_text(encoder.tokenizer),
        encoder.known_words,
        {key: tuple(value.shape) for key, value in encoder.state_dict().items()},
    )


def _first_difference(left: Any, right: Any) -> str:
    """Which entry of two tables differs; nothing for what is no table."""
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return ""
    name = next(key for key in [*left, *right] if left.get(key) != right.get(key))
    return f": {name} {right.get(name)}, not {left.get(name)}"


def _mean(tensors: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    if not tensors[0].is_floating_point():
        return tensors[0]
    total = sum(share * tensor.float() for share, tensor in zip(shares, tensors, strict=True))
    return total.to(tensors[0].dtype)


def _distance(state: Mapping[str, Tensor], mean: Mapping[str, Tensor]) -> float:
    """Of matrices alone: the factors of layer norms begin at 1 in every model."""
    matrices = [key for key, value in mean.items() if value.dim() > 1 and value.is_floating_point()]
    apart = sum(torch.sum((state[key] - mean[key]).double() ** 2) for key in matrices)
    length = sum(torch.sum(mean[key].double() ** 2) for key in matrices)
    return float((apart / length) ** 0.5)
