"""The words of the toy world: some three hundred in English and Swahili, by their English key."""

from optical_cli.toy.lexicon.entries import (
    Adjective,
    EnglishVerb,
    Name,
    Noun,
    Numeral,
    Phrase,
    Verb,
)
from optical_cli.toy.lexicon.people import ANIMALS, PEOPLE, PERSON_NAMES, TOWNS
from optical_cli.toy.lexicon.places import PLACES
from optical_cli.toy.lexicon.qualities import ADJECTIVES, CONJUNCTIONS, MANNERS, NUMERALS, TIMES
from optical_cli.toy.lexicon.things import THINGS
from optical_cli.toy.lexicon.verbs import BE, INTRANSITIVE, MODAL, TRANSITIVE, VERBS

NOUNS = (*PEOPLE, *ANIMALS, *THINGS, *PLACES)
NOUN = {entry.key: entry for entry in NOUNS}
VERB = {entry.key: entry for entry in VERBS}
FITTING = {
    entry: tuple(a for a in ADJECTIVES if a.fits & entry.traits) for entry in NOUNS
}  # which adjectives can stand with a noun

__all__ = [
    "ADJECTIVES",
    "ANIMALS",
    "BE",
    "CONJUNCTIONS",
    "FITTING",
    "INTRANSITIVE",
    "MANNERS",
    "MODAL",
    "NOUN",
    "NOUNS",
    "NUMERALS",
    "PEOPLE",
    "PERSON_NAMES",
    "PLACES",
    "THINGS",
    "TIMES",
    "TOWNS",
    "TRANSITIVE",
    "VERB",
    "VERBS",
    "Adjective",
    "EnglishVerb",
    "Name",
    "Noun",
    "Numeral",
    "Phrase",
    "Verb",
]
