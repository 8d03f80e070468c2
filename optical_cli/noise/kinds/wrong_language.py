"""``wrong-language``: a target in a third language."""

from dataclasses import dataclass

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance
from optical_cli.noise.kind import Edit, pair_kind
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request
from optical_cli.text import key

TRANSLATION, RANDOM = "translation", "random"


@pair_kind("wrong-language", needs="--other-bitext")
@dataclass(frozen=True)
class WrongLanguage:
    """The target becomes a sentence of another language: the translation of the same source where
    the second bitext has that source (letters, marks and digits compared), else a target drawn
    from it at random; the ledger says which.

    Source: Khayrallah and Koehn 2018, wrong language.
    """

    request: Request
    material: Material
    seed: int

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        """Replace the target."""
        other = self.material.other_bitext
        number, how = other.by_source.get(key(row.pair.source)), TRANSLATION
        if number is None:
            number, how = chance.number % len(other.pairs), RANDOM
        target = other.pairs[number].target
        return Edit(pair._replace(target=target), how, other.origin(number))
