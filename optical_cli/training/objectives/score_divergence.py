"""``score-kl``: the student ranks frozen passages for a translation as the teacher does."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import kl_div

from optical_cli.training.objectives.terms import Value, Views, as_retrieved, teachers_counts
from optical_cli.transport.settings import TransportSettings


class ScoreDivergence:
    """``KL(softmax_p(t_p / temperature) || softmax_p(s_p / temperature))`` over passages p.

    t and s are the mean MaxSim of teacher and student with a passage. The student's tokens count as
    they do in retrieval; the teacher's all alike, unless both weigh what their encoders say of them
    (norm, attention). As means they stand at one scale, however many pieces the student's language
    has.

    Source: Yang et al. 2024, "Translate-Distill: Learning Cross-Language Dense Retrieval by
    Translation and Distillation", with the teacher's own scores in place of a cross-encoder's.
    """

    def __init__(self, settings: TransportSettings, temperature: float):
        self.marginals = settings.marginals
        self.teachers_marginals = teachers_counts(settings.marginals)
        self.temperature = temperature

    def __call__(self, views: Views, progress: float) -> Value:
        """The divergence of each pair; whether both find the same best passage is seen."""
        passages = views.passages
        if passages is None:  # a batch of passages, which have no scores of passages
            return Value(0 * views.student_hidden[:, 0, 0], applies=False)
        mass = as_retrieved(self.marginals, views.student)
        with torch.no_grad():
            counts = as_retrieved(self.teachers_marginals, views.teacher)
            wanted = mean_maxsim(views.teacher.vectors, counts, passages)
        found = mean_maxsim(views.student.vectors, mass, passages)
        agreed = (wanted.argmax(1) == found.argmax(1)).float()
        logs = [(scores / self.temperature).log_softmax(1) for scores in (found, wanted)]
        return Value(kl_div(*logs, reduction="none", log_target=True).sum(1), {"agreed": agreed})


def mean_maxsim(
    vectors: Float[Tensor, "batch row dim"],
    mass: Float[Tensor, "batch row"],
    passages: Float[Tensor, "batch passage token dim"],
) -> Float[Tensor, "batch passage"]:
    """``sum_i mass_i max_j <vectors_i, passage_j>``."""
    similarity = vectors[:, None] @ passages.to(vectors.dtype).transpose(-1, -2)
    # `max` keeps one place per row for the backward pass, `amax` the whole tensor.
    return (similarity.max(-1).values * mass[:, None]).sum(-1)
