"""Cells made of given values, without files."""

import numpy as np

from optical_cli.evaluation.cells import Cell, MeasuredRun
from optical_cli.evaluation.inputs import RunInput
from optical_cli.evaluation.measures import Evaluation


def cell(system, language, *seeds: np.ndarray, ids=None) -> Cell:
    """A cell with the given AP per query, one array per seed."""
    runs = []
    for number, values in enumerate(seeds):
        query_ids = ids or [f"q{place:04d}" for place in range(len(values))]
        evaluation = Evaluation(
            query_ids, {"AP": np.asarray(values, float)}, {"AP": float(np.mean(values))},
            frozenset({"AP"}), [], [],
        )  # fmt: skip
        run = RunInput(f"{system}.{number}", system, language, number if len(seeds) > 1 else None)
        runs.append(MeasuredRun(run, evaluation, "0" * 64, "1" * 64))
    return Cell(system, language, runs)


def noisy(seed, size=200, mean=0.5):
    return np.clip(np.random.default_rng(seed).normal(mean, 0.2, size), 0, 1)
