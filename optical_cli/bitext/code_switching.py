"""Code-switched queries: pseudo-translations of texts that nobody has translated.

Bitext is news and scripture, and queries are neither; but there are queries in the teacher's
language. Their words are replaced by words of the student's language, one by one and at random, as
code-switching augmentation does (Qin et al. 2020, "CoSDA-ML", there for all languages at once): the
student sees the words of its language in the order and the company of queries, and the teacher
reads what was asked.

A source word e becomes the target word f in proportion to how often f stands for it:

    count(f) * p(e | f)

for the most frequent such words. Words without a translation, such as names, stay.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optical_cli.bitext.code_switch_settings import CodeSwitchSettings
from optical_cli.formats.bitext import SentencePair
from optical_cli.formats.lexicon import Lexicon
from optical_cli.seeds import generator
from optical_cli.text import capitalized_like, refilled, word_spans
from optical_cli.text.terms import terms

# Target words and the bounds of their shares of [0, 1)
Choices = tuple[Sequence[str], np.ndarray]


@dataclass
class CodeSwitcher:
    """Switches words of texts, and counts.

    Attributes:
        choices: What each source word may become, by `choices_of`.
        settings: How many words are switched.
        seed: The draws depend on it, the text's id and the copy alone.
        texts: Texts that were read.
        words: Words that were read, once for each copy.
        switched: Those of them that were replaced.
    """

    choices: Mapping[str, Choices]
    settings: CodeSwitchSettings
    seed: int
    texts: int = field(default=0, init=False)
    words: int = field(default=0, init=False)
    switched: int = field(default=0, init=False)

    def __call__(self, texts: Iterable[tuple[str, str]]) -> Iterator[SentencePair]:
        """The texts (id, text) beside what they become, known as ``ID.1``, ``ID.2``...

        A copy in which no word is switched is left out.
        """
        for text_id, text in texts:
            self.texts += 1
            for copy in range(1, self.settings.copies + 1):
                draws = generator(self.seed, "code-switch", text_id, copy)
                before = self.switched
                switched = self._switch(text, draws)
                if self.switched > before:
                    yield SentencePair(text, switched, f"{text_id}.{copy}")

    def _switch(self, text: str, draws: np.random.Generator) -> str:
        spans = word_spans(text)
        return refilled(text, spans, [self._word(text[slice(*span)], draws) for span in spans])

    def _word(self, word: str, draws: np.random.Generator) -> str:
        self.words += 1
        found = [self.choices.get(term) for term in terms(word)]
        if not found or None in found or draws.random() >= self.settings.share:
            return word
        self.switched += 1
        new = " ".join(
            words[int(np.searchsorted(bounds, draws.random(), side="right"))]
            for words, bounds in found
        )
        return capitalized_like(new, word)


def choices_of(lexicon: Lexicon, counts: Mapping[str, int], most: int) -> dict[str, Choices]:
    """The `most` target words that stand for each source word most often, with their shares.

    Args:
        lexicon: p(source word | target word).
        counts: How often each target word occurs; what does not occur is no choice.
        most: Choices of a word.
    """
    weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for target, entry in lexicon.items():
        for source, p in entry.items():
            if counts[target]:
                weights[source][target] = p * counts[target]
    return {source: _shares(entry, most) for source, entry in weights.items()}


def _shares(weights: Mapping[str, float], most: int) -> Choices:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:most]
    bounds = np.cumsum([weight for _, weight in ranked])
    # The last bound is 1, from which no draw is as large.
    return [word for word, _ in ranked], bounds[:-1] / bounds[-1]


def count_terms(texts: Iterable[str]) -> Counter[str]:
    """How often each term occurs."""
    return Counter(term for text in texts for term in terms(text))
