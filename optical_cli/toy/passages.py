"""Passages: a few English sentences about people of one town and one part of life."""

from collections.abc import Iterable
from dataclasses import dataclass

from optical_cli.toy.chance import Chance
from optical_cli.toy.domains import DOMAINS, WEATHER, Domain
from optical_cli.toy.facts import Actor, Fact, actor_phrase, draw_fact, name_for, tell
from optical_cli.toy.grammar import english, text
from optical_cli.toy.grammar.syntax import (
    NounPhrase,
    Place,
    Predication,
    Pronoun,
    Sentence,
    Subject,
)
from optical_cli.toy.lexicon import TOWNS, Name


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and the facts that it tells.

    Attributes:
        doc_id: Its identifier.
        sentences: Its sentences in English.
        facts: What it says; with them it is known which queries it answers.
    """

    doc_id: str
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]

    @property
    def text(self) -> str:
        """The sentences as one line."""
        return " ".join(self.sentences)


def draw_passages(
    chance: Chance, count: int, prefix: str, *, avoid: Iterable[str] = ()
) -> list[Passage]:
    """`count` passages whose texts differ from each other and from those to `avoid`."""
    seen, found = set(avoid), []
    while len(found) < count:
        passage = draw_passage(chance, f"{prefix}{len(found) + 1:05d}")
        if passage.text not in seen:
            seen.add(passage.text)
            found.append(passage)
    return found


def draw_passage(chance: Chance, doc_id: str) -> Passage:
    """One passage: what its main actor does, twice, and perhaps what somebody else does there."""
    domain, town = chance.pick(DOMAINS), chance.pick(TOWNS)
    if domain is WEATHER and chance.happens(0.7):
        told = _weather(chance, town)
    elif chance.happens(0.5):
        told = _one_person(chance, domain, town)
    else:
        told = _group(chance, domain, town)
    if chance.happens(0.5):
        other = Actor(chance.pick(domain.people), plural=chance.happens(0.5))
        told += _tell_of(chance, draw_fact(chance, domain, other, town))
    sentences = tuple(text(english.realize(sentence)) for sentence, _ in told)
    return Passage(doc_id, sentences, tuple(fact for _, fact in told if fact))


Told = list[tuple[Sentence, Fact | None]]


def _one_person(chance: Chance, domain: Domain, town: Name) -> Told:
    noun = chance.pick(domain.people)
    name = name_for(noun, chance)
    actor = Actor(noun, name=name)
    role = NounPhrase(noun, determiner="a", wording=chance.below(6))
    told: Told = [(Predication(name, noun=role, place=Place(town=town)), None)]
    he = Pronoun("3s", gender=name.pronoun)
    told += _tell_of(chance, draw_fact(chance, domain, actor, town), chance.pick((he, name)))
    return told + _tell_of(chance, draw_fact(chance, domain, actor, town))


def _group(chance: Chance, domain: Domain, town: Name) -> Told:
    actor = Actor(chance.pick(domain.people), plural=True)
    called = NounPhrase(actor.noun, plural=True, town=town, wording=chance.below(6))
    told = _tell_of(chance, draw_fact(chance, domain, actor, town), called)
    again = chance.pick((Pronoun("3p"), actor_phrase(actor, chance, determiner="the")))
    return told + _tell_of(chance, draw_fact(chance, domain, actor, town), again)


def _weather(chance: Chance, town: Name) -> Told:
    first, second = (Actor(chance.pick(WEATHER.phenomena)) for _ in range(2))
    told = _tell_of(chance, draw_fact(chance, WEATHER, first, town), town=True)
    return told + _tell_of(chance, draw_fact(chance, WEATHER, second, town))


def _tell_of(
    chance: Chance, fact: Fact, subject: Subject | None = None, *, town: bool = False
) -> Told:
    """The fact in one sentence, or its adjective in a second."""
    apart = fact.adjective is not None and fact.tense != "future" and chance.happens(0.2)
    clause = tell(fact, chance, subject=subject, adjective=not apart, town=town)
    if not apart:
        return [(clause, fact)]
    it = NounPhrase(fact.object, plural=fact.plural, wording=chance.below(6))
    tense = "past" if fact.tense == "past" else "present"
    described = Predication(it, adjective=fact.adjective, tense=tense, wording=chance.below(6))
    return [(clause, fact), (described, None)]
