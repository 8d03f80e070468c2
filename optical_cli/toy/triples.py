"""Triples for the teacher: a question, a passage that answers it, one that does not."""

from collections.abc import Collection
from typing import NamedTuple

from optical_cli.toy.chance import Chance
from optical_cli.toy.passages import draw_passages
from optical_cli.toy.queries import Archive, Query, draw_queries

HARD_NEGATIVES = 0.5


class Triple(NamedTuple):
    """Three texts."""

    query: str
    positive: str
    negative: str


def draw_triples(
    chance: Chance, count: int, passages: int, *, avoid: Collection[str]
) -> list[Triple]:
    """`count` triples about passages of their own.

    Args:
        chance: Chooses.
        count: How many.
        passages: How many passages they are about; more where `count` needs them.
        avoid: Questions that are not asked.
    """
    own = draw_passages(chance, max(passages, count // 3, 50), "t")
    archive = Archive(own)
    queries = draw_queries(chance, archive, count, "t", avoid=avoid)
    return [_triple(chance, archive, query) for query in queries]


def _triple(chance: Chance, archive: Archive, query: Query) -> Triple:
    positive = chance.pick(query.relevant)
    negative = _other(chance, archive, query)
    texts = (archive.passages[place].text for place in (positive, negative))
    return Triple(query.english, *texts)


def _other(chance: Chance, archive: Archive, query: Query) -> int:
    """A passage that is not relevant; half the time one with a fact of the same verb."""
    alike = archive.with_verb(query.verb) if chance.happens(HARD_NEGATIVES) else range(0)
    wrong = [place for place in alike if place not in query.relevant]
    while not wrong:
        place = chance.below(len(archive.passages))
        wrong = [] if place in query.relevant else [place]
    return chance.pick(wrong)
