"""Words and graphemes, in scripts with spaces and without."""

import functools
import unicodedata
from collections.abc import Sequence

import regex

from optical_cli.text.scripts import UNSEGMENTED, script_class

# Joins the graphemes of a word in a script without spaces; see `segmenter`.
JOINER = "\u2060"
# Thai and Lao AM, which NFKC parts, and NFC does not put together again.
PARTED_AM = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3"}
# What a reader counts as one character: a grapheme cluster, the vowel signs of Burmese that Unicode
# leaves out of it, and the second half of Thai and Lao AM, which NFKC parts.
_CHARACTER = r"\X\p{M}*(?:(?<=[\u0e4d\u0ecd])[\u0e32\u0eb2])?"
# A word is a run of letters, marks and digits, with apostrophes, hyphens and joiners inside it
# (Swahili ng'ombe). Of a script without spaces each grapheme is a word, unless joiners say
# otherwise.
_INSIDE = "'\u2019\u02bc\u00b7\u200c\u200d-"


@functools.cache
def _word() -> regex.Pattern:
    unsegmented = script_class(sorted(UNSEGMENTED))
    letter = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{unsegmented}]"
    return regex.compile(rf"{_unspaced()}|{letter}+(?:[{_INSIDE}]{letter}+)*", flags=regex.VERSION1)


def _unspaced() -> str:
    """A pattern for a word of a script without spaces: one character, or what joiners join."""
    character = rf"(?:(?=[{script_class(sorted(UNSEGMENTED))}&&[\p{{L}}\p{{N}}]]){_CHARACTER})"
    return rf"{character}(?:{JOINER}{character})*"


def words(text: str) -> list[str]:
    """The words of `text` in order, without punctuation, case as it is.

    Thai, Lao, Khmer, Burmese, Tibetan, Chinese and Japanese give one word per grapheme cluster,
    so a vowel sign stays with its consonant; graphemes between which U+2060 stands are one word.
    """
    return _word().findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where each of the `words` of `text` begins and ends."""
    return [match.span() for match in _word().finditer(text)]


@functools.cache
def _unit() -> regex.Pattern:
    unsegmented = script_class(sorted(UNSEGMENTED))
    return regex.compile(rf"{_unspaced()}|(?:(?!{unsegmented})\S)+|\S", flags=regex.VERSION1)


def unit_spans(text: str) -> list[tuple[int, int]]:
    """Where each unit of word order begins and ends: all of `text` but its white space.

    A unit is a run between spaces, punctuation included; of a script without spaces it is a
    word that joiners join, or else a grapheme cluster.
    """
    return [match.span() for match in _unit().finditer(text)]


def refilled(text: str, spans: Sequence[tuple[int, int]], units: Sequence[str]) -> str:
    """`text` with other units in the places of `spans`, which rise; all between them stays."""
    pieces, end = [], 0
    for (start, stop), unit in zip(spans, units, strict=True):
        pieces += [text[end:start], unit]
        end = stop
    return "".join([*pieces, text[end:]])


def capitalized_like(word: str, model: str) -> str:
    """`word` with a capital first letter where `model` has one."""
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def composed(text: str) -> str:
    """`text` in NFC, its parted Thai and Lao AM put together."""
    text = unicodedata.normalize("NFC", text)
    for parted, whole in PARTED_AM.items():
        text = text.replace(parted, whole)
    return text


def graphemes(text: str) -> list[str]:
    """What a reader counts as characters: grapheme clusters with all their signs."""
    return regex.findall(_CHARACTER, text)
