"""What people say: the sentences that bitext and true alignments are made of."""

from dataclasses import replace

from optical_cli.toy.chance import Chance
from optical_cli.toy.domains import DOMAINS, Domain
from optical_cli.toy.facts import TIMES_OF, Actor, Fact, actor_phrase, draw_fact, name_for, tell
from optical_cli.toy.grammar.syntax import (
    Clause,
    Compound,
    NounPhrase,
    Pair,
    Place,
    Possession,
    Predication,
    Pronoun,
    Relative,
    Sentence,
    Subject,
)
from optical_cli.toy.lexicon import (
    CONJUNCTIONS,
    FITTING,
    INTRANSITIVE,
    MANNERS,
    MODAL,
    NOUNS,
    NUMERALS,
    PLACES,
    TOWNS,
)

PERSONS = ("1s", "2s", "3s", "1p", "2p", "3p")
OWNED = tuple(noun for noun in NOUNS if noun.number == "count" and not noun.person)
DESCRIBED = tuple(noun for noun in NOUNS if FITTING[noun])


def draw_sentence(chance: Chance) -> Sentence:
    """A sentence about one of the domains."""
    kind = chance.weighted(
        {_statement: 50, _question: 24, _predication: 9, _possession: 5, _motion: 5, _compound: 7}
    )
    return kind(chance)


def _fact(chance: Chance) -> tuple[Domain, Fact]:
    domain = chance.pick(DOMAINS)
    forces = domain.phenomena if chance.happens(0.6) else ()
    noun = chance.pick(forces or domain.people)
    actor = Actor(noun, plural=noun.person and chance.happens(0.5))
    return domain, draw_fact(chance, domain, actor, chance.pick(TOWNS))


def _statement(chance: Chance) -> Clause:
    domain, fact = _fact(chance)
    clause = tell(fact, chance, town=chance.happens(0.1))
    clause = replace(
        clause,
        object=_object(chance, clause),
        negative=chance.happens(0.12),
        early_time=frozenset(language for language in ("en", "sw") if chance.happens(0.25)),
    )
    if fact.actor.noun.person:
        return _somebody_does(chance, domain, fact, clause)
    return clause


def _somebody_does(chance: Chance, domain: Domain, fact: Fact, clause: Clause) -> Clause:
    """The clause with what only people do: want, take care, have names."""
    clause = replace(
        clause,
        subject=_subject(chance, domain, fact) or clause.subject,
        manner=chance.maybe(0.12, MANNERS),
        modal=chance.maybe(0.1, MODAL),
    )
    ongoing = clause.tense == "present" and not (clause.negative or clause.modal)
    progressive = ongoing and chance.happens(0.5)
    return replace(clause, progressive=progressive)


def _subject(chance: Chance, domain: Domain, fact: Fact) -> Subject | None:
    """How the actor is called; None leaves it to the fact."""
    match chance.weighted({"noun": 50, "rich": 25, "pronoun": 12, "name": 8, "two": 5}):
        case "rich":
            return _rich(chance, domain, fact.actor)
        case "pronoun":
            return Pronoun(chance.pick(PERSONS), gender=chance.pick(("he", "she")))
        case "name":
            return name_for(fact.actor.noun, chance)
        case "two":
            other = chance.pick([noun for noun in domain.people if noun is not fact.actor.noun])
            first, second = (
                NounPhrase(noun, wording=chance.below(6)) for noun in (fact.actor.noun, other)
            )
            return Pair(first, second)
    return None


def _rich(chance: Chance, domain: Domain, actor: Actor) -> NounPhrase:
    """The actor with a demonstrative, a quantifier, an adjective, a town or a relative clause."""
    phrase = actor_phrase(actor, chance, determiner="the")
    match chance.weighted({"this": 3, "adjective": 3, "town": 1, "does": 2, "many": 2}):
        case "this":
            return replace(phrase, determiner=chance.pick(("this", "that")))
        case "adjective":
            return replace(phrase, adjective=chance.maybe(1, FITTING[actor.noun]))
        case "town":
            return replace(phrase, town=chance.pick(TOWNS))
        case "does":
            return replace(phrase, does=_relative(chance, domain, actor))
    return replace(phrase, determiner=chance.pick(("all", "many")) if actor.plural else "a")


def _relative(chance: Chance, domain: Domain, actor: Actor) -> Relative:
    fact = draw_fact(chance, domain, actor, chance.pick(TOWNS))
    tense = fact.tense if fact.tense != "perfect" else "past"
    phrase = NounPhrase(fact.object, plural=fact.plural, wording=chance.below(6))
    return Relative(fact.verb, phrase, tense, wording=chance.below(6))


def _object(chance: Chance, clause: Clause) -> NounPhrase | Pronoun:
    """The object as it is, or with a demonstrative, a possessor or an owner, or as a pronoun."""
    phrase = clause.object
    connective = phrase.adjective is not None and phrase.adjective.connective
    how = chance.weighted({"plain": 60, "this": 10, "mine": 12, "owner": 8, "many": 5, "it": 5})
    if how == "this" and not connective:
        return replace(phrase, determiner=chance.pick(("this", "that")))
    if how == "mine":
        whose, gender = chance.pick(PERSONS), chance.pick(("he", "she"))
        return replace(phrase, possessor=whose, gender=gender)
    if how == "owner" and not phrase.noun.person:
        owner = Actor(chance.pick(chance.pick(DOMAINS).people))
        owner = actor_phrase(owner, chance, determiner="the")
        return replace(phrase, determiner="the", owner=owner)
    if how == "many" and phrase.plural and not phrase.numeral:
        return replace(phrase, determiner=chance.pick(("all", "many")))
    if how == "it" and not clause.verb.reflexive:
        return _pronoun(chance, phrase)
    return phrase


def _pronoun(chance: Chance, phrase: NounPhrase) -> Pronoun:
    noun = phrase.noun
    several = phrase.plural or noun.number == "plural"
    gender = chance.pick(("he", "she")) if noun.person else "it"
    return Pronoun("3p" if several else "3s", gender=gender, antecedent=noun)


def _question(chance: Chance) -> Clause:
    _, fact = _fact(chance)
    clause = tell(fact, chance, town=chance.happens(0.1))
    clause = replace(clause, early_time=frozenset())
    asks = ["where", "when", "what", "whether"]
    asks += ["who"] if fact.actor.noun.person else []
    asks += ["how many"] if fact.plural else []
    question = chance.pick(asks)
    match question:
        case "who":
            clause = replace(clause, subject=None, cleft=chance.happens(0.5))
        case "where":
            clause = replace(clause, place=None)
        case "when":
            clause = replace(clause, time=None)
        case "what":
            clause = replace(clause, object=None)
        case "how many":
            asked = replace(clause.object, numeral=None, determiner="how many")
            clause = replace(clause, object=asked)
    return replace(clause, question=question)


def _predication(chance: Chance) -> Predication:
    tense = chance.weighted({"present": 5, "past": 3, "future": 1})
    negative = chance.happens(0.2)
    if chance.happens(0.25):
        noun = chance.pick(chance.pick(DOMAINS).people)
        role = NounPhrase(noun, determiner="a", wording=chance.below(6))
        town = Place(town=chance.pick(TOWNS))
        return Predication(name_for(noun, chance), noun=role, place=town)
    noun = chance.pick(DESCRIBED)
    several = noun.number == "count" and chance.happens(0.4)
    determiner = chance.pick(("the", "the", "this", "that"))
    subject = NounPhrase(noun, plural=several, determiner=determiner, wording=chance.below(6))
    adjective = chance.pick(FITTING[noun])
    return Predication(subject, adjective, None, tense, negative, wording=chance.below(6))


def _possession(chance: Chance) -> Possession:
    owner = Actor(chance.pick(chance.pick(DOMAINS).people), plural=chance.happens(0.4))
    noun = chance.pick(OWNED)
    several = chance.happens(0.6)
    possession = NounPhrase(
        noun,
        plural=several,
        determiner="a",
        adjective=chance.maybe(0.5, FITTING[noun]),
        numeral=chance.maybe(0.6, NUMERALS) if several else None,
        wording=chance.below(6),
    )
    tense = chance.weighted({"present": 4, "past": 2, "future": 1})
    who = chance.pick((actor_phrase(owner, chance), Pronoun(chance.pick(PERSONS))))
    return Possession(who, possession, tense, negative=chance.happens(0.15))


def _motion(chance: Chance) -> Clause:
    domain, fact = _fact(chance)
    person = Actor(chance.pick(domain.people), plural=chance.happens(0.5))
    place = Place(chance.pick(PLACES), wording=chance.below(6))
    return Clause(
        subject=actor_phrase(person, chance),
        verb=chance.pick(INTRANSITIVE),
        tense=fact.tense,
        negative=chance.happens(0.1),
        place=Place(town=fact.town) if chance.happens(0.2) else place,
        time=chance.maybe(0.6, TIMES_OF[fact.tense]),
        wording=chance.below(6),
    )


def _compound(chance: Chance) -> Compound:
    first, second = _statement(chance), _statement(chance)
    second = replace(second, early_time=frozenset())
    return Compound(first, chance.pick(CONJUNCTIONS), second)
