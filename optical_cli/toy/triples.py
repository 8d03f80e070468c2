"""Triples for the teacher: a question, a passage that answers it, one that does not."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from optical_cli.toy.chance import Chance
from optical_cli.toy.passages import Passage, draw_passages
from optical_cli.toy.queries import Archive, Query, draw_queries

HARD_NEGATIVES = 0.5
# Passages of their own, enough for so many different questions.
TRIPLES_PER_PASSAGE = 2
FEWEST_PASSAGES = 50


class Triple(NamedTuple):
    """Three texts."""

    query: str
    positive: str
    negative: str


def draw_triples(
    chance: Chance, count: int, collection: Sequence[Passage], queries: Collection[str]
) -> list[Triple]:
    """`count` triples, in which no passage of the collection and none of the queries occurs.

    Args:
        chance: Chooses.
        count: How many.
        collection: Passages that are searched later.
        queries: English questions that are asked later.
    """
    size = max(len(collection), count // TRIPLES_PER_PASSAGE, FEWEST_PASSAGES)
    own = draw_passages(chance, size, "t", avoid=[passage.text for passage in collection])
    archive = Archive(own)
    asked = draw_queries(chance, archive, count, "t", avoid=queries)
    return [_triple(chance, archive, query) for query in asked]


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
