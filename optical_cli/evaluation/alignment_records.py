"""Alignment and uniformity of a student, per language and over all, as score records."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from optical_cli.evaluation.alignment import (
    alignment,
    collapse_warnings,
    found_first,
    non_pair_distance,
    uniformity,
)
from optical_cli.evaluation.cells import ALL
from optical_cli.evaluation.resampling import interval, resampled_means
from optical_cli.evaluation.signature import signature
from optical_cli.formats.scores import Score

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class AlignedPairs:
    """The pairs of one bitext, as both models see them.

    Attributes:
        system: What the student is called.
        language: Of the student's side; None where it was not said.
        student: The student as given.
        pair_ids: Of the pairs.
        teacher_vectors: Pooled, of the teacher's side.
        student_vectors: Pooled, of the student's side.
        costs: Transport cost between the tokens of each pair.
        other_costs: The same between each source and another pair's target.
        hashes: Short hashes of bitext and models, for the signature.
        parts: The languages, if these are the pairs of several.
    """

    system: str
    language: str | None
    student: str
    pair_ids: Sequence[str]
    teacher_vectors: np.ndarray
    student_vectors: np.ndarray
    costs: np.ndarray
    other_costs: np.ndarray
    hashes: Mapping[str, str]
    parts: Sequence["AlignedPairs"] = field(default=(), repr=False)


def over_languages(pairs: Sequence[AlignedPairs]) -> AlignedPairs:
    """Several bitexts of one system as one."""
    first = pairs[0]
    names = [f"{own.language}/{pair_id}" for own in pairs for pair_id in own.pair_ids]
    return AlignedPairs(
        first.system, ALL, first.system, names,
        np.concatenate([own.teacher_vectors for own in pairs]),
        np.concatenate([own.student_vectors for own in pairs]),
        np.concatenate([own.costs for own in pairs]),
        np.concatenate([own.other_costs for own in pairs]),
        {key: "+".join(dict.fromkeys(own.hashes[key] for own in pairs)) for key in first.hashes},
        pairs,
    )  # fmt: skip


def alignment_records(
    pairs: AlignedPairs,
    tags: Mapping[str, str | float],
    *,
    transport: str,
    resamples: int,
    seed: int,
) -> Iterator[Score]:
    """Every number of one bitext; means over pairs have a bootstrap interval.

    Args:
        pairs: Of one language, or of all.
        tags: What stands on every record.
        transport: How the transport cost was found, for the signature.
        resamples: Bootstrap resamples.
        seed: The one seed.
    """
    plain = _plain_numbers(pairs)
    columns = _per_pair(pairs)
    draws = resampled_means(
        np.stack(list(columns.values()), axis=1), pairs.pair_ids, resamples, seed
    )
    parts = {"pairs": len(pairs.pair_ids), **pairs.hashes, "transport": transport}
    for place, (measure, values) in enumerate(columns.items()):
        low, high = interval(draws[:, place])
        sign = signature(measure, parts | {"resamples": resamples, "seed": seed})
        yield _score(pairs, tags, measure, float(values.mean()), sign, low=low, high=high)
    for measure, value in plain.items():
        yield _score(pairs, tags, measure, value, signature(measure, parts))
    for warning in collapse_warnings(
        student_uniformity=plain["uniformity"],
        teacher_uniformity=plain["teacher-uniformity"],
        relative_alignment=plain["alignment/non-pairs"],
    ):
        logger.warning("%s %s: %s", pairs.system, pairs.language or "", warning)


def _per_pair(pairs: AlignedPairs) -> dict[str, np.ndarray]:
    """Each pair's own numbers.

    A sentence looks for its translation in its own language: parallel bitexts have the same source
    in each, and of two that are the same neither is first.
    """
    if pairs.parts:
        columns = [_per_pair(own) for own in pairs.parts]
        return {name: np.concatenate([own[name] for own in columns]) for name in columns[0]}
    rows, cols = pairs.teacher_vectors, pairs.student_vectors
    forward, backward = found_first(rows, cols)
    forward_margin, backward_margin = found_first(rows, cols, margin=True)
    return {
        "alignment": alignment(rows, cols),
        "transport-cost": pairs.costs.astype(np.float64),
        "P@1(teacher-student)": forward.astype(np.float64),
        "P@1(student-teacher)": backward.astype(np.float64),
        "P@1(teacher-student,margin)": forward_margin.astype(np.float64),
        "P@1(student-teacher,margin)": backward_margin.astype(np.float64),
    }


def _plain_numbers(pairs: AlignedPairs) -> dict[str, float]:
    rows, cols = pairs.teacher_vectors, pairs.student_vectors
    near, apart = float(alignment(rows, cols).mean()), non_pair_distance(rows, cols)
    costs, other_costs = float(pairs.costs.mean()), float(pairs.other_costs.mean())
    return {
        "alignment/non-pairs": _over(near, apart),
        "transport-cost/non-pairs": _over(costs, other_costs),
        "uniformity": uniformity(cols),
        "teacher-uniformity": uniformity(rows),
    }


def _over(near: float, apart: float) -> float:
    """Their ratio; 1 where everything is in one place, for nothing is nearer than the rest."""
    return near / apart if apart > 0 else 1.0


def _score(
    pairs: AlignedPairs,
    tags: Mapping[str, str | float],
    measure: str,
    value: float,
    sign: str,
    **bounds: float,
) -> Score:
    return Score(
        run=pairs.student, system=pairs.system, language=pairs.language, tags=tags,
        measure=measure, value=value, signature=sign, **bounds,
    )  # fmt: skip
