"""What the loop asks of the thing that it trains, and what it tells it when a loss is lost."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Int

from optical_cli.errors import NumericalError


class Batch(Protocol):
    """Rows of the data as tensors."""

    def __len__(self) -> int:
        """Rows, each of which has one loss."""

    def tokens(self) -> int:
        """Tokens that the trained encoder reads, without padding."""

    def padded_tokens(self) -> int:
        """Tokens that the trained encoder computes, padding included."""

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""


class Source(Protocol):
    """Where batches come from.

    Attributes:
        unit: What a person calls rows.
    """

    unit: str

    def __len__(self) -> int:
        """Rows of an epoch."""

    def batches_in_epoch(self) -> int:
        """Global batches of an epoch."""

    def epoch(self, number: int, skip: int = 0) -> Iterator[Int[np.ndarray, " row"]]:
        """Row numbers of an epoch's global batches behind the first `skip`, by seed and epoch."""

    def load(self, rows: Int[np.ndarray, " row"]) -> Any:
        """A batch of these rows."""

    def names(self, rows: Sequence[int]) -> list[str]:
        """What a person calls these rows, with their places."""


class NonFinite(NumericalError):
    """A loss or a plan is not finite.

    Args:
        places: Which rows of the batch.
        message: What is wrong.
    """

    def __init__(self, places: Sequence[int], message: str):
        super().__init__(message)
        self.places = list(places)
