"""The words that are tokens of a vocabulary, and which of them a new word is spelt like."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from optical_cli.encoders.json_files import read_json, write_json
from optical_cli.errors import InputError
from optical_cli.text.segmenter import Segmenter
from optical_cli.text.spelling import NEIGHBORS, SpellingIndex

FILE = "known_words.json"


class Neighbor(NamedTuple):
    """A token that a word is spelt like, and its share in what the word means."""

    id: int
    share: float


@dataclass(frozen=True)
class KnownWords:
    """Whole words that are tokens, whose ids follow each other.

    Attributes:
        words: As `count_words` spells them, in the order of their ids.
        first: The id of the first.
        min_similarity: How like a token a new word must be, from 0 to 1; None if new words are
            like none.
        unspaced: Those of scripts without spaces, without joiners, and how often each was seen,
            where joiners had told words in training; see `joined_words`.
    """

    words: tuple[str, ...]
    first: int
    min_similarity: float | None
    unspaced: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, token: int) -> str | None:
        """The word that is this token; None for another token."""
        place = token - self.first
        return self.words[place] if 0 <= place < len(self.words) else None

    def neighbors(self, words: Iterable[str]) -> dict[str, list[Neighbor]]:
        """The tokens that each of `words` is spelt like; words that are tokens are left out.

        A token's share is the square of its similarity, and the shares of a word's tokens, ten at
        most, make 1. A word that is like no token is left out.
        """
        if self.min_similarity is None:
            return {}
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        found = self._index.similar(new, count=NEIGHBORS, least=self.min_similarity)
        return {word: self._shares(alike) for word, alike in zip(new, found, strict=True) if alike}

    @cached_property
    def segmenter(self) -> Segmenter | None:
        """What tells words of scripts without spaces as they were told in training."""
        return Segmenter.of_words(self.unspaced) if self.unspaced else None

    def _shares(self, alike: list[tuple[int, float]]) -> list[Neighbor]:
        total = sum(similarity**2 for _, similarity in alike)
        return [Neighbor(self.first + place, s**2 / total) for place, s in alike]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def _index(self) -> SpellingIndex:
        return SpellingIndex(self.words)


def write_known_words(known: KnownWords, folder: Path) -> None:
    """Write `known` beside a model."""
    write_json(folder / FILE, dataclasses.asdict(known))


def read_known_words(folder: Path) -> KnownWords | None:
    """What `write_known_words` wrote; None where there is nothing.

    Raises:
        InputError: The file holds something else.
    """
    path = folder / FILE
    found = read_json(path, default={})
    if not found:
        return None
    words, first, least = (found.get(name) for name in ("words", "first", "min_similarity"))
    if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        raise InputError("words: expected a list of words", where=path)
    if not isinstance(first, int):
        raise InputError("first: expected the id of the first word", where=path)
    if not (least is None or isinstance(least, int | float)):
        raise InputError("min_similarity: expected a number or null", where=path)
    unspaced = found.get("unspaced", {})
    if not (isinstance(unspaced, dict) and all(map(_is_count, unspaced.values()))):
        raise InputError("unspaced: expected words and how often each was seen", where=path)
    return KnownWords(tuple(words), first, least, unspaced)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value > 0
