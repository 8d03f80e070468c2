"""Queries: a question about a fact, in both languages, and who answers it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from optical_cli.errors import UsageError
from optical_cli.toy.chance import Chance
from optical_cli.toy.facts import Fact, actor_phrase, object_phrase, place_of
from optical_cli.toy.grammar import english, swahili, text
from optical_cli.toy.grammar.syntax import Clause, NounPhrase, Place
from optical_cli.toy.lexicon import Verb
from optical_cli.toy.passages import Passage

# What each question asks for, and what it then names of the fact, besides the verb.
ASKED = {
    "who": "actor",
    "where": "place",
    "when": "time",
    "what": "object",
    "how many": "numeral",
}
NAMED = {
    "who": ("object",),
    "where": ("actor", "object"),
    "when": ("actor", "object"),
    "what": ("actor", "place"),
    "how many": ("actor", "object"),
}
MOST_RELEVANT = 3
ATTEMPTS_PER_QUERY = 200


@dataclass(frozen=True, slots=True)
class Query:
    """A question.

    Attributes:
        query_id: Its identifier, the same in both languages.
        english: The question.
        swahili: The same.
        verb: What it asks about.
        relevant: Positions of the passages that answer it.
    """

    query_id: str
    english: str
    swahili: str
    verb: Verb
    relevant: tuple[int, ...]


class Archive:
    """Passages by what they tell.

    Args:
        passages: All that can be asked about.
    """

    def __init__(self, passages: Sequence[Passage]):
        self.facts = [(i, fact) for i, passage in enumerate(passages) for fact in passage.facts]
        self.passages = passages
        self._by_verb: dict[Verb, list[tuple[int, Fact]]] = defaultdict(list)
        for place, fact in self.facts:
            self._by_verb[fact.verb].append((place, fact))

    def told_with(self, fact: Fact, slots: Collection[str]) -> list[tuple[int, Fact]]:
        """Facts, and where they are told, that agree with `fact` in the verb and in `slots`."""
        wanted = [(slot, fact.slot(slot)) for slot in slots]
        return [
            (place, other)
            for place, other in self._by_verb[fact.verb]
            if all(other.slot(slot) is value for slot, value in wanted)
        ]

    def with_verb(self, verb: Verb) -> list[int]:
        """Positions of the passages that tell a fact of this verb."""
        return [place for place, _ in self._by_verb[verb]]


def draw_queries(
    chance: Chance, archive: Archive, count: int, prefix: str, *, avoid: Collection[str] = ()
) -> Iterator[Query]:
    """Yield `count` different queries, each with one to three relevant passages.

    A passage is relevant if one of its facts has all that the question names. A question is
    dropped if such a fact leaves open what is asked or stands in another tense: whether it
    answers would be a matter of opinion.

    Args:
        chance: Chooses.
        archive: The passages.
        count: How many.
        prefix: Of the identifiers.
        avoid: English questions that are not asked.

    Raises:
        UsageError: The passages do not give so many questions.
    """
    seen = set(avoid)
    found = 0
    for _ in range(count * ATTEMPTS_PER_QUERY):
        if found == count:
            return
        _, fact = chance.pick(archive.facts)
        query = _ask(chance, archive, fact, f"{prefix}{found + 1:04d}")
        if query and query.english not in seen:
            seen.add(query.english)
            found += 1
            yield query
    raise UsageError(
        f"{len(archive.passages)} passages give only {found} of {count} different questions",
        hint="ask for more --passages, or fewer --queries or --triples",
    )


def _ask(chance: Chance, archive: Archive, fact: Fact, query_id: str) -> Query | None:
    question = chance.pick([q for q, asked in ASKED.items() if fact.slot(asked) is not None])
    if question == "who" and not fact.actor.noun.person:
        return None
    slots = _named(chance, fact, question)
    if slots is None:
        return None
    told = archive.told_with(fact, slots)
    if any(f.slot(ASKED[question]) is None or f.tense != fact.tense for _, f in told):
        return None
    relevant = tuple(sorted({place for place, _ in told}))
    if len(relevant) > MOST_RELEVANT:
        return None
    clause = _question(chance, fact, question, slots)
    sides = (text(language.realize(clause)) for language in (english, swahili))
    return Query(query_id, *sides, fact.verb, relevant)


def _named(chance: Chance, fact: Fact, question: str) -> list[str] | None:
    """The slots that the question names; None if the fact lacks one that it needs."""
    slots = list(NAMED[question])
    if "actor" in slots and fact.actor.name and chance.happens(0.3):
        slots[slots.index("actor")] = "name"
    if any(fact.slot(slot) is None for slot in slots):
        return None
    if "object" in slots and fact.adjective:
        slots.append("adjective")
    if question not in ("where", "what"):
        if fact.place and chance.happens(0.6):
            slots.append("place")
        if chance.happens(0.15):
            slots.append("town")
    return slots


def _question(chance: Chance, fact: Fact, question: str, slots: Sequence[str]) -> Clause:
    town = "town" in slots
    return Clause(
        subject=_subject(chance, fact, question, slots),
        verb=fact.verb,
        tense=fact.tense,
        object=None if question == "what" else _asked_object(chance, fact, question),
        place=place_of(fact, chance, town=town) if "place" in slots else _only_town(fact, town),
        question=question,
        cleft=question == "who" and chance.happens(0.5),
        wording=chance.below(6),
    )


def _subject(chance: Chance, fact: Fact, question: str, slots: Sequence[str]):
    if question == "who":
        return None
    return fact.actor.name if "name" in slots else actor_phrase(fact.actor, chance)


def _asked_object(chance: Chance, fact: Fact, question: str) -> NounPhrase:
    phrase = object_phrase(fact, chance)
    determiner = "how many" if question == "how many" else "the"
    return NounPhrase(
        phrase.noun,
        plural=phrase.plural,
        determiner=determiner,
        adjective=phrase.adjective,
        wording=phrase.wording,
    )


def _only_town(fact: Fact, town: bool) -> Place | None:
    return Place(town=fact.town) if town else None
