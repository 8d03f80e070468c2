"""XGLUE's own measures of runs over its candidates: nDCG for WPR, accuracy for QADSM and QAM.

WPR: gain is the grade itself, discount log2(rank + 1), no cutoff; candidates of equal score share
the mean of their gains. As in the publishers' xglue_evaluate.py (scikit-learn's ndcg_score), a
query with no grade above 0 counts 0, and one with a single candidate is left out; how many those
are is said. QADSM and QAM: a pair counts as a match from a score on; that threshold is the best one
for the zero-shot encoder on English dev and is the same for every language and system.

    python recipes/xglue-measures.py --task wpr --folder work/wpr --output wpr.tsv zero-shot/de=FILE
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from optical_cli.formats.outputs import output_file
from optical_cli.formats.trec import Qrels, read_qrels, read_run

ENGLISH, UNTRAINED = "en", "zero-shot"


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--task", choices=("wpr", "qadsm", "qam"), required=True)
    parser.add_argument("--folder", required=True, help="what optical import xglue-TASK wrote")
    parser.add_argument("--output", required=True)
    parser.add_argument("runs", nargs="+", metavar="SYSTEM/LANG=FILE")
    return parser.parse_args()


def ndcg(gains: Sequence[int], scores: Sequence[float]) -> float | None:
    """nDCG of one query's candidates, 0 where none has a gain; None of a single candidate."""
    gains, scores = np.asarray(gains, float), np.asarray(scores)
    if len(gains) < 2:
        return None
    if gains.max() <= 0:
        return 0.0
    discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
    _, group = np.unique(-scores, return_inverse=True)
    shared = np.bincount(group, gains) / np.bincount(group)
    order = np.argsort(-scores, kind="stable")
    return float(shared[group][order] @ discounts / (np.sort(gains)[::-1] @ discounts))


def judged(run: str, qrels: Qrels) -> list[tuple[list[int], list[float]]]:
    """Grades and scores of each query's candidates; one that the run lacks stands last."""
    scores = read_run(run)
    found = []
    for query_id, grades in qrels.items():
        given = scores.get(query_id, {})
        last = min(given.values(), default=0.0) - 1.0
        found.append((list(grades.values()), [given.get(doc, last) for doc in grades]))
    return found


def best_threshold(pairs: Iterable[tuple[list[int], list[float]]]) -> float:
    """The score from which calling a pair a match is right most often."""
    rows = [(score, grade > 0) for grades, scores in pairs
            for grade, score in zip(grades, scores, strict=True)]  # fmt: skip
    rows.sort(reverse=True)
    scores, right = np.array([s for s, _ in rows]), np.array([r for _, r in rows])
    # Accepting the first n rows: the matches among them, and the others behind them.
    correct = np.cumsum(right) + (~right).sum() - np.cumsum(~right)
    return float(scores[int(np.argmax(correct))])


def accuracy(pairs: Iterable[tuple[list[int], list[float]]], threshold: float) -> float:
    """Share of pairs that are told right."""
    told = [(score >= threshold) == (grade > 0) for grades, scores in pairs
            for grade, score in zip(grades, scores, strict=True)]  # fmt: skip
    return float(np.mean(told))


def account(lang: str, qrels: Qrels) -> str | None:
    """How many queries count 0 whatever the system does, and how many are left out."""
    single = sum(len(grades) < 2 for grades in qrels.values())
    zero = sum(len(grades) > 1 and max(grades.values()) <= 0 for grades in qrels.values())
    if not (single or zero):
        return None
    return (f"{lang}: of {len(qrels)} queries {zero} have no grade above 0 and count 0,"
            f" {single} have a single candidate and are left out")  # fmt: skip


def values(task: str, pairs: Mapping[tuple[str, str], list]) -> dict[tuple[str, str], float]:
    """The task's measure of each system and language."""
    if task == "wpr":
        per_query = {key: [ndcg(*row) for row in rows] for key, rows in pairs.items()}
        return {
            k: float(np.mean([v for v in row if v is not None])) for k, row in per_query.items()
        }
    if (UNTRAINED, ENGLISH) not in pairs:
        sys.exit(f"{task}: the threshold needs {UNTRAINED}/{ENGLISH}=FILE")
    threshold = best_threshold(pairs[UNTRAINED, ENGLISH])
    return {key: accuracy(rows, threshold) for key, rows in pairs.items()}


def main() -> None:
    """Measure every run, and write a table."""
    wanted = arguments()
    pairs, qrels = {}, {}
    for given in wanted.runs:
        name, _, file = given.partition("=")
        system, _, lang = name.partition("/")
        if lang not in qrels:
            qrels[lang] = read_qrels(f"{wanted.folder}/qrels.{lang}.dev.txt")
        pairs[system, lang] = judged(file, qrels[lang])
    if wanted.task == "wpr":
        for line in filter(None, map(account, qrels, qrels.values())):
            print(line, file=sys.stderr)
    measure = "nDCG" if wanted.task == "wpr" else "accuracy"
    with output_file(wanted.output) as stream:
        stream.write(f"system\tlanguage\t{measure}\n".encode())
        for (system, lang), value in values(wanted.task, pairs).items():
            stream.write(f"{system}\t{lang}\t{value:.4f}\n".encode())


if __name__ == "__main__":
    main()
