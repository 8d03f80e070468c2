"""What two texts are the same by, for many texts at once."""

import itertools
from hashlib import blake2b

import numpy as np
from jaxtyping import UInt64

from optical_cli.bitext.characters import Characters, characters
from optical_cli.bitext.tables import DROPPED, IN_CONTEXT, in_key, key_table
from optical_cli.text import fold

ASTRAL = 0x10000


def key_characters(texts: list[str], chars: Characters | None = None) -> Characters:
    """The code points of `optical_cli.text.key` of each text.

    Args:
        texts: Texts in NFC.
        chars: The same laid end to end, if they are already.
    """
    chars = characters(texts) if chars is None else chars
    mapped = chars.look_up(key_table())
    special = np.flatnonzero(chars.any(mapped == IN_CONTEXT))
    if len(special):
        texts = list(texts)
        for row in special.tolist():
            texts[row] = fold(texts[row])
        chars = characters(texts)
        mapped = chars.look_up(key_table())
        # Folding a folded text changes nothing, so what is still special is as it should be.
        mapped = np.where(mapped == IN_CONTEXT, chars.codes * chars.look_up(in_key()), mapped)
    kept = mapped != DROPPED
    offsets = np.concatenate([[0], np.cumsum(chars.count(kept))])
    return Characters(mapped[kept], offsets)


def hash_keys(keys: Characters) -> UInt64[np.ndarray, "text"]:
    """A stable 64-bit hash of each key: BLAKE2b over UTF-16."""
    if keys.codes.max(initial=0) >= ASTRAL:
        digests = [blake2b(t.encode("utf-16-le"), digest_size=8).digest() for t in keys.texts()]
    else:
        data = memoryview(keys.codes.astype("<u2")).cast("B")
        bounds = itertools.pairwise((keys.offsets * 2).tolist())
        digests = [blake2b(data[begin:end], digest_size=8).digest() for begin, end in bounds]
    return np.frombuffer(b"".join(digests), dtype="<u8")
