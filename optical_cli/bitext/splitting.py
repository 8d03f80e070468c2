"""A seeded split into train and dev that keeps copies on one side."""

from hashlib import blake2b

import numpy as np
from jaxtyping import Bool, Int, UInt64

from optical_cli.errors import UsageError


def dev_size(text: str, pairs: int) -> int:
    """How many pairs ``--dev`` asks for: a number, or a share below 1.

    Raises:
        UsageError: It is neither.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value < 0 or (value >= 1 and value != int(value)):
        raise UsageError(f"--dev {text}: expected a number of pairs, or a share below 1")
    return round(value * pairs) if value < 1 else int(value)


def choose_dev(
    groups: Int[np.ndarray, "pair"], keys: UInt64[np.ndarray, "pair"], size: int, seed: int
) -> Bool[np.ndarray, "pair"]:
    """Mark about `size` pairs, whole groups at a time, in the order of a hash of their content.

    The order depends on (seed, smallest key of the group) alone, so the same text is chosen
    wherever it stands in the inputs. A group that does not fit in what is left stays in train.
    """
    chosen = np.zeros(len(keys), dtype=bool)
    if not size or not len(keys):
        return chosen
    _, member = np.unique(groups, return_inverse=True)
    counts = np.bincount(member)
    smallest = np.full(len(counts), np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(smallest, member, keys)
    taken = np.zeros(len(counts), dtype=bool)
    left = size
    for group in sorted(range(len(counts)), key=lambda g: _draw(seed, int(smallest[g]))):
        if counts[group] <= left:
            taken[group] = True
            left -= int(counts[group])
        if not left:
            break
    return taken[member]


def _draw(seed: int, key: int) -> bytes:
    return blake2b(f"{seed}\x1fdev\x1f{key}".encode(), digest_size=8).digest()
