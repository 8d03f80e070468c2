"""What the differences say, in words: the first thing that a reader looks for."""

from collections.abc import Iterator

from optical_cli.formats.scores import Score
from optical_cli.reporting.results import ALL, Results


def findings(results: Results) -> Iterator[str]:
    """A sentence on the first measure per system that was compared with the baseline."""
    measure = results.measures[0]
    for variant in results.variants:
        verdicts: dict[str, list[str]] = {"better": [], "worse": [], "open": []}
        for language in results.languages:
            score = results.means.get((variant, language, measure))
            if score is not None and score.comparison and "shown" in score.comparison:
                verdicts[_verdict(score)].append(_place(language))
        if any(verdicts.values()):
            yield f"{measure}: {variant.label} against {results.baseline}: {_said(verdicts)}."


def _verdict(score: Score) -> str:
    if not score.comparison["shown"]:
        return "open"
    return "better" if score.comparison["difference"] > 0 else "worse"


def _place(language: str | None) -> str:
    return "on average over languages" if language == ALL else language or ""


def _said(verdicts: dict[str, list[str]]) -> str:
    words = {"better": "better", "worse": "worse", "open": "no difference shown"}
    parts = []
    for kind, places in verdicts.items():
        named = ", ".join(place for place in places if place)
        if places:
            parts.append(f"{words[kind]}{' in ' * bool(named)}{named}")
    return "; ".join(parts).replace("in on average", "on average")
