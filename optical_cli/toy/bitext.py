"""Sentence pairs: clean and distinct ones, and those whose word alignment is known."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from optical_cli.toy.chance import Chance
from optical_cli.toy.grammar import Word, english, links, swahili, text
from optical_cli.toy.utterances import draw_sentence


@dataclass(frozen=True, slots=True)
class Translation:
    """A sentence in both languages.

    Attributes:
        english: Its words, punctuation included.
        swahili: The same.
    """

    english: tuple[Word, ...]
    swahili: tuple[Word, ...]

    @property
    def source(self) -> str:
        """The English sentence."""
        return text(self.english)

    @property
    def target(self) -> str:
        """The Swahili sentence."""
        return text(self.swahili)

    def links(self) -> list[tuple[int, int]]:
        """Which English word (by place) says what which Swahili word says."""
        return links(self.english, self.swahili)


def draw_translations(chance: Chance, avoid: Collection[str] = ()) -> Iterator[Translation]:
    """Yield translations without end, no sentence twice on either side.

    Args:
        chance: Chooses.
        avoid: Sentences of either language that are left out.
    """
    seen = set(avoid)
    while True:
        sentence = draw_sentence(chance)
        pair = Translation(tuple(english.realize(sentence)), tuple(swahili.realize(sentence)))
        if pair.source not in seen and pair.target not in seen:
            seen |= {pair.source, pair.target}
            yield pair
