"""Random choices as sentences read: pick one, let it happen."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


class Chance:
    """Choices drawn from one generator.

    Args:
        generator: Where randomness comes from.
    """

    def __init__(self, generator: np.random.Generator):
        self._random = generator.random

    def happens(self, probability: float) -> bool:
        """True with `probability`."""
        return self._random() < probability

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(self._random() * count)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of `items`, all alike likely."""
        return items[self.below(len(items))]

    def maybe(self, probability: float, items: Sequence[Item]) -> Item | None:
        """One of `items` with `probability`, else None."""
        return self.pick(items) if items and self.happens(probability) else None

    def weighted(self, weights: dict[Item, float]) -> Item:
        """A key of `weights`, in proportion to its weight."""
        left = self._random() * sum(weights.values())
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item
        return item

    def sample(self, count: int, size: int) -> list[int]:
        """`size` different whole numbers below `count`, in random order."""
        order = list(range(count))
        for place in range(size):
            other = place + self.below(count - place)
            order[place], order[other] = order[other], order[place]
        return order[:size]
