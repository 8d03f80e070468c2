"""Swahili word forms: adjectives and verbs from their stems."""

import re

from optical_cli.toy.grammar.concord import (
    CONCORDS,
    NEGATIVE_SUBJECT,
    OBJECT,
    SUBJECT,
    Agreement,
)

VOWELS = "aeiou"
TENSE_MARKER = {"present": "na", "past": "li", "future": "ta", "perfect": "me"}
NEGATIVE_MARKER = {"present": "", "past": "ku", "future": "ta", "perfect": "ja"}
RELATIVE_MARKER = {"present": "na", "past": "li", "future": "taka", "perfect": "li"}

# The nasal of classes 9/10 fuses with the first consonant of the stem, and is lost before
# voiceless ones and nasals.
_NASAL = {"b": "mb", "v": "mv", "d": "nd", "g": "ng", "z": "nz", "j": "nj"}
_NASAL_CHANGES = {"r": "nd", "l": "nd", "w": "mb"}


def adjective(stem: str, noun_class: int) -> str:
    """An adjective, or a numeral, in agreement.

    Args:
        stem: ``-kubwa``; a word without the dash does not change.
        noun_class: What it agrees with.
    """
    if not stem.startswith("-"):
        return stem
    stem = stem[1:]
    prefix = CONCORDS[noun_class].adjective
    if prefix == "n":
        return _nasal(stem)
    if prefix == "":
        return _class_five(stem)
    return _joined(prefix, stem)


def numeral(stem: str, noun_class: int) -> str:
    """A number word in agreement; classes 9/10 have no prefix, but *-wili* is *mbili* there."""
    if CONCORDS[noun_class].adjective != "n":
        return adjective(stem, noun_class)
    return "mbili" if stem == "-wili" else stem.removeprefix("-")


def _nasal(stem: str) -> str:
    if _syllables(stem) == 1:
        return "m" + stem
    if stem[0] in VOWELS:
        return "ny" + stem
    if stem[0] in _NASAL:
        return _NASAL[stem[0]] + stem[1:]
    return _NASAL_CHANGES[stem[0]] + stem[1:] if stem[0] in _NASAL_CHANGES else stem


def _class_five(stem: str) -> str:
    if _syllables(stem) == 1:
        return "ji" + stem
    return "j" + stem if stem[0] in VOWELS else stem


def _joined(prefix: str, stem: str) -> str:
    """Join with the contractions that vowels bring: wa+eusi is weusi, ki+eusi is cheusi."""
    first = stem[0]
    if first not in VOWELS:
        return prefix + stem
    if prefix == "m":
        return "mw" + stem
    if prefix.endswith("a"):
        return prefix[:-1] + ("e" + stem[1:] if first in "ei" else stem)
    if first == "i":
        return prefix + stem[1:]
    return {"ki": "ch", "vi": "vy", "mi": "my"}[prefix] + stem


def _syllables(stem: str) -> int:
    return len(re.findall(f"[{VOWELS}]", stem))


def infinitive(stem: str, *, object: Agreement | None = None) -> str:
    """To do: ku-, the object prefix if there is one, the stem; kw- with -enda, go."""
    return "kwenda" if stem == "enda" else "ku" + _with_object(stem, object)


def verb(
    stem: str,
    subject: Agreement,
    tense: str,
    *,
    negative: bool = False,
    object: Agreement | None = None,
    monosyllabic: bool = False,
) -> str:
    """A finite verb: subject, tense, object, stem.

    Args:
        stem: The stem with its final vowel, such as ``soma``.
        subject: What the subject prefix agrees with.
        tense: ``present``, ``past``, ``future`` or ``perfect``.
        negative: Negative forms; in the present a final -a becomes -i, other vowels stay.
        object: What an object prefix, if there is one, agrees with.
        monosyllabic: Stems such as -la, which keep ku- after -na-, -li-, -ta- and -me- unless
            an object prefix carries the stress.
    """
    marker = NEGATIVE_MARKER[tense] if negative else TENSE_MARKER[tense]
    if negative and tense == "present" and stem.endswith("a"):
        stem = stem[:-1] + "i"
    if monosyllabic and object is None and marker in ("na", "li", "ta", "me"):
        stem = "ku" + stem
    prefix = NEGATIVE_SUBJECT[subject] if negative else SUBJECT[subject]
    return prefix + marker + _with_object(stem, object)


def relative(
    stem: str,
    noun_class: int,
    tense: str,
    *,
    object: Agreement | None = None,
    monosyllabic: bool = False,
) -> str:
    """A verb that stands behind its subject as a relative clause: *aliyesoma*, who read."""
    concord = CONCORDS[noun_class]
    stem = "ku" + stem if monosyllabic and object is None else stem
    return concord.subject + RELATIVE_MARKER[tense] + concord.relative + _with_object(stem, object)


def _with_object(stem: str, object: Agreement | None) -> str:
    if object is None:
        return stem
    prefix = OBJECT[object]
    if prefix == "m" and stem[0] in VOWELS:
        prefix = "mu" if stem[0] == "u" else "mw"
    return prefix + stem
