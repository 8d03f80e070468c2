"""Queries: questions in both languages, and the passages that answer them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from optical_cli.errors import UsageError
from optical_cli.toy.chance import Chance
from optical_cli.toy.facts import Fact
from optical_cli.toy.grammar import english, swahili, text
from optical_cli.toy.lexicon import Verb
from optical_cli.toy.passages import Passage
from optical_cli.toy.questions import Question, draw_question, put

MOST_RELEVANT = 3
# So many questions in a row that were asked already, or have no clear answer, are the end.
PATIENCE = 2000


@dataclass(frozen=True, slots=True)
class Query:
    """A question and its answers.

    Attributes:
        query_id: Its identifier, the same in both languages.
        english: The question.
        swahili: The same.
        verb: What it asks about.
        relevant: Positions of the passages that answer it.
    """

    query_id: str
    english: str
    swahili: str
    verb: Verb
    relevant: tuple[int, ...]


class Archive:
    """Passages by what they tell.

    Args:
        passages: All that can be asked about.
    """

    def __init__(self, passages: Sequence[Passage]):
        self.passages = passages
        self.facts = [(i, fact) for i, passage in enumerate(passages) for fact in passage.facts]
        self._told: dict[tuple[Verb, object], list[tuple[int, Fact]]] = defaultdict(list)
        for place, fact in self.facts:
            self._told[fact.verb, None].append((place, fact))
            self._told[fact.verb, fact.object].append((place, fact))

    def with_verb(self, verb: Verb) -> list[int]:
        """Positions of the passages that tell a fact of this verb."""
        return [place for place, _ in self._told[verb, None]]

    def answers(self, question: Question) -> tuple[int, ...]:
        """Positions of the passages that answer, or none if that is a matter of opinion.

        A passage answers if one of its facts has all that the question names. If one that has it
        leaves open what is asked, or stands in another tense, nobody can say for sure.
        """
        told = list(self._told_with(question.fact, question.named))
        for _, fact in told:
            if fact.slot(question.asked) is None or fact.tense != question.fact.tense:
                return ()
        return tuple(sorted({place for place, _ in told}))

    def _told_with(self, fact: Fact, slots: Collection[str]) -> Iterator[tuple[int, Fact]]:
        wanted = [(slot, fact.slot(slot)) for slot in slots]
        for place, other in self._told[fact.verb, fact.object if "object" in slots else None]:
            if all(other.slot(slot) is value for slot, value in wanted):
                yield place, other


def draw_queries(
    chance: Chance, archive: Archive, count: int, prefix: str, *, avoid: Collection[str] = ()
) -> Iterator[Query]:
    """Yield `count` queries of different meaning, each with one to three relevant passages.

    Args:
        chance: Chooses.
        archive: The passages.
        count: How many.
        prefix: Of the identifiers.
        avoid: English questions that are not asked.

    Raises:
        UsageError: The passages do not give so many questions.
    """
    asked: set[tuple] = set()
    for found in range(count):
        for _ in range(PATIENCE):
            question = draw_question(chance, chance.pick(archive.facts)[1])
            if question is None or question.meaning in asked:
                continue
            query = _query(chance, archive, question, f"{prefix}{found + 1:04d}")
            if query and query.english not in avoid:
                break
        else:
            raise UsageError(
                f"{len(archive.passages)} passages give only {found} of {count} questions",
                hint="ask for more --passages, or fewer --queries or --triples",
            )
        asked.add(question.meaning)
        yield query


def _query(chance: Chance, archive: Archive, question: Question, query_id: str) -> Query | None:
    relevant = archive.answers(question)
    if not 1 <= len(relevant) <= MOST_RELEVANT:
        return None
    clause = put(question, chance)
    sides = (text(language.realize(clause)) for language in (english, swahili))
    return Query(query_id, *sides, question.fact.verb, relevant)
