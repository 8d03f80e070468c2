"""Tables over all code points: what has to be cleaned, and what a character is in a key."""

import functools
import unicodedata

import numpy as np
from jaxtyping import Bool, UInt8, UInt32

from optical_cli.text import code_point_table, fold
from optical_cli.text.normalize import INVISIBLE
from optical_cli.text.scripts import CODE_POINTS

UNTOUCHED, MAY_COMPOSE, NEEDS_CLEANING = range(3)
# In the table of folded characters: left out of keys, and to be folded with its neighbors.
DROPPED, IN_CONTEXT = 0, 0xFFFFFFFF
HANGUL_VOWELS_AND_FINALS = range(0x1161, 0x11C3)


@functools.cache
def _assigned() -> list[str]:
    points = np.flatnonzero(code_point_table(r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}]"))
    return list(map(chr, points.tolist()))


@functools.cache
def care_table() -> UInt8[np.ndarray, "1114112"]:
    """Which code points mean that a text has to be cleaned, or brought to NFC."""
    table = np.zeros(CODE_POINTS, dtype=np.uint8)
    table[code_point_table(r"\p{M}")] = MAY_COMPOSE
    table[HANGUL_VOWELS_AND_FINALS] = MAY_COMPOSE
    # One call for all characters; a newline composes with nothing.
    normal = unicodedata.normalize("NFC", "\n".join(_assigned())).split("\n")
    for character, composed in zip(_assigned(), normal, strict=True):
        if character != composed:
            table[ord(character)] = MAY_COMPOSE
    dirty = code_point_table(rf"[{INVISIBLE}\u200c\u200d&\p{{Cc}}\s\p{{Z}}]")
    dirty[ord(" ")] = False
    table[dirty] = NEEDS_CLEANING
    return table


@functools.cache
def in_key() -> Bool[np.ndarray, "1114112"]:
    """Letters, marks and digits."""
    return code_point_table(r"[\p{L}\p{M}\p{N}]")


@functools.cache
def key_table() -> UInt32[np.ndarray, "1114112"]:
    """What each character of a text in NFC is in the text's key.

    A code point, DROPPED, or IN_CONTEXT where it may become several characters or compose with
    what precedes it; texts with such a character are folded whole.
    """
    table = np.zeros(CODE_POINTS, dtype=np.uint32)
    composing = _composing()
    folded = fold("\n".join(_assigned())).split("\n")
    for character, result in zip(_assigned(), folded, strict=True):
        if character in composing or not composing.isdisjoint(result):
            table[ord(character)] = IN_CONTEXT
            continue
        # An ellipsis becomes three characters, none of which is in a key.
        kept = [ord(c) for c in result if in_key()[ord(c)]]
        table[ord(character)] = IN_CONTEXT if len(kept) > 1 else kept[0] if kept else DROPPED
    return table


@functools.cache
def folded_table() -> UInt32[np.ndarray, "1114112"]:
    """The same for a text that has been folded: what was special is as it should be."""
    table = key_table().copy()
    special = np.flatnonzero(table == IN_CONTEXT).astype(np.uint32)
    table[special] = special * in_key()[special]
    return table


def _composing() -> set[str]:
    """Characters that stand second in some canonical decomposition."""
    found = set(map(chr, HANGUL_VOWELS_AND_FINALS))
    for character in _assigned():
        parts = unicodedata.decomposition(character).split(" ")
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(chr(int(parts[1], 16)))
    return found
