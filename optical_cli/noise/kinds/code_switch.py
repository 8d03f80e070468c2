"""``code-switch``: words of the other language inside a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress

import numpy as np

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance, some
from optical_cli.noise.kind import Edit, pair_kind, side_of
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request
from optical_cli.text import capitalized_like, refilled, word_spans
from optical_cli.text.terms import terms


@pair_kind(
    "code-switch", needs="--lexicon", sides=True, intensity=0.3, share="known words switched"
)
@dataclass(frozen=True)
class CodeSwitch:
    """Each word that the lexicon translates is replaced by its most probable translation with the
    probability of the intensity, at least one is. A capital first letter stays one.
    """

    request: Request
    material: Material
    seed: int

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        """Switch words of one side."""
        side = side_of(self.request, chance)
        lexicon = self.material.lexicon
        translations = lexicon.to_target if side == "source" else lexicon.to_source
        text = _switched(
            getattr(pair, side), translations, chance.generator, self.request.intensity
        )
        return Edit(pair._replace(**{side: text}))


def _switched(
    text: str, translations: Mapping[str, str], chance: np.random.Generator, intensity: float
) -> str:
    spans = word_spans(text)
    draws = chance.random(len(spans))
    known = [
        (span, new, draw)
        for span, draw in zip(spans, draws.tolist(), strict=True)
        if (new := _translated(text[slice(*span)], translations))
    ]
    hit = some(np.array([draw for *_, draw in known]), intensity)
    switched = list(compress(known, hit.tolist()))
    return refilled(text, [span for span, *_ in switched], [new for _, new, _ in switched])


def _translated(word: str, translations: Mapping[str, str]) -> str:
    """The translation of `word`; empty where the lexicon lacks a part of it or has it unchanged."""
    parts = [translations.get(term, "") for term in terms(word)]
    found = " ".join(parts) if parts and all(parts) else ""
    found = capitalized_like(found, word)
    return found if found != word else ""
