"""Which queries gain and lose most, with what was asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optical_cli.formats.collection import load_queries
from optical_cli.reporting.results import Results, Variant
from optical_cli.text import canonical

Texts = Mapping[str | None, Mapping[str, str]]


@dataclass(frozen=True)
class Example:
    """A query on which two systems differ.

    Attributes:
        query_id: Its id.
        language: Its language; None where it was not said.
        text: What was asked; None where no texts were given.
        english: The same in English, where those were given too.
        value: The system's.
        reference: The baseline's.
    """

    query_id: str
    language: str | None
    text: str | None
    english: str | None
    value: float
    reference: float

    @property
    def difference(self) -> float:
        """System minus baseline."""
        return self.value - self.reference


@dataclass(frozen=True)
class Contest:
    """A system against the baseline, query by query, over all languages that both have."""

    variant: Variant
    baseline: str
    measure: str
    differences: Mapping[str | None, Sequence[float]]
    wins: Sequence[Example]
    losses: Sequence[Example]


def read_texts(files: Mapping[str | None, str]) -> Texts:
    """Query texts by language.

    Raises:
        InputError: A file is malformed.
    """
    return {language: load_queries(path) for language, path in files.items()}


def contests(results: Results, texts: Texts, count: int) -> list[Contest]:
    """Every system's contest with the baseline, where there are values of single queries."""
    if results.baseline is None or not results.measures:
        return []
    measure = results.measures[0]
    values = results.per_query(measure)
    languages = dict.fromkeys(language for _, language in values)
    found = []
    for variant in results.variants:
        if variant.system == results.baseline:
            continue
        reference = Variant(results.baseline, variant.tags)
        pairs = {
            language: (values[variant, language], values[reference, language])
            for language in languages
            if (variant, language) in values and (reference, language) in values
        }
        if pairs:
            found.append(_contest(variant, results.baseline, measure, pairs, texts, count))
    return found


def _contest(
    variant: Variant,
    baseline: str,
    measure: str,
    pairs: Mapping[str | None, tuple[Mapping[str, float], Mapping[str, float]]],
    texts: Texts,
    count: int,
) -> Contest:
    differences = {
        language: [own[query_id] - other[query_id] for query_id in own if query_id in other]
        for language, (own, other) in pairs.items()
    }
    examples = [
        _example(query_id, language, texts, own[query_id], other[query_id])
        for language, (own, other) in pairs.items()
        for query_id in own
        if query_id in other
    ]
    # Equal differences by id, so that the page is the same every time.
    ordered = sorted(examples, key=lambda e: (-e.difference, e.query_id, e.language or ""))
    wins = [example for example in ordered[:count] if example.difference > 0]
    losses = [example for example in ordered[: -count - 1 : -1] if example.difference < 0]
    return Contest(variant, baseline, measure, differences, wins, losses)


def _example(
    query_id: str, language: str | None, texts: Texts, value: float, reference: float
) -> Example:
    own = texts.get(language, texts.get(None, {}))
    english: Mapping[str, str] = {}
    if language is not None and canonical(language) != "en":
        english = next((t for code, t in texts.items() if code and canonical(code) == "en"), {})
    return Example(query_id, language, own.get(query_id), english.get(query_id), value, reference)


def shown_differences(contest: Contest) -> Iterable[tuple[str | None, Sequence[float]]]:
    """Languages with a difference in at least one query."""
    return ((code, found) for code, found in contest.differences.items() if any(found))
