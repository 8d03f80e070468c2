"""Bring many texts to their stored form, touching only those that are not in it."""

import functools
import unicodedata
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, UInt8

from optical_cli.bitext.characters import Characters, characters
from optical_cli.bitext.tables import MAY_COMPOSE, NEEDS_CLEANING, care_table
from optical_cli.text import clean

SPACE = ord(" ")


def clean_all(texts: list[str]) -> list[str]:
    """What `optical_cli.text.clean` gives for each text."""
    return clean_laid_out(texts, characters(texts))


def clean_laid_out(texts: list[str], chars: Characters) -> list[str]:
    """The same for texts that are laid end to end already; the list itself if all are clean."""
    care = chars.look_up(care_table())
    dirty = _dirty(chars, care)
    composing = chars.any(care == MAY_COMPOSE) & ~dirty
    if not dirty.any() and not composing.any():
        return texts
    cleaned = list(texts)
    for row in np.flatnonzero(dirty).tolist():
        cleaned[row] = clean(texts[row])
    for row in np.flatnonzero(composing).tolist():
        cleaned[row] = unicodedata.normalize("NFC", texts[row])
    return cleaned


def _dirty(chars: Characters, care: UInt8[np.ndarray, "char"]) -> Bool[np.ndarray, "text"]:
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


@functools.cache
def moses_punctuation(language: str) -> Callable[[str], str]:
    """The Moses scripts' punctuation normalizer for a language."""
    from sacremoses import MosesPunctNormalizer

    return MosesPunctNormalizer(lang=language).normalize
