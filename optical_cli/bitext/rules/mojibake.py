"""A rule about text that was decoded by the wrong encoding."""

import functools
import re

import numpy as np
from ftfy.badness import badness
from jaxtyping import Float, Int, UInt8

from optical_cli.bitext.characters import Characters
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.passes import neighbors
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text.scripts import CODE_POINTS

# In what 8-bit encodings the bytes of UTF-8 are commonly read.
ENCODINGS = ("latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "mac_roman", "cp437")
LEAD, FOLLOW, ALWAYS = 1, 2, 4
# Replacement characters, and controls that no text has but misread bytes do (U+0085 is a line end).
_CERTAIN = re.compile("[\ufffd\x80-\x84\x86-\x9f]")


@rule("mojibake", "at most", (0, 0, 0))
def mojibake(pairs: PairBatch, profile: Profile) -> Float[np.ndarray, " pair"]:
    """Places on both sides that look like text in the wrong encoding."""
    return sum(map(_count, pairs.sides))


def _count(side: Side) -> Float[np.ndarray, " text"]:
    found = np.zeros(len(side.raw))
    for row in _suspects(side.raw_chars).tolist():
        text = side.raw[row]
        found[row] = badness(text) + len(_CERTAIN.findall(text))
    return found


def _suspects(chars: Characters) -> Int[np.ndarray, " row"]:
    """Rows where a byte that begins a UTF-8 sequence and one that continues it are neighbors.

    A regular expression over a text takes ten microseconds, so it is asked only there.
    """
    return np.flatnonzero(neighbors(chars.codes, chars.offsets, _roles()))


@functools.cache
def _roles() -> UInt8[np.ndarray, "1114112"]:
    roles = np.zeros(CODE_POINTS, dtype=np.uint8)
    for encoding in ENCODINGS:
        for byte in range(0x80, 0xF5):
            character = bytes([byte]).decode(encoding, errors="ignore")
            if character:
                roles[ord(character)] |= FOLLOW if byte < 0xC0 else LEAD
    roles[0x80:0xA0] |= ALWAYS
    roles[0x85] = FOLLOW
    roles[0xFFFD] |= ALWAYS
    return roles
