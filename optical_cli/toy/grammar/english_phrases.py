"""English below the sentence: noun phrases, verb groups, places."""

from optical_cli.toy.grammar.syntax import (
    NounPhrase,
    Pair,
    Place,
    Pronoun,
    Relative,
    Subject,
)
from optical_cli.toy.grammar.words import Word, word
from optical_cli.toy.lexicon import Adjective, EnglishVerb, Name, Phrase, Verb
from optical_cli.toy.lexicon.entries import with_ing, with_s

SUBJECT_PRONOUN = {"1s": "I", "2s": "you", "1p": "we", "2p": "you", "3p": "they"}
OBJECT_PRONOUN = {"1s": "me", "2s": "you", "1p": "us", "2p": "you", "3p": "them"}
OBJECT_BY_GENDER = {"he": "him", "she": "her", "it": "it"}
POSSESSIVE = {"1s": "my", "2s": "your", "1p": "our", "2p": "your", "3p": "their"}
POSSESSIVE_BY_GENDER = {"he": "his", "she": "her", "it": "its"}
PLURAL_DEMONSTRATIVE = {"this": "these", "that": "those"}
HAVE = EnglishVerb("have", "had", "had")


def phrase(entry: Phrase | None, at: str) -> list[Word]:
    """The words of a fixed expression, each anchored at its part of the meaning."""
    return [word(text, f"{at}.{part}") for text, part in entry.english] if entry else []


def noun_phrase(np: NounPhrase, at: str) -> list[Word]:
    """Determiner, numeral, adjective, noun, and what follows it."""
    words = [word(noun_form(np), f"{at}.noun")]
    if np.adjective:
        words.insert(0, word(adjective_form(np.adjective, np.wording), f"{at}.adjective"))
    if np.numeral:
        words.insert(0, word(np.numeral.english, f"{at}.numeral"))
    words = [*_determiner(np, at, words[0].text), *words]
    if np.owner:
        words += [word("of", f"{at}.of"), *noun_phrase(np.owner, f"{at}.owner")]
    if np.town:
        words += [word("of", f"{at}.of"), word(np.town.text, f"{at}.town")]
    return words + (_relative(np, np.does, f"{at}.does") if np.does else [])


def noun_form(np: NounPhrase) -> str:
    """The noun in its number and wording."""
    singular, plural = np.noun.english[np.wording % len(np.noun.english)]
    return plural if np.plural else singular


def adjective_form(adjective: Adjective, wording: int) -> str:
    """The adjective in its wording."""
    return adjective.english[wording % len(adjective.english)]


def _determiner(np: NounPhrase, at: str, following: str) -> list[Word]:
    if np.possessor:
        mine = POSSESSIVE.get(np.possessor) or POSSESSIVE_BY_GENDER[np.gender]
        return [word(mine, f"{at}.possessor")]
    if np.determiner in PLURAL_DEMONSTRATIVE:
        plural = np.plural or np.noun.number == "plural"
        form = PLURAL_DEMONSTRATIVE[np.determiner] if plural else np.determiner
        return [word(form, f"{at}.determiner")]
    if np.determiner in ("all", "many", "how many"):
        return [word(text, f"{at}.determiner") for text in np.determiner.split()]
    if np.determiner == "the":
        return [word("the", f"{at}.noun")]
    if np.determiner == "a" and np.noun.number == "count" and not (np.plural or np.numeral):
        return [word("an" if following[0] in "aeio" else "a", f"{at}.noun")]
    return []


def _relative(np: NounPhrase, does: Relative, at: str) -> list[Word]:
    person = agreement(np)
    finite = finite_verb(wording_of(does.verb, does.wording), does.tense, person)
    who = "who" if np.noun.person else "that"
    verb = [word(text, f"{at}.verb") for text in (who, *finite)]
    return [*verb, *noun_phrase(does.object, f"{at}.object")]


def subject(who: Subject | None, at: str) -> list[Word]:
    """The subject of a sentence; "who" where it is asked for."""
    match who:
        case None:
            return [word("who", at)]
        case NounPhrase():
            return noun_phrase(who, at)
        case Name():
            return [word(who.text, at)]
        case Pair():
            first, second = noun_phrase(who.first, f"{at}.first"), f"{at}.second"
            return [*first, word("and", f"{at}.and"), *noun_phrase(who.second, second)]
        case Pronoun():
            return [word(SUBJECT_PRONOUN.get(who.person) or who.gender, at)]


def object_phrase(what: NounPhrase | Pronoun | None, at: str) -> list[Word]:
    """The object of a verb, if there is one."""
    match what:
        case None:
            return []
        case NounPhrase():
            return noun_phrase(what, at)
        case Pronoun():
            return [word(OBJECT_PRONOUN.get(what.person) or OBJECT_BY_GENDER[what.gender], at)]


def place(where: Place | None, at: str, *, motion: bool = False) -> list[Word]:
    """At the market; at the market of Kilwa; in Kilwa; with verbs of motion, to them."""
    match where:
        case None:
            return []
        case Place(noun=None, town=town):
            to = word("to", f"{at}.town") if motion else word("in", f"{at}.at")
            return [to, word(town.text, f"{at}.town")]
        case Place(noun=noun, town=town):
            singular, _ = noun.english[where.wording % len(noun.english)]
            to = word("to" if motion else noun.preposition, f"{at}.at" if town else f"{at}.noun")
            words = [to, word("the", f"{at}.noun"), word(singular, f"{at}.noun")]
            of_town = [word("of", f"{at}.of"), word(town.text, f"{at}.town")] if town else []
            return words + of_town


def agreement(who: Subject | None) -> str:
    """What the verb agrees with: ``1s``, ``3s`` or ``other``."""
    match who:
        case Pronoun():
            return who.person if who.person in ("1s", "3s") else "other"
        case Pair():
            return "other"
        case NounPhrase():
            return "other" if who.plural or who.noun.number == "plural" else "3s"
    return "3s"


def wording_of(verb: Verb, wording: int) -> EnglishVerb:
    """The verb in its wording."""
    return verb.english[wording % len(verb.english)]


def finite_verb(
    verb: EnglishVerb,
    tense: str,
    person: str,
    *,
    negative: bool = False,
    progressive: bool = False,
) -> list[str]:
    """The words of a verb in a statement, its auxiliary, *not* and particle included."""
    if not negative and not progressive and tense in ("present", "past"):
        form = verb.past if tense == "past" else _present(verb, person)
        return [form, *_particle(verb)]
    auxiliary, form = inverted(verb, tense, person, progressive=progressive)
    return [auxiliary, *(["not"] if negative else []), *form]


def inverted(
    verb: EnglishVerb, tense: str, person: str, *, progressive: bool = False
) -> tuple[str, list[str]]:
    """The auxiliary and the rest of a verb, between which a question has its subject."""
    third = person == "3s"
    if tense == "present" and progressive:
        return be("present", person), [with_ing(verb.base), *_particle(verb)]
    if tense == "perfect":
        return "has" if third else "have", [verb.participle, *_particle(verb)]
    auxiliary = {"present": "does" if third else "do", "past": "did", "future": "will"}[tense]
    return auxiliary, [verb.base, *_particle(verb)]


def be(tense: str, person: str) -> str:
    """The finite form of *be*, without *will*'s own infinitive."""
    if tense == "future":
        return "will"
    if tense == "past":
        return "were" if person == "other" else "was"
    return {"1s": "am", "3s": "is"}.get(person, "are")


def _present(verb: EnglishVerb, person: str) -> str:
    if person != "3s":
        return verb.base
    return "has" if verb is HAVE else with_s(verb.base)


def _particle(verb: EnglishVerb) -> list[str]:
    return [verb.particle] if verb.particle else []
