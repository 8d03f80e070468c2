"""Who is hit, and with what: decided by hashing the pair, never by its place in the file."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from jaxtyping import Bool, Float

from optical_cli.seeds import derive, generator, uniform


def content_hash(source: str, target: str) -> str:
    """A hash of a pair's two texts: the same pair fares the same wherever it stands."""
    return blake2b(f"{source}\x1f{target}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Chance:
    """What one noise may draw for one pair.

    Attributes:
        seed: The command's.
        label: The noise, such as ``typos@source``.
        digest: The pair's content hash, as it was read.
    """

    seed: int
    label: str
    digest: str

    def hits(self, rate: float) -> bool:
        """Whether the pair is hit: whoever is at one rate is at every higher one."""
        return uniform(self.seed, "noise", self.label, self.digest) < rate

    @property
    def number(self) -> int:
        """A number of the pair's own, to order pairs by or to pick by."""
        return derive(self.seed, "noise order", self.label, self.digest)

    @cached_property
    def generator(self) -> np.random.Generator:
        """For what happens inside the pair."""
        return generator(self.seed, "noise inside", self.label, self.digest)


def some(draws: Float[np.ndarray, " place"], intensity: float) -> Bool[np.ndarray, " place"]:
    """Which places are hit: each whose draw is below `intensity`, and always the lowest one.

    So a pair that is chosen is changed however short it is, and a higher intensity hits what a
    lower one does and more.
    """
    hit = draws < intensity
    if len(draws):
        hit[np.argmin(draws)] = True
    return hit
