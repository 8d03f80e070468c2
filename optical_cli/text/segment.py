"""Words and graphemes, in scripts with spaces and without."""

import functools

import regex

from optical_cli.text.scripts import UNSEGMENTED, script_class

# A word is a run of letters, marks and digits, with apostrophes, hyphens and joiners inside it
# (Swahili ng'ombe). Of a script without spaces each grapheme is a word: a segmenter would bring
# its own errors and a dependency per language.
_INSIDE = "'\u2019\u02bc\u00b7\u200c\u200d-"


@functools.cache
def _word() -> regex.Pattern:
    unsegmented = script_class(sorted(UNSEGMENTED))
    letter = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{unsegmented}]"
    grapheme = rf"(?:(?=[{unsegmented}&&[\p{{L}}\p{{N}}]])\X)"
    return regex.compile(
        rf"{grapheme}|{letter}+(?:[{_INSIDE}]{letter}+)*", flags=regex.VERSION1
    )  # fmt: skip


def words(text: str) -> list[str]:
    """The words of `text` in order, without punctuation, case as it is.

    Thai, Lao, Khmer, Burmese, Tibetan, Chinese and Japanese give one word per grapheme cluster,
    so a vowel sign stays with its consonant.
    """
    return _word().findall(text)


def graphemes(text: str) -> list[str]:
    """Extended grapheme clusters: what a reader counts as characters."""
    return regex.findall(r"\X", text)
