"""Terms: the words that lexicons, glosses and lexical retrieval compare."""

import regex

from optical_cli.text.normalize import fold
from optical_cli.text.segment import words

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
