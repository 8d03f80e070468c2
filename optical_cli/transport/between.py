"""Transport costs of many pairs of texts whose token vectors are at hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float, Int
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pad_sequence

from optical_cli.transport.marginals import TokenSide
from optical_cli.transport.objective import TransportObjective

PROBLEMS_AT_ONCE = 256

Texts = Sequence[Float[np.ndarray, "_ dim"]]


def token_side(texts: Texts, device: torch.device) -> TokenSide:
    """One side of a batch: padded unit vectors, and as weights the lengths that they had."""
    padded = pad_sequence([torch.from_numpy(text).float() for text in texts], batch_first=True)
    lengths = torch.tensor([len(text) for text in texts])
    scored = torch.arange(padded.shape[1]) < lengths[:, None]
    vectors, weights = normalize(padded, dim=-1), padded.norm(dim=-1)
    return TokenSide(
        vectors=vectors.to(device), scored=scored.to(device), weights=weights.to(device)
    )


def by_lengths(objective: TransportObjective) -> TransportObjective:
    """The same objective for what `token_side` makes, whose lengths hold all that tokens weigh."""
    settings = objective.settings
    if not settings.weighing:
        return objective
    return TransportObjective(replace(settings, marginals="norm"))


def costs_between(
    rows: Texts, cols: Texts, objective: TransportObjective, device: torch.device,
    *, pairs: tuple[Int[np.ndarray, " problem"], Int[np.ndarray, " problem"]] | None = None,
) -> Float[np.ndarray, " problem"]:  # fmt: skip
    """The transport cost <plan, cost> between row text and column text of each pair.

    Args:
        rows: Token vectors of the rows' texts.
        cols: Those of the columns' texts.
        objective: Cost, marginals and solver. Tokens weigh the lengths of their vectors unless the
            marginals weigh all alike.
        device: Where to solve.
        pairs: Which texts meet: places in `rows` and in `cols`; each with its own if None.
    """
    objective = by_lengths(objective)
    left, right = pairs or (np.arange(len(rows)), np.arange(len(cols)))
    sizes = np.array([len(rows[i]) + len(cols[j]) for i, j in zip(left, right, strict=True)])
    # Problems of like size together have little padding.
    order = np.argsort(sizes, kind="stable")
    costs = np.zeros(len(order))
    for start in range(0, len(order), PROBLEMS_AT_ONCE):
        batch = order[start : start + PROBLEMS_AT_ONCE]
        sides = [token_side([rows[i] for i in left[batch]], device)]
        sides += [token_side([cols[j] for j in right[batch]], device)]
        costs[batch] = objective(*sides).plan.transport_cost.cpu().numpy()
    return costs
