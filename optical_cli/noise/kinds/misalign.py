"""``misalign``: pairs that exchange their targets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance, content_hash
from optical_cli.noise.kind import Edit, pair_kind
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request

# Where a target comes from: the pair's id, and the text.
Donor = tuple[str, str]


@pair_kind("misalign", surveys=True)
@dataclass
class Misalign:
    """The chosen pairs exchange their targets by a derangement: none keeps its own, nor an equal
    text while at most half of them share it. Over the whole file, which is read twice, or within
    windows of it, which is then read once.

    The distinct targets stand in an order hashed from seed and text, equal ones beside each other,
    and every pair takes the target that stands as many places on, round a circle, as the most
    frequent target is frequent.

    Source: Khayrallah and Koehn 2018, misaligned sentences; there by a shuffle, which may leave
    pairs as they are.
    """

    request: Request
    material: Material
    seed: int
    found: int = 0
    donors: dict[int, Donor] = field(default_factory=dict)

    def survey(self, rows: Iterable[BitextRow]) -> None:
        """Say where each chosen pair of these gets its target from."""
        chosen = [(row.number, row.pair) for row in self._chosen(rows)]
        self.found += len(chosen)
        self.donors = dict(_derangement(chosen, self._order))

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        """Take the donor's target; a pair alone in its window has none but itself."""
        donor, target = self.donors[row.number]
        return Edit(pair._replace(target=target), origin=donor)

    def _chosen(self, rows: Iterable[BitextRow]) -> Iterator[BitextRow]:
        for row in rows:
            digest = content_hash(row.pair.source, row.pair.target)
            if Chance(self.seed, self.request.label, digest).hits(self.request.rate):
                yield row

    def _order(self, target: str) -> tuple[int, str]:
        return Chance(self.seed, self.request.label, content_hash("", target)).number, target


def _derangement(chosen: list[tuple[int, SentencePair]], order) -> Iterator[tuple[int, Donor]]:
    standing = sorted(chosen, key=lambda item: (order(item[1].target), item[0]))
    groups = groupby(standing, key=lambda item: item[1].target)
    step = max((sum(1 for _ in members) for _, members in groups), default=0)
    for place, (number, _) in enumerate(standing):
        donor = standing[(place + step) % len(standing)][1]
        yield number, (donor.pair_id, donor.target)
