"""Swahili below the sentence: noun phrases in agreement, verbs, places."""

from optical_cli.toy.grammar.concord import CONCORDS, POSSESSIVE, Agreement
from optical_cli.toy.grammar.inflection import adjective, numeral, relative, verb
from optical_cli.toy.grammar.syntax import NounPhrase, Pair, Place, Pronoun, Relative, Subject
from optical_cli.toy.grammar.words import Word, word
from optical_cli.toy.lexicon import Adjective, Name, Noun, Phrase, Verb


def phrase(entry: Phrase | None, at: str) -> list[Word]:
    """The words of a fixed expression, each anchored at its part of the meaning."""
    return [word(text, f"{at}.{part}") for text, part in entry.swahili] if entry else []


def agreement_of_noun(noun: Noun, *, plural: bool) -> int:
    """The class that agrees with a noun: 1/2 for whatever lives, else its own."""
    if noun.animate:
        return 2 if plural else 1
    return noun.classes[plural]


def agreement(who: Subject | None) -> Agreement:
    """What verbs agree with."""
    match who:
        case NounPhrase():
            return agreement_of_noun(who.noun, plural=who.plural)
        case Pair():
            return 2
        case Pronoun(antecedent=Noun() as noun):
            return agreement_of_noun(noun, plural=who.plural)
        case Pronoun(person="3s"):
            return 1
        case Pronoun(person="3p"):
            return 2
        case Pronoun():
            return who.person
    return 1


def noun_phrase(np: NounPhrase, at: str) -> list[Word]:
    """Noun, possessive, adjective, numeral, quantifier or demonstrative, then phrases with -a."""
    noun_class = agreement(np)
    words = [word(np.noun.swahili[np.plural], f"{at}.noun")]
    if np.possessor:
        mine = CONCORDS[noun_class].connective + POSSESSIVE[np.possessor]
        words.append(word(mine, f"{at}.possessor"))
    described = adjective_words(np.adjective, noun_class, f"{at}.adjective")
    connective = np.adjective is not None and np.adjective.connective
    words += [] if connective else described
    if np.numeral:
        words.append(word(numeral(np.numeral.swahili, noun_class), f"{at}.numeral"))
    words += _determiner(np, noun_class, at)
    words += described if connective else []
    words += _of(np, noun_class, at)
    return words + (_relative(np.does, noun_class, f"{at}.does") if np.does else [])


def adjective_words(entry: Adjective | None, noun_class: int, at: str) -> list[Word]:
    """One word in agreement, or an agreeing -a and its phrase: *la zamani*."""
    if entry is None:
        return []
    if not entry.connective:
        return [word(adjective(entry.swahili, noun_class), at)]
    _, *rest = entry.swahili.split()
    return [word(text, at) for text in (connective_of(noun_class), *rest)]


def connective_of(noun_class: int) -> str:
    """*Of* behind a noun: *wa, ya, la, cha, vya, za*."""
    return CONCORDS[noun_class].connective + "a"


def _determiner(np: NounPhrase, noun_class: int, at: str) -> list[Word]:
    concord = CONCORDS[noun_class]
    forms = {
        "this": concord.near,
        "that": concord.far,
        "all": concord.connective + "ote",
        "many": adjective("-ingi", noun_class),
        "how many": numeral("-ngapi", noun_class),
    }
    form = forms.get(np.determiner)
    return [word(form, f"{at}.determiner")] if form and not np.possessor else []


def _of(np: NounPhrase, noun_class: int, at: str) -> list[Word]:
    of = word(connective_of(noun_class), f"{at}.of")
    owner = [of, *noun_phrase(np.owner, f"{at}.owner")] if np.owner else []
    return owner + ([of, word(np.town.text, f"{at}.town")] if np.town else [])


def _relative(does: Relative, noun_class: int, at: str) -> list[Word]:
    form = relative(
        stem_of(does.verb, does.wording),
        noun_class,
        does.tense,
        object=announced(does.object),
        monosyllabic=does.verb.monosyllabic,
    )
    return [word(form, f"{at}.verb"), *noun_phrase(does.object, f"{at}.object")]


def announced(what: NounPhrase) -> Agreement | None:
    """What the verb's object prefix agrees with: people have one, things do not."""
    return agreement(what) if what.noun.person else None


def subject(who: Subject | None, at: str) -> list[Word]:
    """The subject of a sentence; a pronoun is in the verb."""
    match who:
        case None:
            return [word("nani", at)]
        case NounPhrase():
            return noun_phrase(who, at)
        case Name():
            return [word(who.text, at)]
        case Pair():
            first, second = noun_phrase(who.first, f"{at}.first"), f"{at}.second"
            return [*first, word("na", f"{at}.and"), *noun_phrase(who.second, second)]
        case Pronoun():
            return []


def stem_of(entry: Verb, wording: int) -> str:
    """The stem of a verb in its wording."""
    return entry.swahili[wording % len(entry.swahili)]


def finite_verb(
    entry: Verb,
    who: Subject | None,
    tense: str,
    wording: int,
    *,
    negative: bool = False,
    object: Agreement | None = None,
) -> str:
    """The verb with its prefixes."""
    return verb(
        stem_of(entry, wording),
        agreement(who),
        tense,
        negative=negative,
        object=object,
        monosyllabic=entry.monosyllabic,
    )


def place(where: Place | None, at: str, *, motion: bool = False) -> list[Word]:
    """*Sokoni*; *katika soko la Kilwa*; *huko Kilwa*, and with verbs of motion *Kilwa*."""
    match where:
        case None:
            return []
        case Place(noun=None, town=town):
            return [*([] if motion else [word("huko", f"{at}.at")]), word(town.text, f"{at}.town")]
        case Place(noun=noun, town=None):
            return [word(noun.locative, f"{at}.noun")]
        case Place(noun=noun, town=town):
            of = connective_of(noun.classes[0])
            words = [word("katika", f"{at}.at"), word(noun.swahili[0], f"{at}.noun")]
            return [*words, word(of, f"{at}.of"), word(town.text, f"{at}.town")]
