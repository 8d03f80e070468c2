"""Swahili noun classes: what agrees with a noun takes these prefixes."""

from dataclasses import dataclass

Agreement = int | str
"""A noun class, or a person: ``1s 2s 1p 2p``."""


@dataclass(frozen=True)
class Concord:
    """The agreement of one noun class.

    Attributes:
        adjective: Prefix of adjectives and numerals; ``n`` stands for the nasal of 9/10.
        subject: Subject prefix of verbs.
        object: Object prefix of verbs.
        connective: Consonant before -a (of), -angu (my), -ote (all).
        near: This.
        far: That.
        relative: Who, which, inside a verb.
    """

    adjective: str
    subject: str
    object: str
    connective: str
    near: str
    far: str
    relative: str


CONCORDS = {
    1: Concord("m", "a", "m", "w", "huyu", "yule", "ye"),
    2: Concord("wa", "wa", "wa", "w", "hawa", "wale", "o"),
    3: Concord("m", "u", "u", "w", "huu", "ule", "o"),
    4: Concord("mi", "i", "i", "y", "hii", "ile", "yo"),
    5: Concord("", "li", "li", "l", "hili", "lile", "lo"),
    6: Concord("ma", "ya", "ya", "y", "haya", "yale", "yo"),
    7: Concord("ki", "ki", "ki", "ch", "hiki", "kile", "cho"),
    8: Concord("vi", "vi", "vi", "vy", "hivi", "vile", "vyo"),
    9: Concord("n", "i", "i", "y", "hii", "ile", "yo"),
    10: Concord("n", "zi", "zi", "z", "hizi", "zile", "zo"),
    11: Concord("m", "u", "u", "w", "huu", "ule", "o"),
    14: Concord("m", "u", "u", "w", "huu", "ule", "o"),
}

SUBJECT = {"1s": "ni", "2s": "u", "1p": "tu", "2p": "m"} | {
    noun_class: concord.subject for noun_class, concord in CONCORDS.items()
}
NEGATIVE_SUBJECT = {"1s": "si", "2s": "hu", "1p": "hatu", "2p": "ham", 1: "ha"} | {
    noun_class: "ha" + concord.subject
    for noun_class, concord in CONCORDS.items()
    if noun_class != 1
}
OBJECT = {"1s": "ni", "2s": "ku", "1p": "tu", "2p": "wa"} | {
    noun_class: concord.object for noun_class, concord in CONCORDS.items()
}
POSSESSIVE = {"1s": "angu", "2s": "ako", "3s": "ake", "1p": "etu", "2p": "enu", "3p": "ao"}
