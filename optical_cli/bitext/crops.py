"""Query-like crops: short spans of a sentence pair that translate each other.

Bitext is sentences, queries are short. A span of target words and the span of source words that
they are linked to is a pair of the length of a query, which the teacher reads by itself.

A target word f at place j of m is linked to the source word e at place i of n with the largest

    p(e | f) * exp(-diagonal * |i / n - j / m|),    p(e | f) >= `LEAST_PROBABILITY`

and a word without translations to the same word. A crop is consistent: no link leaves its source
span for another target word, as in phrase extraction (Och and Ney 2004, "The Alignment Template
Approach to Statistical Machine Translation", section 4.1).
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from optical_cli.bitext.crop_settings import CropSettings
from optical_cli.formats.bitext import SentencePair
from optical_cli.formats.lexicon import Lexicon
from optical_cli.seeds import generator
from optical_cli.text import word_spans
from optical_cli.text.terms import terms

LEAST_PROBABILITY = 0.05
# Places that are tried for each crop that is wanted.
TRIES = 4


@dataclass(frozen=True)
class Words:
    """The words of a text.

    Attributes:
        text: The text.
        spans: Where each begins and ends.
        folded: The terms of each, without case; a word has several where it keeps hyphens.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    folded: Sequence[tuple[str, ...]]

    @classmethod
    def of(cls, text: str) -> "Words":
        """The words of `text`."""
        spans = word_spans(text)
        return cls(text, spans, [tuple(terms(text[start:end])) for start, end in spans])

    def __len__(self) -> int:
        return len(self.spans)

    def crop(self, first: int, last: int) -> str:
        """The text from the first to the last word, both included."""
        return self.text[self.spans[first][0] : self.spans[last][1]]


@dataclass
class Cropper:
    """Cuts sentence pairs, and counts.

    Attributes:
        lexicon: Translations.
        settings: How many crops, and what is one.
        seed: Where they begin depends on it and on the pair's id alone.
        pairs: Pairs that were read.
        whole: Those of them that were short enough to be written as they are.
        crops: What was cut out of them.
    """

    lexicon: Lexicon
    settings: CropSettings
    seed: int
    pairs: int = 0
    whole: int = 0
    crops: int = 0

    def __call__(self, pairs: Iterable[SentencePair]) -> Iterator[SentencePair]:
        """Each pair that is short, and its crops, known as ``ID.1``, ``ID.2``..."""
        for pair in pairs:
            self.pairs += 1
            source, target = Words.of(pair.source), Words.of(pair.target)
            if len(target) <= self.settings.whole:
                self.whole += 1
                yield pair
            found = self._distinct(pair, source, target)
            for number, texts in enumerate(islice(found, self.settings.crops), 1):
                self.crops += 1
                yield SentencePair(*texts, f"{pair.pair_id}.{number}")

    def _distinct(
        self, pair: SentencePair, source: Words, target: Words
    ) -> Iterator[tuple[str, str]]:
        links = word_links(source, target, self.lexicon, self.settings.diagonal)
        draws = generator(self.seed, "crop", pair.pair_id)
        found: set[tuple[str, str]] = set()
        for first, last in _windows(len(target), self.settings, draws):
            span = source_span(links, first, last, self.settings.min_linked)
            texts = span and (source.crop(*span), target.crop(first, last))
            if texts and texts not in found:
                found.add(texts)
                yield texts


def word_links(source: Words, target: Words, lexicon: Lexicon, diagonal: float) -> dict[int, int]:
    """The source word that each target word translates; none for a word that has no translation."""
    best = (_link(source, target, place, lexicon, diagonal) for place in range(len(target)))
    return {place: link for place, link in enumerate(best) if link is not None}


def source_span(
    links: Mapping[int, int], first: int, last: int, least: float
) -> tuple[int, int] | None:
    """First and last source word of the target words first..last; None where that is no crop.

    It is none if too few of them are linked, if a word outside is linked into the span, or if the
    span is more than twice as long as they are, and two.
    """
    size = last - first + 1
    inside = [link for place, link in links.items() if first <= place <= last]
    if len(inside) < max(2, least * size):
        return None
    low, high = min(inside), max(inside)
    if high - low + 1 > 2 * size + 2:
        return None
    outside = (link for place, link in links.items() if not first <= place <= last)
    return None if any(low <= link <= high for link in outside) else (low, high)


def _link(
    source: Words, target: Words, place: int, lexicon: Lexicon, diagonal: float
) -> int | None:
    translations: dict[str, float] = {}
    for term in target.folded[place]:
        for word, p in lexicon.get(term, {}).items():
            translations[word] = max(p, translations.get(word, 0.0))
    if not translations:
        translations = dict.fromkeys(target.folded[place], 1.0)
    where = place / max(len(target), 1)
    best, weight = None, 0.0
    for number, folded in enumerate(source.folded):
        p = max((translations.get(term, 0.0) for term in folded), default=0.0)
        if p >= LEAST_PROBABILITY:
            value = p * math.exp(-diagonal * abs(number / len(source) - where))
            best, weight = (number, value) if value > weight else (best, weight)
    return best


def _windows(
    words: int, settings: CropSettings, draws: np.random.Generator
) -> Iterator[tuple[int, int]]:
    """First and last word of random spans that are shorter than the text."""
    longest = min(settings.max_words, words - 1)
    if longest < settings.min_words:
        return
    for _ in range(TRIES * settings.crops):
        size = int(draws.integers(settings.min_words, longest + 1))
        first = int(draws.integers(words - size + 1))
        yield first, first + size - 1
