"""Optimal transport between two sets of token vectors: costs, marginals, solvers, plans.

Knows torch and POT, nothing of languages or files. `solve` is the front door, `TransportObjective`
what a training loop wants; rows are the teacher's tokens and columns the student's.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "annealing": ["AnnealingSettings"],
        "_solve": ["SOLVERS", "accepted_options", "automatic", "solve"],
        "between": ["by_lengths", "costs_between", "token_side"],
        "costs": ["COSTS", "cosine_cost", "euclidean_cost"],
        "loss": ["transport_loss"],
        "marginals": [
            "TokenSide", "blocks", "by_words", "idf_weights", "marginal", "uniform", "weighted",
        ],
        "objective": ["TransportLoss", "TransportObjective", "solve_blocks", "unread"],
        "plan": ["TransportPlan", "marginal_error", "rounded"],
        "priors": ["PairAffinity", "identity_affinity", "position_affinity", "with_prior"],
        "problem": ["TransportProblem"],
        "schedule": ["Amount", "EpsilonSchedule"],
        "settings": ["TransportSettings"],
    },
)  # fmt: skip
