"""Randomness by name: one seed, and for each consumer and each item a value hashed from it."""

import hashlib

import numpy as np


def derive(seed: int, *names: object) -> int:
    """A 63-bit seed hashed (BLAKE2b) from `seed` and what it is for.

    Independent of the process, the platform and the order of calls, so results do not depend on
    workers, batches or shards.
    """
    text = "\x1f".join([str(seed), *map(str, names)])
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(seed: int, *names: object) -> np.random.Generator:
    """A NumPy generator of its own for the consumer called `names`."""
    return np.random.default_rng(derive(seed, *names))


def uniform(seed: int, *names: object) -> float:
    """A number in [0, 1) for one item: `uniform(seed, kind, item_id) < rate` nests its levels."""
    return derive(seed, *names) / 2**63
