"""How much mass each token carries: a probability vector per text, zero at padding."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int, Num
from torch import Tensor

from optical_cli.errors import UsageError
from optical_cli.transport.precision import at_least_single
from optical_cli.weighing import Weighing

Mask = Bool[Tensor, "batch token"]
Mass = Float[Tensor, "batch token"]


@dataclass(frozen=True)
class TokenSide:
    """The tokens of one side of a batch of text pairs.

    Attributes:
        vectors: Token vectors; anything at positions that are not scored, infinite and NaN too.
        scored: Positions that retrieval scores; the others are padding.
        expansion: Which of them are [MASK]s of query expansion; None for none.
        word_ids: Words numbered within each text, the same for all pieces of a word, -1 for a
            token that is no part of a word; needed by the ``words`` marginals.
        type_ids: Words or tokens numbered alike on both sides; needed by the ``identical`` prior.
        weights: Weight per token, such as IDF, the vector's norm or attention received; needed by
            the marginals of these names; anything at positions that are not scored.
    """

    vectors: Float[Tensor, "batch token dim"]
    scored: Bool[Tensor, "batch token"]
    expansion: Bool[Tensor, "batch token"] | None = None
    word_ids: Int[Tensor, "batch token"] | None = None
    type_ids: Int[Tensor, "batch token"] | None = None
    weights: Float[Tensor, "batch token"] | None = None

    @property
    def real(self) -> Mask:
        """Scored positions that are not [MASK]s."""
        return self.scored if self.expansion is None else self.scored & ~self.expansion

    def without_padding(self) -> "TokenSide":
        """The same tokens, with zero vectors at positions that are not scored.

        Zero mass alone keeps padding out of the loss but not out of its gradient, where zero times
        an infinite slope is NaN.
        """
        return replace(self, vectors=self.vectors.masked_fill(~self.scored[:, :, None], 0.0))


def marginal(name: str, side: TokenSide) -> Mass:
    """The marginal called `name`, which is any but ``blocks``.

    Raises:
        UsageError: `side` lacks what this marginal is made of.
    """
    if name == "all":
        return uniform(side.scored)
    if name == "real":
        return uniform(side.real)
    weighing = Weighing.of(name)
    if not weighing or name != str(weighing):
        raise UsageError(f"unknown marginals {name!r}")
    mass = uniform(side.real)
    if weighing.words:
        mass = by_words(side.real, _needed(side.word_ids, name, "word ids"))
    if weighing.by is None:
        return mass
    return weighted(side.real, mass * _needed(side.weights, name, "token weights"))


def uniform(mask: Mask) -> Mass:
    """Equal mass at every position of `mask`; a text without any is empty, all zero."""
    return weighted(mask, torch.ones_like(mask, dtype=torch.float32))


def by_words(mask: Mask, word_ids: Int[Tensor, "batch token"]) -> Mass:
    """Equal mass for every word, which its pieces share alike; -1 is a word of its own."""
    same = (word_ids[:, :, None] == word_ids[:, None, :]) & mask[:, None, :]
    pieces = torch.where(word_ids < 0, 1, same.sum(2))
    return weighted(mask, 1.0 / pieces.clamp_min(1))


def weighted(mask: Mask, weights: Float[Tensor, "batch token"]) -> Mass:
    """Mass in proportion to `weights` within `mask`, in float32 or wider.

    Weights outside the mask are ignored, whatever they are. A text whose weights are all zero
    gets uniform mass: no weight is no opinion.
    """
    weights = at_least_single(weights.detach()).masked_fill(~mask, 0.0)
    weights = torch.where(weights.sum(1, keepdim=True) > 0, weights, mask.to(weights))
    return weights / weights.sum(1, keepdim=True).clamp_min(torch.finfo(weights.dtype).tiny)


def blocks(
    rows: TokenSide, cols: TokenSide
) -> tuple[Float[Tensor, "2 batch row"], Float[Tensor, "2 batch col"]]:
    """Marginals of two problems per pair: real tokens to real ones, [MASK]s to [MASK]s.

    A block's mass is its share of the rows' positions, on both sides, since mass that leaves a
    block has to arrive in it. Where one side lacks [MASK]s all mass is real.
    """
    row_real, row_mask = rows.real, rows.scored & ~rows.real
    col_real, col_mask = cols.real, cols.scored & ~cols.real
    masked = row_mask.sum(1) / rows.scored.sum(1).clamp_min(1)
    masked = torch.where(col_mask.any(1), masked, 0.0)
    # Without a real token on both sides, only the block of [MASK]s can hold anything.
    masked = torch.where(row_real.any(1) & col_real.any(1), masked, row_mask.any(1).float())
    shares = torch.stack([1 - masked, masked])[:, :, None]
    row = torch.stack([uniform(row_real), uniform(row_mask)]) * shares
    col = torch.stack([uniform(col_real), uniform(col_mask)]) * shares
    return row, col


def idf_weights(
    document_frequency: Num[Tensor, " vocabulary"], documents: int
) -> Float[Tensor, " vocabulary"]:
    """BM25's inverse document frequency, ``log(1 + (N - df + 1/2) / (df + 1/2))``, positive."""
    frequency = at_least_single(document_frequency)
    return torch.log1p((documents - frequency + 0.5) / (frequency + 0.5))


def _needed(value: Tensor | None, name: str, what: str) -> Tensor:
    if value is None:
        raise UsageError(f"--marginals {name} needs {what}, which these texts come without")
    return value
