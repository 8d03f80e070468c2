"""Which language a text is in, for many texts at once."""

import functools
from typing import Any

import numpy as np
from jaxtyping import Float

from optical_cli.text import canonical

# Labels of the identifier that are another's for us: Nigerian Pidgin is read as English, and the
# label for text without language is no language.
AS_ANOTHER = {"pcm": "en", "zxx": ""}


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@functools.cache
def _label(label: str) -> str:
    return AS_ANOTHER.get(label, canonical(label))


@functools.cache
def supported() -> frozenset[str]:
    """Canonical codes of the languages that can be told."""
    return frozenset(_label(label) for label in _identifier().labels) - {""}


def identify(texts: list[str]) -> tuple[list[str], Float[np.ndarray, "text"]]:
    """The canonical code of the likeliest language of each text, and its probability.

    Members of a macrolanguage are one language; an empty code means none.
    """
    found = [_identifier().classify(text) for text in texts]
    labels = [_label(label) for label, _ in found]
    return labels, np.fromiter((p for _, p in found), float, len(found))
