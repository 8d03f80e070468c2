"""``crawl``: pairs out of a raw crawl."""

from dataclasses import dataclass

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance
from optical_cli.noise.kind import Edit, pair_kind
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request


@pair_kind("crawl", needs="--crawl")
@dataclass(frozen=True)
class Crawl:
    """Both sides become those of a pair of the raw crawl, drawn at random with replacement.

    Source: Khayrallah and Koehn 2018, raw crawled data.
    """

    request: Request
    material: Material
    seed: int

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        """Replace the pair."""
        crawl = self.material.crawl
        number = chance.number % len(crawl.pairs)
        drawn = crawl.pairs[number]
        return Edit(
            pair._replace(source=drawn.source, target=drawn.target), origin=crawl.origin(number)
        )
