"""What two texts are the same by, for many texts at once."""

import itertools
from hashlib import blake2b

import numpy as np
from jaxtyping import UInt64

from optical_cli.bitext.characters import Characters, characters
from optical_cli.bitext.passes import mapped
from optical_cli.bitext.tables import IN_CONTEXT, folded_table, key_table
from optical_cli.text import fold

ASTRAL = 0x10000


def key_characters(texts: list[str], chars: Characters | None = None) -> Characters:
    """The code points of `optical_cli.text.key` of each text.

    Args:
        texts: Texts in NFC.
        chars: The same laid end to end, if they are already.
    """
    chars = characters(texts) if chars is None else chars
    codes, offsets, special = mapped(chars.codes, chars.offsets, key_table(), IN_CONTEXT)
    if special.any():
        texts = list(texts)
        for row in np.flatnonzero(special).tolist():
            texts[row] = fold(texts[row])
        chars = characters(texts)
        codes, offsets, _ = mapped(chars.codes, chars.offsets, folded_table(), IN_CONTEXT)
    return Characters(codes, offsets)


def hash_keys(keys: Characters) -> UInt64[np.ndarray, " text"]:
    """A stable 64-bit hash of each key: BLAKE2b over UTF-16."""
    if keys.codes.max(initial=0) >= ASTRAL:
        digests = [blake2b(t.encode("utf-16-le"), digest_size=8).digest() for t in keys.texts()]
    else:
        data = memoryview(keys.codes.astype("<u2")).cast("B")
        bounds = itertools.pairwise((keys.offsets * 2).tolist())
        digests = [blake2b(data[begin:end], digest_size=8).digest() for begin, end in bounds]
    return np.frombuffer(b"".join(digests), dtype="<u8")
