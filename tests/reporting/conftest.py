"""Score records as `optical evaluate` writes them, small and by hand."""

import pytest

from optical_cli.formats.scores import Score, write_scores

VALUES = {
    ("mse", "de"): 0.60, ("mse", "sw"): 0.30, ("mse", "all"): 0.45,
    ("ot", "de"): 0.61, ("ot", "sw"): 0.40, ("ot", "all"): 0.505,
    ("zero", "de"): 0.50, ("zero", "sw"): 0.10, ("zero", "all"): 0.30,
    ("teacher", "en"): 0.80,
}  # fmt: skip
GROUPS = {"de": "high", "sw": "low"}


def comparison(difference: float, shown: bool) -> dict:
    """All that a record says of a difference."""
    return {
        "baseline": "mse", "difference": difference, "low": difference - 0.02,
        "high": difference + 0.02, "p_randomization": 0.001, "p_t": 0.001, "p": 0.003,
        "p_t_holm": 0.003, "family": 6, "effect_size": 0.4, "wins": 20, "ties": 5, "losses": 3,
        "queries": 28, "smallest_difference": 0.015, "shown": shown,
    }  # fmt: skip


def mean_scores(measure: str = "AP", **tags: float) -> list[Score]:
    """Means of three systems in two languages and over both, and of an English ceiling."""
    scores = []
    for (system, language), value in VALUES.items():
        compared = {}
        if system in ("ot", "zero"):
            difference = value - VALUES["mse", language]
            found = comparison(difference, abs(difference) > 0.02)
            compared = {"p": 0.003, "baseline": "mse", "comparison": found}
        scores.append(
            Score(
                run=f"{system}.run", system=system, language=language, tags=tags, measure=measure,
                value=value - 0.2 * tags.get("noise", 0), low=value - 0.03, high=value + 0.03,
                group=GROUPS.get(language),
                signature=f"{measure}|ties:score|run:{system}{language}",
                **compared,
            )
        )  # fmt: skip
    return scores


def gap_scores(measure: str = "AP", **tags: float) -> list[Score]:
    """The gap of two systems, with the change of one."""
    scores = []
    for system, low in (("mse", 0.375), ("ot", 0.5)):
        same = {"run": system, "system": system, "measure": measure, "tags": tags}
        numbers = [
            ("ratio", "de", "high", 0.75), ("ratio", "sw", "low", low),
            ("ratio", None, "high", 0.75), ("ratio", None, "low", low),
            ("mean", None, "high", 0.6), ("mean", None, "low", low * 0.8),
            ("low/high", None, None, low / 0.75), ("high-low", None, None, 0.6 - low * 0.8),
            ("worst", "sw", None, low * 0.8), ("max-min", None, None, 0.3),
            ("std", None, None, 0.1),
        ]  # fmt: skip
        for statistic, language, group, value in numbers:
            change = {"difference": 0.1, "low": 0.05, "high": 0.15, "shown": True}
            scores.append(
                Score(
                    **same, statistic=statistic, language=language, group=group, value=value,
                    low=value - 0.02, high=value + 0.02,
                    signature=f"{statistic}({measure})|groups:joshi2020|ceiling:teacher/en",
                    comparison=change if system == "ot" else None,
                )
            )  # fmt: skip
    return scores


def query_scores() -> list[Score]:
    """Five queries a system and language; ot gains most on q4 and loses most on q0."""
    return [
        Score(
            run=f"{system}.run", system=system, language=language, measure="AP",
            query_id=f"q{number}", value=0.5 + (number - 1) * 0.1 * (system == "ot"),
        )
        for system in ("mse", "ot")
        for language in ("de", "sw")
        for number in range(5)
    ]  # fmt: skip


def alignment_scores() -> list[Score]:
    """Two students beside a teacher; the second has collapsed."""
    numbers = {
        "before": {"alignment": 1.2, "alignment/non-pairs": 0.7, "uniformity": -2.5},
        "after": {"alignment": 0.1, "alignment/non-pairs": 0.9, "uniformity": -0.2},
    }
    return [
        Score(run=system, system=system, language="sw", measure=measure, value=value)
        for system, found in numbers.items()
        for measure, value in (found | {"teacher-uniformity": -3.0}).items()
    ]


@pytest.fixture
def write(tmp_path):
    """Write records to a file and give its path."""

    def to_file(scores: list[Score], name: str = "scores.jsonl"):
        path = tmp_path / name
        with open(path, "wb") as stream:
            write_scores(stream, scores)
        return path

    return to_file
