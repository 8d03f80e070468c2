"""A seeded split into train and dev that keeps copies on one side."""

import numpy as np
from jaxtyping import Bool, Int, UInt64

from optical_cli.bitext.hashing import scramble
from optical_cli.errors import UsageError
from optical_cli.seeds import derive


def dev_size(text: str, pairs: int) -> int:
    """How many pairs ``--dev`` asks for: a number, or a share below 1.

    Raises:
        UsageError: It is neither.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    # Written so that not-a-number and infinity are refused too.
    if not (0 <= value < 1 or (value >= 1 and value.is_integer())):
        raise UsageError(f"--dev {text}: expected a number of pairs, or a share below 1")
    return round(value * pairs) if value < 1 else int(value)


def choose_dev(
    groups: Int[np.ndarray, " pair"], keys: UInt64[np.ndarray, " pair"], size: int, seed: int
) -> Bool[np.ndarray, " pair"]:
    """Mark at most `size` pairs, whole groups at a time, in the order of a hash of their content.

    The order depends on (seed, smallest key of the group) alone, so the same text is chosen
    wherever it stands in the inputs. A group that does not fit in what is left stays in train.
    """
    if not size or not len(keys):
        return np.zeros(len(keys), dtype=bool)
    _, member, counts = np.unique(groups, return_inverse=True, return_counts=True)
    smallest = np.full(len(counts), np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(smallest, member, keys)
    order = np.argsort(scramble(smallest ^ np.uint64(derive(seed, "dev"))), kind="stable")
    taken = np.zeros(len(counts), dtype=bool)
    left = size
    for group in order.tolist():
        if counts[group] <= left:
            taken[group] = True
            left -= int(counts[group])
        if not left:
            break
    return taken[member]
