"""Word-by-word translation: order and punctuation stay, unknown words are copied as names are."""

from collections.abc import Callable, Iterator, Mapping

from optical_cli.text import words
from optical_cli.text.terms import terms
from optical_cli.translation.settings import GlossSettings

# A term to its translations with their probabilities; empty for an unknown one
Translate = Callable[[str], Mapping[str, float]]


class Gloss:
    """Replaces the words of a text by their translations."""

    def __init__(
        self,
        translate: Translate,
        settings: GlossSettings,
        *,
        written: Callable[[str], str] = str,
    ):
        """Translate by `translate`.

        Args:
            translate: The translations of a term.
            settings: What is written of them.
            written: How an unknown word is copied: as it stands, or in other letters.
        """
        self.translate = translate
        self.settings = settings
        self.written = written
        self.known = 0
        self.unknown = 0

    def __call__(self, text: str) -> str:
        """The gloss of `text`; counts what was known and what was copied."""
        return " ".join("".join(self._pieces(text)).split())

    def _pieces(self, text: str) -> Iterator[str]:
        end = 0
        for word in words(text):
            start = text.index(word, end)
            yield text[end:start]
            # Words of scripts without spaces follow each other directly, their glosses must not.
            if start == end:
                yield " "
            yield self._word(word)
            end = start + len(word)
        yield text[end:]

    def _word(self, word: str) -> str:
        """Each term's translations; a word of which no term is known is copied whole."""
        found = [(term, self._best(term)) for term in terms(word)]
        if not any(best for _, best in found):
            self.unknown += 1
            return self.written(word)
        self.known += 1
        return " ".join(part for term, best in found for part in best or [self.written(term)])

    def _best(self, term: str) -> list[str]:
        translations = self.translate(term)
        ranked = sorted(translations.items(), key=lambda item: (-item[1], item[0]))
        return [
            word
            for place, (word, p) in enumerate(ranked[: self.settings.best])
            if place == 0 or p >= self.settings.min_translation
        ]
