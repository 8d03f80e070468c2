"""Bring many texts to their stored form, touching only those that are not in it."""

import unicodedata

import numpy as np
from jaxtyping import UInt8

from optical_cli.bitext.characters import MAY_COMPOSE, NEEDS_CLEANING, Characters, care_table
from optical_cli.bitext.characters import characters as lay_out
from optical_cli.text import clean

SPACE = ord(" ")


def clean_all(texts: list[str]) -> tuple[list[str], Characters]:
    """What `optical_cli.text.clean` gives for each text, and the code points of the result."""
    chars = lay_out(texts)
    care = care_table()[chars.codes]
    dirty = _dirty(chars, care)
    cleaned = list(texts)
    for row in np.flatnonzero(dirty).tolist():
        cleaned[row] = clean(texts[row])
    composing = chars.any(care == MAY_COMPOSE) & ~dirty
    for row in np.flatnonzero(composing).tolist():
        cleaned[row] = unicodedata.normalize("NFC", texts[row])
    changed = any(a is not b for a, b in zip(texts, cleaned, strict=True))
    return cleaned, lay_out(cleaned) if changed else chars


def _dirty(chars: Characters, care: UInt8[np.ndarray, "char"]) -> np.ndarray:
    """Texts with something to strip or resolve, or with space that is double or at an end."""
    dirty = chars.any(care == NEEDS_CLEANING)
    space = chars.codes == SPACE
    double = np.zeros(len(space), dtype=bool)
    np.logical_and(space[1:], space[:-1], out=double[1:])
    filled = chars.lengths > 0
    first, last = chars.offsets[:-1][filled], chars.offsets[1:][filled] - 1
    dirty[filled] |= space[first] | space[last]
    # Doubles across two texts mark the second, which then begins with a space and is dirty anyhow.
    return dirty | chars.any(double)
