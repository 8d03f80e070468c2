"""Retrieval measures, their significance, the resource gap, alignment and uniformity.

From Python, with qrels as ``{query: {passage: relevance}}`` and a run as
``{query: {passage: score}}``:

    evaluation = evaluate(qrels, rank_run(run, qrels), parse_measures(["AP", "nDCG@10"]))
    evaluation.means["AP"], evaluation.values["AP"]
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "comparison": ["Comparison", "compare"],
        "measures": ["Evaluation", "evaluate", "parse_measures"],
        "ranks": ["JudgedRanks", "rank_run", "read_judged_ranks"],
        "significance": ["holm", "paired_t_p", "randomization_p"],
    },
)
