"""English sentences from what they say."""

from optical_cli.toy.grammar.english_phrases import (
    HAVE,
    adjective_form,
    agreement,
    be,
    finite_verb,
    inverted,
    noun_phrase,
    object_phrase,
    phrase,
    place,
    subject,
    wording_of,
)
from optical_cli.toy.grammar.syntax import Clause, Compound, Possession, Predication, Sentence
from optical_cli.toy.grammar.words import Word, capitalized, word


def realize(sentence: Sentence) -> list[Word]:
    """The words of a sentence, its punctuation included."""
    mark = "?" if isinstance(sentence, Clause) and sentence.question else "."
    return capitalized([*_sentence(sentence, ""), word(mark, "mark")])


def _sentence(sentence: Sentence, at: str) -> list[Word]:
    match sentence:
        case Clause(question="" | "who"):
            return _statement(sentence, at)
        case Clause():
            return _question(sentence, at)
        case Predication():
            return _predication(sentence, at)
        case Possession():
            return _possession(sentence, at)
        case Compound():
            first = _sentence(sentence.first, f"{at}first.")
            second = _sentence(sentence.second, f"{at}second.")
            return [*first, *phrase(sentence.conjunction, f"{at}conjunction"), *second]


def _statement(clause: Clause, at: str) -> list[Word]:
    """A statement, or a question about the subject, which has the same order."""
    time = phrase(clause.time, f"{at}time")
    early, late = (time, []) if "en" in clause.early_time else ([], time)
    verb = finite_verb(
        wording_of(clause.modal or clause.verb, clause.wording),
        clause.tense,
        agreement(clause.subject),
        negative=clause.negative,
        progressive=clause.progressive,
    )
    words = [*early, *subject(clause.subject, f"{at}subject")]
    words += [word(text, _head(clause, at)) for text in verb]
    words += [*_complement(clause, at), *object_phrase(clause.object, f"{at}object")]
    return [*words, *_adjuncts(clause, at), *late]


def _question(clause: Clause, at: str) -> list[Word]:
    """A question with the auxiliary before its subject."""
    head = wording_of(clause.modal or clause.verb, clause.wording)
    auxiliary, rest = inverted(head, clause.tense, agreement(clause.subject))
    anchor = _head(clause, at)
    asks = {anchor, f"{at}whether"} if clause.question == "whether" else {anchor}
    words = [*_asked(clause, at), word(auxiliary, *asks), *subject(clause.subject, f"{at}subject")]
    words += [word(text, anchor) for text in rest]
    words += _complement(clause, at)
    if clause.question != "how many":
        words += object_phrase(clause.object, f"{at}object")
    return [*words, *_adjuncts(clause, at), *phrase(clause.time, f"{at}time")]


def _asked(clause: Clause, at: str) -> list[Word]:
    if clause.question == "how many":
        return object_phrase(clause.object, f"{at}object")
    about = {"what": "object", "where": "place", "when": "time"}.get(clause.question)
    return [word(clause.question, f"{at}{about}")] if about else []


def _head(clause: Clause, at: str) -> str:
    return f"{at}modal" if clause.modal else f"{at}verb"


def _complement(clause: Clause, at: str) -> list[Word]:
    """The infinitive behind a modal verb."""
    if clause.modal is None:
        return []
    verb = wording_of(clause.verb, clause.wording)
    texts = ["to", verb.base, *([verb.particle] if verb.particle else [])]
    return [word(text, f"{at}verb") for text in texts]


def _adjuncts(clause: Clause, at: str) -> list[Word]:
    where = place(clause.place, f"{at}place", motion=clause.verb.motion)
    return [*phrase(clause.manner, f"{at}manner"), *where]


def _predication(sentence: Predication, at: str) -> list[Word]:
    copula = [be(sentence.tense, agreement(sentence.subject))]
    copula += ["not"] if sentence.negative else []
    copula += ["be"] if sentence.tense == "future" else []
    words = [*subject(sentence.subject, f"{at}subject")]
    words += [word(text, f"{at}is") for text in copula]
    if sentence.adjective:
        form = adjective_form(sentence.adjective, sentence.wording)
        words.append(word(form, f"{at}predicate.adjective"))
    if sentence.noun:
        words += noun_phrase(sentence.noun, f"{at}predicate")
    return [*words, *place(sentence.place, f"{at}place")]


def _possession(sentence: Possession, at: str) -> list[Word]:
    person = agreement(sentence.subject)
    has = finite_verb(HAVE, sentence.tense, person, negative=sentence.negative)
    words = [*subject(sentence.subject, f"{at}subject"), *(word(text, f"{at}has") for text in has)]
    return [*words, *noun_phrase(sentence.object, f"{at}object")]
