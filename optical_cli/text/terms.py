"""Terms: the words that lexicons, glosses and lexical retrieval compare."""

import regex

from optical_cli.text.normalize import fold
from optical_cli.text.segment import composed, word_spans, words

# "Kenya's" and "FORD-Kenya" must meet "Kenya"; ng'ombe is one word. Only the English possessive
# goes, and it is no word elsewhere ("'s" after a letter occurs in Dutch plurals at most).
_POSSESSIVE = regex.compile(r"['\u2019]s$")


def terms(text: str) -> list[str]:
    """The words of `text`, folded, split at hyphens, without the English possessive.

    Scripts without spaces give one term per grapheme cluster, as `words` does.
    """
    found = []
    for word in words(fold(text)):
        for part in word.split("-"):
            term = _POSSESSIVE.sub("", part)
            if term:
                found.append(term)
    return found


def placed_terms(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A form of `text`, and the span in it of the word that each of its `terms` is of.

    The form is `text`, composed as segmenters write it; but where a word falls apart when it is
    folded (\u0384, a Greek apostrophe, becomes a space and an accent), it is the folded one.
    """
    found = terms(text)
    text = composed(text)
    spans = _spans(text)
    if len(spans) != len(found):
        text = composed(fold(text))
        spans = _spans(text)
    return text, spans


def _spans(text: str) -> list[tuple[int, int]]:
    return [span for span in word_spans(text) for _ in terms(text[slice(*span)])]
