"""``contrastive`` and ``contrastive-pooled``: the own translation against those of other pairs."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cosine_similarity, cross_entropy

from optical_cli.encoders.scoring import maxsim
from optical_cli.training.loop.gather import gathered, offset
from optical_cli.training.objectives.terms import (
    Value,
    Views,
    as_retrieved,
    pooled,
    teachers_counts,
)
from optical_cli.transport.settings import TransportSettings


class Contrastive:
    """InfoNCE: ``-log softmax(s / temperature)`` at the pair's own source.

    The score s is a mean MaxSim, in the direction of retrieval: the student's tokens, each of which
    counts as there, ask the teacher's; where the student encodes passages, the teacher's ask the
    student's. Sources equal to one's own are not among the negatives. All processes' sources are.
    """

    def __init__(self, settings: TransportSettings, temperature: float):
        self.temperature = temperature
        self.marginals = settings.marginals

    def __call__(self, views: Views, progress: float) -> Value:
        """The cross-entropy of each pair."""
        scores = self.scores(views) / self.temperature
        count = len(scores)
        own = torch.arange(count, device=scores.device) + offset(count)
        alike = views.source_keys[:, None] == gathered(views.source_keys)[None]
        alike[torch.arange(count), own] = False
        scores = scores.masked_fill(alike, -torch.inf)
        return Value(cross_entropy(scores, own, reduction="none"))

    def scores(self, views: Views) -> Float[Tensor, "query passage"]:
        """Every student text against every source."""
        student, teacher = views.student, views.teacher
        vectors, scored = gathered(teacher.vectors).float(), gathered(teacher.scored)
        if views.as_passages:
            counts = gathered(as_retrieved(teachers_counts(self.marginals), teacher))
            return maxsim(
                vectors * counts[..., None], scored, student.vectors.float(), student.scored
            ).T
        weighed = student.vectors.float() * as_retrieved(self.marginals, student)[..., None]
        return maxsim(weighed, student.scored, vectors, scored)


class PooledContrastive(Contrastive):
    """The same with the cosine of the two means of token vectors as the score."""

    def scores(self, views: Views) -> Float[Tensor, "query passage"]:
        """Every student text against every source."""
        teacher = gathered(pooled(views.teacher, self.marginals))
        student = pooled(views.student, self.marginals)
        return cosine_similarity(student[:, None], teacher[None], dim=-1)
