"""Collections in several languages: whether one's relevant text is ranked below another's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from optical_cli.errors import InputError
from optical_cli.evaluation.measures import Evaluation
from optical_cli.evaluation.ranks import JudgedRanks
from optical_cli.formats.tables import read_table
from optical_cli.formats.trec import Qrels
from optical_cli.text import canonical

PEER, SAME_LANGUAGE = "PEER", "SameLanguage"
IDS_SHOWN = 3


def is_fairness(measure: str) -> bool:
    """The measure is one of those that are computed here."""
    return measure.partition("@")[0] in (PEER, SAME_LANGUAGE)


def read_languages(path: Path | str) -> dict[str, str]:
    """Read ``doc_id TAB language``, languages by their canonical codes.

    Raises:
        InputError: Malformed lines, or a passage with two languages.
    """
    languages: dict[str, str] = {}
    for number, (doc_id, language) in read_table(path, fields=2):
        if languages.setdefault(doc_id, canonical(language)) != canonical(language):
            raise InputError(f"passage {doc_id} has two languages", where=f"{path}:{number}")
    return languages


def with_fairness(
    evaluation: Evaluation,
    qrels: Qrels,
    run: Mapping[str, JudgedRanks],
    languages: Mapping[str, str],
    *,
    cutoff: int,
    query_language: str | None,
) -> Evaluation:
    """The evaluation with ``PEER@k`` and, where the queries' language is known, the share of it.

    Raises:
        InputError: A judged or retrieved passage has no language.
    """
    _require_languages(qrels, run, languages)
    ids = evaluation.query_ids
    values = dict(evaluation.values)
    values[f"{PEER}@{cutoff}"] = np.array(
        [peer(qrels[q], run[q], languages, cutoff=cutoff) if q in run else 0.0 for q in ids]
    )
    if query_language is not None:
        code = canonical(query_language)
        values[f"{SAME_LANGUAGE}@{cutoff}"] = np.array(
            [same_language_share(run[q].top[:cutoff], code, languages) if q in run else 0.0
             for q in ids]
        )  # fmt: skip
    new = [name for name in values if name not in evaluation.values]
    means = evaluation.means | {name: float(values[name].mean()) for name in new}
    return replace(evaluation, values=values, means=means, averaged=evaluation.averaged.union(new))


def _require_languages(
    qrels: Qrels, run: Mapping[str, JudgedRanks], languages: Mapping[str, str]
) -> None:
    needed = {doc_id for judged in qrels.values() for doc_id in judged}
    needed |= {doc_id for query_id in run if query_id in qrels for doc_id in run[query_id].top}
    lacking = sorted(needed - languages.keys())
    if lacking:
        raise InputError(
            f"{len(lacking)} passages have no language, the first are"
            f" {', '.join(lacking[:IDS_SHOWN])}",
            hint="--doc-languages lists doc_id TAB language of every passage judged or retrieved",
        )


def peer(
    judged: Mapping[str, int], ranking: JudgedRanks, languages: Mapping[str, str], *, cutoff: int
) -> float:
    """Probability of equal expected rank of one query.

        PEER = mean over relevance levels r > 0 of p_r

    where p_r is the p of the Kruskal-Wallis statistic over the ranks of the passages of level r,
    grouped by language. What is not among the first `cutoff` shares the mean of the ranks behind
    them. 1 where all languages are treated alike, where there is one language, or where none of
    the passages is retrieved.

    Source: Yang, Jänich, Mayfield and Lawrie, SIGIR 2024 (arXiv 2405.00978). The levels present
    weigh the same. The published code places what is not retrieved right after as many ranks as
    there are passages of the level, which can lie above retrieved ones; here it lies below all.
    """
    shown = min(cutoff, ranking.retrieved)
    levels = sorted({relevance for relevance in judged.values() if relevance > 0})
    p_values = []
    for level in levels:
        doc_ids = [doc_id for doc_id, relevance in judged.items() if relevance == level]
        ranks = [ranking.ranks.get(doc_id, shown + 1) for doc_id in doc_ids]
        lost = sum(rank > shown for rank in ranks)
        behind = shown + (lost + 1) / 2
        placed = np.array([rank if rank <= shown else behind for rank in ranks])
        p_values.append(equal_ranks_p(placed, [languages[doc_id] for doc_id in doc_ids]))
    return float(np.mean(p_values)) if p_values else 1.0


def equal_ranks_p(ranks: np.ndarray, groups: Sequence[str]) -> float:
    """P of the Kruskal-Wallis statistic on `ranks` as they are; 1 for one group or one rank.

    H = (N - 1) sum_g n_g (mean_g - mean)^2 / sum (rank - mean)^2, chi-squared with G - 1.
    """
    from scipy.special import chdtrc

    names = sorted(set(groups))
    total = ((ranks - ranks.mean()) ** 2).sum()
    if len(names) < 2 or total == 0:
        return 1.0
    members = [ranks[np.array(groups) == name] for name in names]
    between = sum(len(own) * (own.mean() - ranks.mean()) ** 2 for own in members)
    return float(chdtrc(len(names) - 1, (len(ranks) - 1) * between / total))


def same_language_share(
    top: Sequence[str], query_language: str, languages: Mapping[str, str]
) -> float:
    """Share of the passages `top` that are in the query's language; 0 where there are none."""
    return sum(languages[doc_id] == query_language for doc_id in top) / len(top) if top else 0.0
