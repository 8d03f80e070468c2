"""Bring many texts to their stored form, touching only those that are not in it."""

import functools
import unicodedata
from collections.abc import Callable

import numpy as np

from optical_cli.bitext.characters import Characters, characters
from optical_cli.bitext.passes import most_care
from optical_cli.bitext.tables import NEEDS_CLEANING, care_table
from optical_cli.text import clean


def clean_all(texts: list[str]) -> list[str]:
    """What `optical_cli.text.clean` gives for each text."""
    return clean_laid_out(texts, characters(texts))


def clean_laid_out(texts: list[str], chars: Characters) -> list[str]:
    """The same for texts that are laid end to end already; the list itself if all are clean."""
    care = most_care(chars.codes, chars.offsets, care_table(), NEEDS_CLEANING)
    if not care.any():
        return texts
    cleaned = list(texts)
    for row in np.flatnonzero(care).tolist():
        dirty = care[row] == NEEDS_CLEANING
        cleaned[row] = clean(texts[row]) if dirty else unicodedata.normalize("NFC", texts[row])
    return cleaned


@functools.cache
def moses_punctuation(language: str) -> Callable[[str], str]:
    """The Moses scripts' punctuation normalizer for a language."""
    from sacremoses import MosesPunctNormalizer

    return MosesPunctNormalizer(lang=language).normalize
