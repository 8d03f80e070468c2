"""What two texts are the same by, for many texts at once."""

import functools
import itertools
import unicodedata
from hashlib import blake2b

import numpy as np
from jaxtyping import Bool, UInt64

from optical_cli.bitext.characters import Characters
from optical_cli.text import code_point_table

NEWLINE = ord("\n")


@functools.cache
def _in_key() -> Bool[np.ndarray, "1114112"]:
    table = code_point_table(r"[\p{L}\p{M}\p{N}]")
    table[NEWLINE] = True
    return table


def key_characters(texts: list[str]) -> Characters:
    """The code points of `optical_cli.text.key` of each text (which must not hold newlines)."""
    joined = "\n".join(texts)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", joined).casefold())
    codes = np.frombuffer(folded.encode("utf-32-le"), dtype="<u4")
    kept = codes[_in_key()[codes]]
    breaks = np.flatnonzero(kept == NEWLINE)
    # Each break before a text shifts that text's start by one once the breaks are gone.
    starts = breaks - np.arange(len(breaks))
    body = np.delete(kept, breaks)
    return Characters(body, np.concatenate([[0], starts, [len(body)]]))


def hash_keys(keys: Characters) -> UInt64[np.ndarray, "text"]:
    """A stable 64-bit hash (BLAKE2b) of each key."""
    data = memoryview(np.ascontiguousarray(keys.codes)).cast("B")
    bounds = (keys.offsets * 4).tolist()
    digests = b"".join(
        blake2b(data[start:stop], digest_size=8).digest()
        for start, stop in itertools.pairwise(bounds)
    )
    return np.frombuffer(digests, dtype="<u8")
