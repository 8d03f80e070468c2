"""Words that know which parts of the meaning they express, and what follows: true alignment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word of a sentence.

    Attributes:
        text: As it is written in the middle of a sentence.
        anchors: The parts of the meaning that it expresses, such as ``object.noun``. Empty for
            words that the other language leaves unsaid.
    """

    text: str
    anchors: frozenset[str]


def word(text: str, *anchors: str) -> Word:
    """A word that expresses `anchors`."""
    return Word(text, frozenset(anchors))


def links(source: Sequence[Word], target: Sequence[Word]) -> list[tuple[int, int]]:
    """Every (source index, target index) whose words share a part of the meaning."""
    return [
        (i, j)
        for i, one in enumerate(source)
        for j, other in enumerate(target)
        if one.anchors & other.anchors
    ]


def capitalized(words: Sequence[Word]) -> list[Word]:
    """The words as they stand in a sentence, the first with a capital."""
    first, *rest = words
    return [Word(first.text[0].upper() + first.text[1:], first.anchors), *rest]


def text(words: Iterable[Word]) -> str:
    """The sentence as it is printed: no space before punctuation."""
    joined = " ".join(word.text for word in words)
    for mark in ".?,":
        joined = joined.replace(f" {mark}", mark)
    return joined
