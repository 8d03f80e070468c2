"""Questions about a fact: what is asked for, what is named, and how it is said."""

from dataclasses import dataclass, replace

from optical_cli.toy.chance import Chance
from optical_cli.toy.facts import Fact, actor_phrase, object_phrase, place_of
from optical_cli.toy.grammar.syntax import Clause, NounPhrase, Place, Subject

# What each question asks for, and what it must name of the fact, besides the verb.
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
# "What" names least, so its answers are hardest to tell apart.
WEIGHTS = {"who": 8, "where": 6, "when": 6, "what": 2, "how many": 3}


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a fact answers.

    Attributes:
        kind: ``who``, ``where``, ``when``, ``what`` or ``how many``.
        fact: One that answers it.
        named: The slots that it names, besides the verb.
    """

    kind: str
    fact: Fact
    named: tuple[str, ...]

    @property
    def meaning(self) -> tuple:
        """Equal for questions that differ in wording alone."""
        return self.kind, self.fact.verb, *((slot, self.fact.slot(slot)) for slot in self.named)

    @property
    def asked(self) -> str:
        """The slot that the answer fills."""
        return ASKED[self.kind]


def draw_question(chance: Chance, fact: Fact) -> Question | None:
    """A question about `fact`, or None if it lacks what the question would name."""
    kind = chance.weighted({k: w for k, w in WEIGHTS.items() if fact.slot(ASKED[k]) is not None})
    named = list(NAMED[kind])
    if "actor" in named and fact.actor.name and chance.happens(0.3):
        named[named.index("actor")] = "name"
    if fact.adjective and "object" in named:
        named.append("adjective")
    if kind not in ("where", "what"):
        named += ["place"] if fact.place and chance.happens(0.6) else []
        named += ["town"] if chance.happens(0.15) else []
    answerable = kind != "who" or fact.actor.noun.person
    complete = all(fact.slot(slot) is not None for slot in named)
    return Question(kind, fact, tuple(named)) if answerable and complete else None


def put(question: Question, chance: Chance) -> Clause:
    """The question as a clause."""
    fact, kind = question.fact, question.kind
    return Clause(
        subject=_subject(question, chance),
        verb=fact.verb,
        tense=fact.tense,
        object=None if kind == "what" else _object(question, chance),
        place=_place(question, chance),
        question=kind,
        cleft=kind == "who" and chance.happens(0.5),
        wording=chance.below(6),
    )


def _subject(question: Question, chance: Chance) -> Subject | None:
    if question.kind == "who":
        return None
    actor = question.fact.actor
    return actor.name if "name" in question.named else actor_phrase(actor, chance)


def _object(question: Question, chance: Chance) -> NounPhrase:
    determiner = "how many" if question.kind == "how many" else "the"
    return replace(object_phrase(question.fact, chance), determiner=determiner, numeral=None)


def _place(question: Question, chance: Chance) -> Place | None:
    town = "town" in question.named
    if "place" in question.named:
        return place_of(question.fact, chance, town=town)
    return Place(town=question.fact.town) if town else None
