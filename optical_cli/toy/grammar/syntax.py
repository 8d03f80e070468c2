"""What a sentence says, before it is said in either language."""

from dataclasses import dataclass
from typing import Literal

from optical_cli.toy.lexicon import Adjective, Name, Noun, Numeral, Phrase, Verb

Tense = Literal["present", "past", "future", "perfect"]
Determiner = Literal["a", "the", "this", "that", "all", "many", "how many", ""]
Question = Literal["who", "what", "where", "when", "how many", "whether", ""]


@dataclass(frozen=True, slots=True)
class Pronoun:
    """Somebody or something known.

    Attributes:
        person: ``1s 2s 3s 1p 2p 3p``.
        gender: English he, she or it; for ``3s``.
        antecedent: The noun it stands for; Swahili agrees with it. None for people.
    """

    person: str
    gender: str = "he"
    antecedent: Noun | None = None

    @property
    def plural(self) -> bool:
        """Whether it stands for several."""
        return self.person.endswith("p")


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """A noun with what stands around it.

    Attributes:
        noun: The noun.
        plural: Several of it.
        determiner: Article, demonstrative or quantifier.
        adjective: At most one.
        numeral: How many.
        possessor: ``1s`` to ``3p`` for my to their, instead of the determiner.
        gender: His or her, for possessor ``3s``.
        owner: "of the farmer".
        town: "of Kilwa".
        does: "who sold the maize".
        wording: Which of the English wordings.
    """

    noun: Noun
    plural: bool = False
    determiner: Determiner = "the"
    adjective: Adjective | None = None
    numeral: Numeral | None = None
    possessor: str | None = None
    gender: str = "he"
    owner: "NounPhrase | None" = None
    town: Name | None = None
    does: "Relative | None" = None
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative clause about its subject."""

    verb: Verb
    object: NounPhrase
    tense: Tense = "past"
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people as one subject."""

    first: NounPhrase
    second: NounPhrase
    plural: bool = True


Subject = NounPhrase | Pair | Pronoun | Name


@dataclass(frozen=True, slots=True)
class Place:
    """At the market, at the market of Kilwa, in Kilwa."""

    noun: Noun | None = None
    town: Name | None = None
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Clause:
    """Somebody does something.

    Attributes:
        subject: Who; None where that is the question.
        verb: What is done.
        tense: When.
        negative: It is not done.
        object: To what.
        modal: Want, try, plan: "wanted to buy".
        progressive: English "is selling", for a present.
        place: Where.
        time: When exactly.
        manner: How.
        early_time: In which languages the time comes first, among ``en`` and ``sw``.
        question: What is asked.
        cleft: Ask *who* in Swahili as "it is who that ...".
        wording: Which of the English wordings and Swahili stems.
    """

    subject: Subject | None
    verb: Verb
    tense: Tense = "past"
    negative: bool = False
    object: NounPhrase | Pronoun | None = None
    modal: Verb | None = None
    progressive: bool = False
    place: Place | None = None
    time: Phrase | None = None
    manner: Phrase | None = None
    early_time: frozenset[str] = frozenset()
    question: Question = ""
    cleft: bool = False
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Predication:
    """The boat is old; Asha is a nurse in Lamu."""

    subject: Subject
    adjective: Adjective | None = None
    noun: NounPhrase | None = None
    tense: Tense = "present"
    negative: bool = False
    place: Place | None = None
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Possession:
    """The farmer has three cows."""

    subject: Subject
    object: NounPhrase
    tense: Tense = "present"
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Compound:
    """Two sentences and what joins them."""

    first: "Clause | Predication | Possession"
    conjunction: Phrase
    second: "Clause | Predication | Possession"


Sentence = Clause | Predication | Possession | Compound
