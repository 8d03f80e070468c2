"""Translations for words that a lexicon lacks or has hardly seen, from words spelt like them.

A word takes the translations of the known words that are spelt like it, each weighed by the square
of its similarity. For a word seen c times these weigh as one further observation: c / (c + 1) of
its own translations and 1 / (c + 1) of its neighbours'.

A word like none is a name, mostly: in the source language's script it stands for itself, in another
it is worth a looser likeness, and in the end its romanised form.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.formats.lexicon import Lexicon
from optical_cli.text.romanize import romanized
from optical_cli.text.scripts import main_script
from optical_cli.text.spelling import NEIGHBORS, SpellingIndex

# Of the least similarity, where names are not copied.
ACROSS_SCRIPTS = 0.8
# Words, at most, that say what script a side is written in.
SAMPLED = 1000
Translations = Mapping[str, float]


class BackOff:
    """A lexicon that also answers for words that it lacks.

    Attributes:
        least: How like a known word another must be; None where it does not matter.
        romanizes: Whether a word like none is written in Latin letters.
    """

    def __init__(
        self, lexicon: Lexicon, settings: BackOffSettings, *, copied: Collection[str] = ()
    ):
        """Back off as `settings` say.

        Args:
            lexicon: What is known.
            settings: Whether to back off, and how far.
            copied: Words that stand for themselves where the lexicon lacks them, such as a
                collection's vocabulary: names.
        """
        self.lexicon = lexicon
        self.copied = copied
        target, source = scripts_of(lexicon)
        self.least = None
        if settings.back_off == "spelling":
            self.least = settings.min_similarity * (1 if target == source else ACROSS_SCRIPTS)
        self.romanizes = settings.romanize == "auto" and target != source == "Latin"
        self._index = None if self.least is None else SpellingIndex(list(lexicon))
        self._found: dict[str, Translations] = {}

    def written(self, term: str) -> str:
        """How the source language writes `term` if it is a name: in its own letters."""
        return romanized(term) if self.romanizes else term

    def __call__(self, term: str) -> Translations:
        """The translations of `term`; empty if nothing is known that is like it."""
        known = self.lexicon.get(term)
        if known is not None or self._index is None or term in self.copied:
            return known or {}
        if term not in self._found:
            self._look_up([term])
        return self._found[term]

    def prepare(self, terms: Iterable[str]) -> None:
        """Look up many terms at once, each a hundred times sooner than alone."""
        if self._index is not None:
            known = (self.lexicon, self.copied, self._found)
            self._look_up([t for t in dict.fromkeys(terms) if not any(t in k for k in known)])

    def _look_up(self, terms: Sequence[str]) -> None:
        self._found |= dict(neighbor_translations(self._index, terms, self.lexicon, self.least))


def scripts_of(lexicon: Lexicon) -> tuple[str | None, str | None]:
    """The script of the target side's words, and of the source side's; None if there are none."""
    # Files are sorted, so numbers and the other script's names stand first.
    targets = list(lexicon)[:: len(lexicon) // SAMPLED + 1]
    sources = chain.from_iterable(lexicon[word] for word in targets)
    return main_script("".join(targets)), main_script("".join(sources))


def neighbor_translations(
    index: SpellingIndex, words: Sequence[str], lexicon: Lexicon, least: float
) -> Iterator[tuple[str, Translations]]:
    """Each of `words` with the translations of the words in `index` that are spelt like it."""
    similar = index.similar(words, count=NEIGHBORS, least=least)
    for word, neighbors in zip(words, similar, strict=True):
        yield (
            word,
            weighted_mean(
                (lexicon[index.words[place]], likeness**2) for place, likeness in neighbors
            ),
        )


def weighted_mean(parts: Iterable[tuple[Translations, float]]) -> Translations:
    """The mean of distributions by weight, the most probable word first."""
    total: dict[str, float] = {}
    mass = 0.0
    for translations, weight in parts:
        mass += weight
        for word, p in translations.items():
            total[word] = total.get(word, 0.0) + weight * p
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return {word: value / mass for word, value in ranked}
