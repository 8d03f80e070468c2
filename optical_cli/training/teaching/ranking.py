"""One step of `optical train-teacher`: every query ranks all passages of the batch."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.scoring import maxsim
from optical_cli.encoders.tokens import TokenBatch
from optical_cli.training.data.example_batches import ExampleBatch
from optical_cli.training.loop.gather import gathered, offset
from optical_cli.training.objectives.terms import Value


class RankingStep(nn.Module):
    """``-log softmax_p(MaxSim(q, p) / temperature)`` at the query's own positive.

    The other passages are all positives and negatives of the batch, of all processes, but for
    those with the text of the own positive and positives of a query of the same text.

    Where a batch brings a cross-encoder's scores, the divergence ``KL(softmax(its scores) ||
    softmax(MaxSim / temperature))`` over the query's own passages is added.

    Args:
        encoder: What is trained.
        temperature: Of the softmax, in units of MaxSim, a sum over query tokens.
    """

    def __init__(self, encoder: LateInteractionEncoder, temperature: float):
        super().__init__()
        self.encoder = encoder
        self.temperature = temperature

    def forward(self, batch: ExampleBatch, progress: float) -> Value:
        """The cross-entropy of each query; how often the positive comes first is seen."""
        queries = weighed(self.encoder, batch.queries)
        passages = gathered(self.encoder(batch.passages))
        scores = maxsim(queries, batch.queries.scored, passages, gathered(batch.passages.scored))
        own = own_positives(batch)
        divergence = 0.0
        if batch.scores is not None:
            divergence = own_divergence(scores / self.temperature, own, batch.scores)
        scores = scores.masked_fill(also_relevant(batch, own), -torch.inf) / self.temperature
        first = scores.argmax(1) == own
        ranking = cross_entropy(scores, own, reduction="none")
        seen = {"ranking": ranking.detach(), "first": first.float()}
        return Value(ranking + divergence, seen)


def weighed(
    encoder: LateInteractionEncoder, tokens: TokenBatch
) -> Float[Tensor, "query token dim"]:
    """Query vectors as long as their tokens count, on average 1, so that MaxSim keeps its scale."""
    if not encoder.weighs_tokens:
        return encoder(tokens)
    vectors = encoder.weighed(tokens)
    total = (vectors.norm(dim=-1) * tokens.scored).sum(1) / tokens.scored.sum(1).clamp_min(1)
    return vectors / total.clamp_min(torch.finfo(total.dtype).tiny)[:, None, None]


def own_divergence(
    scores: Float[Tensor, "query passage"],
    own: Int[Tensor, " query"],
    wanted: Float[Tensor, "query way"],
) -> Float[Tensor, " query"]:
    """How far each query's distribution over its own passages is from the wanted one."""
    count, ways = wanted.shape
    first = own[0] + count + torch.arange(count, device=own.device) * (ways - 1)
    negatives = first[:, None] + torch.arange(ways - 1, device=own.device)
    places = torch.cat([own[:, None], negatives], 1)
    found = scores.gather(1, places).log_softmax(1)
    return kl_div(found, wanted.log_softmax(1), reduction="none", log_target=True).sum(1)


def own_positives(batch: ExampleBatch) -> Int[Tensor, " query"]:
    """Where each query's positive stands among all processes' passages."""
    places = torch.arange(len(batch), device=batch.query_keys.device)
    return places + offset(len(batch.passage_keys))


def also_relevant(batch: ExampleBatch, own: Int[Tensor, " query"]) -> Bool[Tensor, "query passage"]:
    """Passages that are as relevant to a query as its own positive, as far as the batch knows."""
    count = len(batch)
    askers = torch.zeros_like(batch.passage_keys)
    askers[:count] = batch.query_keys
    positive = torch.arange(len(askers), device=askers.device) < count
    same_text = gathered(batch.passage_keys)[None] == batch.passage_keys[:count, None]
    same_query = gathered(askers)[None] == batch.query_keys[:, None]
    alike = same_text | (same_query & gathered(positive)[None])
    return alike.scatter(1, own[:, None], False)
