"""Swahili sentences from what they say."""

from optical_cli.toy.grammar.concord import NEGATIVE_SUBJECT, SUBJECT, Agreement
from optical_cli.toy.grammar.inflection import infinitive, relative
from optical_cli.toy.grammar.swahili_phrases import (
    adjective_words,
    agreement,
    announced,
    finite_verb,
    noun_phrase,
    phrase,
    place,
    stem_of,
    subject,
)
from optical_cli.toy.grammar.syntax import (
    Clause,
    Compound,
    NounPhrase,
    Possession,
    Predication,
    Pronoun,
    Sentence,
    Subject,
)
from optical_cli.toy.grammar.words import Word, capitalized, word
from optical_cli.toy.lexicon import BE


def realize(sentence: Sentence) -> list[Word]:
    """The words of a sentence, its punctuation included."""
    mark = "?" if isinstance(sentence, Clause) and sentence.question else "."
    return capitalized([*_sentence(sentence, ""), word(mark, "mark")])


def _sentence(sentence: Sentence, at: str) -> list[Word]:
    match sentence:
        case Clause():
            return _clause(sentence, at)
        case Predication():
            return _predication(sentence, at)
        case Possession():
            return _possession(sentence, at)
        case Compound():
            first = _sentence(sentence.first, f"{at}first.")
            second = _sentence(sentence.second, f"{at}second.")
            return [*first, *phrase(sentence.conjunction, f"{at}conjunction"), *second]


def _clause(clause: Clause, at: str) -> list[Word]:
    """Subject, verb, object, manner, place, time; questions ask where the answer would stand."""
    time = phrase(clause.time, f"{at}time")
    early, late = (time, []) if "sw" in clause.early_time else ([], time)
    words = [*_opening(clause, at), *early, *subject(clause.subject, f"{at}subject")]
    words += [*_verb(clause, at), *_object(clause, at), *phrase(clause.manner, f"{at}manner")]
    words += place(clause.place, f"{at}place", motion=clause.verb.motion)
    return [*words, *late, *_asked(clause, at)]


def _opening(clause: Clause, at: str) -> list[Word]:
    """*Je,* before a question of yes or no; *ni* before a cleft *who*."""
    if clause.question == "whether":
        return [word("je", f"{at}whether"), word(",")]
    return [word("ni", f"{at}subject")] if clause.cleft else []


def _verb(clause: Clause, at: str) -> list[Word]:
    """One word that says who, when and what; two with a modal verb."""
    here, spoken = {f"{at}verb"}, _pronoun_anchor(clause.subject, f"{at}subject")
    prefix = _object_agreement(clause)
    if isinstance(clause.object, Pronoun):
        here |= {f"{at}object"}
    if clause.cleft:
        return [word(_cleft(clause), *here)]
    if clause.modal is None:
        form = finite_verb(clause.verb, clause.subject, clause.tense, clause.wording,
                           negative=clause.negative, object=prefix)  # fmt: skip
        return [word(form, *here, *spoken)]
    modal = finite_verb(
        clause.modal, clause.subject, clause.tense, clause.wording, negative=clause.negative
    )
    done = infinitive(stem_of(clause.verb, clause.wording), object=prefix)
    return [word(modal, f"{at}modal", *spoken), word(done, *here)]


def _cleft(clause: Clause) -> str:
    stem = stem_of(clause.verb, clause.wording)
    prefix = _object_agreement(clause)
    return relative(stem, 1, clause.tense, object=prefix, monosyllabic=clause.verb.monosyllabic)


def _object_agreement(clause: Clause) -> Agreement | None:
    """Pronouns stand in the verb, and people are announced there."""
    match clause.object:
        case Pronoun():
            return agreement(clause.object)
        case NounPhrase():
            return announced(clause.object)
    return None


def _pronoun_anchor(who: Subject | None, at: str) -> set[str]:
    return {at} if isinstance(who, Pronoun) else set()


def _object(clause: Clause, at: str) -> list[Word]:
    if clause.question == "what":
        return [word("nini", f"{at}object")]
    if isinstance(clause.object, NounPhrase):
        return noun_phrase(clause.object, f"{at}object")
    return []


def _asked(clause: Clause, at: str) -> list[Word]:
    if clause.question == "where":
        return [word("wapi", f"{at}place")]
    return [word("lini", f"{at}time")] if clause.question == "when" else []


def _predication(sentence: Predication, at: str) -> list[Word]:
    spoken = _pronoun_anchor(sentence.subject, f"{at}subject")
    words = [
        *subject(sentence.subject, f"{at}subject"),
        word(_copula(sentence), f"{at}is", *spoken),
    ]
    if sentence.adjective:
        noun_class = _class_of(sentence.subject)
        words += adjective_words(sentence.adjective, noun_class, f"{at}predicate.adjective")
    if sentence.noun:
        words += noun_phrase(sentence.noun, f"{at}predicate")
    return [*words, *place(sentence.place, f"{at}place")]


def _class_of(who: Subject) -> int:
    """The class of a predicate adjective: a person's for I, you, we."""
    found = agreement(who)
    return found if isinstance(found, int) else {"s": 1, "p": 2}[found[1]]


def _copula(sentence: Predication) -> str:
    if sentence.tense == "present":
        return "si" if sentence.negative else "ni"
    return finite_verb(BE, sentence.subject, sentence.tense, 0, negative=sentence.negative)


def _possession(sentence: Possession, at: str) -> list[Word]:
    """*Ana*, has; *alikuwa na*, had."""
    spoken = _pronoun_anchor(sentence.subject, f"{at}subject")
    words = subject(sentence.subject, f"{at}subject")
    if sentence.tense == "present":
        prefixes = NEGATIVE_SUBJECT if sentence.negative else SUBJECT
        has = prefixes[agreement(sentence.subject)] + "na"
        words += [word(has, f"{at}has", *spoken)]
    else:
        was = finite_verb(BE, sentence.subject, sentence.tense, 0, negative=sentence.negative)
        words += [word(was, f"{at}has", *spoken), word("na", f"{at}has")]
    return [*words, *noun_phrase(sentence.object, f"{at}object")]
