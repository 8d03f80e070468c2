"""Facts: who did what to what, where and when. Passages tell them and queries ask for them."""

from dataclasses import dataclass

from optical_cli.toy.chance import Chance
from optical_cli.toy.domains import Domain
from optical_cli.toy.grammar.syntax import Clause, NounPhrase, Place, Subject
from optical_cli.toy.lexicon import (
    FITTING,
    NUMERALS,
    PERSON_NAMES,
    TIMES,
    Adjective,
    Name,
    Noun,
    Numeral,
    Phrase,
    Verb,
)

TENSES = {"past": 0.74, "future": 0.14, "perfect": 0.06, "present": 0.06}
TIMES_OF = {tense: tuple(t for t in TIMES if tense in t.tenses) for tense in TENSES}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: some of a kind, perhaps one with a name."""

    noun: Noun
    plural: bool = False
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happens; None where it is not told."""

    actor: Actor
    verb: Verb
    object: Noun
    plural: bool
    tense: str
    town: Name
    adjective: Adjective | None = None
    numeral: Numeral | None = None
    place: Noun | None = None
    time: Phrase | None = None

    def slot(self, name: str) -> object:
        """What fills a slot that a query can name or ask for."""
        match name:
            case "actor":
                return self.actor.noun
            case "name":
                return self.actor.name
        return getattr(self, name)


def draw_fact(chance: Chance, domain: Domain, actor: Actor, town: Name) -> Fact:
    """A fact about what `actor` does in `domain`."""
    frames = [f for f in domain.frames if actor.noun in (f.actors or domain.actors)]
    frame = chance.pick(frames)
    objects = [noun for noun in frame.objects if noun is not actor.noun]
    noun = chance.pick(objects)
    plural = noun.number == "count" and chance.happens(0.5)
    tense = chance.weighted(TENSES)
    return Fact(
        actor=actor,
        verb=frame.verb,
        object=noun,
        plural=plural,
        tense=tense,
        town=town,
        adjective=chance.maybe(0.55, FITTING[noun]),
        numeral=chance.maybe(0.4, NUMERALS) if plural else None,
        place=chance.maybe(0.75, [place for place in domain.places if place is not noun]),
        time=chance.maybe(0.6, TIMES_OF[tense]),
    )


def tell(
    fact: Fact,
    chance: Chance,
    *,
    subject: Subject | None = None,
    adjective: bool = True,
    town: bool = False,
) -> Clause:
    """The fact as a statement.

    Args:
        fact: What happened.
        chance: Chooses wordings and articles.
        subject: How the actor is called; by default "the farmer", "farmers".
        adjective: Tell the adjective here.
        town: Tell the town here.
    """
    return Clause(
        subject=subject or actor_phrase(fact.actor, chance),
        verb=fact.verb,
        tense=fact.tense,
        object=object_phrase(fact, chance, adjective=adjective),
        place=place_of(fact, chance, town=town),
        time=fact.time,
        early_time=frozenset(["en"] if chance.happens(0.25) else []),
        wording=chance.below(6),
    )


def name_for(noun: Noun, chance: Chance) -> Name:
    """The name of a person who is a `noun`."""
    return chance.pick([name for name in PERSON_NAMES if noun.gender in (None, name.pronoun)])


def actor_phrase(actor: Actor, chance: Chance, *, determiner: str | None = None) -> NounPhrase:
    """The actor by what they are: the farmer, a farmer, farmers."""
    return NounPhrase(
        actor.noun,
        plural=actor.plural,
        determiner=determiner or chance.pick(("the", "a")),
        wording=chance.below(6),
    )


def object_phrase(fact: Fact, chance: Chance, *, adjective: bool = True) -> NounPhrase:
    """The object with what is told of it."""
    return NounPhrase(
        fact.object,
        plural=fact.plural,
        determiner="" if fact.numeral else chance.pick(("the", "a")),
        adjective=fact.adjective if adjective else None,
        numeral=fact.numeral,
        wording=chance.below(6),
    )


def place_of(fact: Fact, chance: Chance, *, town: bool = False) -> Place | None:
    """Where it happened, as far as it is told."""
    if fact.place is None and not town:
        return None
    return Place(fact.place, fact.town if town else None, wording=chance.below(6))
