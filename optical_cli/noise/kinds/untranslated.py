"""``untranslated``: a side that was copied instead of translated."""

from dataclasses import dataclass

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance
from optical_cli.noise.kind import Edit, pair_kind, side_of
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request


@pair_kind("untranslated", sides=True)
@dataclass(frozen=True)
class Untranslated:
    """The side becomes a copy of the other side.

    Source: Khayrallah and Koehn 2018, untranslated sentences.
    """

    request: Request
    material: Material
    seed: int

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        """Copy."""
        if side_of(self.request, chance) == "source":
            return Edit(pair._replace(source=pair.target))
        return Edit(pair._replace(target=pair.source))
