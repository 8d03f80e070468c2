"""MaxSim: the score of a passage for a query is the sum of each query token's best match."""

from jaxtyping import Bool, Float
from torch import Tensor


def maxsim(
    query: Float[Tensor, "query query_token dim"],
    query_mask: Bool[Tensor, "query query_token"],
    passage: Float[Tensor, "passage passage_token dim"],
    passage_mask: Bool[Tensor, "passage passage_token"],
) -> Float[Tensor, "query passage"]:
    """Score every query against every passage.

    ``score[q, p] = sum_i max_j <query[q, i], passage[p, j]>`` over scored tokens. A masked
    passage token counts as -inf, not 0, because all real similarities may be negative; a masked
    query token adds nothing. A passage without a scored token scores -inf.

    Source: Khattab and Zaharia 2020, equation 3.
    """
    similarity = (query.flatten(0, 1) @ passage.flatten(0, 1).T).unflatten(1, passage.shape[:2])
    best = _best(similarity, passage_mask).unflatten(0, query.shape[:2])
    return _summed(best.transpose(1, 2), query_mask[:, None])


def maxsim_each(
    query: Float[Tensor, "batch query_token dim"],
    query_mask: Bool[Tensor, "batch query_token"],
    passage: Float[Tensor, "batch *passages passage_token dim"],
    passage_mask: Bool[Tensor, "batch *passages passage_token"],
) -> Float[Tensor, " batch ..."]:
    """Score every query against its own passage or passages, as `maxsim` does."""
    batch, *passages, _, _ = passage.shape
    between = (batch, *(1 for _ in passages))
    query = query.reshape(*between, *query.shape[1:])
    similarity = query @ passage.transpose(-1, -2)
    best = _best(similarity, passage_mask[..., None, :])
    return _summed(best, query_mask.reshape(*between, -1))


def _best(similarity: Tensor, passage_mask: Tensor) -> Tensor:
    # In place: the product's backward needs its factors only. `max` rather than `amax`, because
    # its backward keeps one index per query token instead of the whole similarity tensor.
    return similarity.masked_fill_(~passage_mask, float("-inf")).max(dim=-1).values


def _summed(best: Tensor, query_mask: Tensor) -> Tensor:
    return best.masked_fill(~query_mask, 0.0).sum(dim=-1)
