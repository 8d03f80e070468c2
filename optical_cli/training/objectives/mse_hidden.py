"""``mse-hidden``: the squared distance of the means of token vectors as they come."""

from optical_cli.training.objectives.terms import Value, Views, pooled
from optical_cli.transport.settings import TransportSettings


class HiddenSquaredError:
    """The mean over dimensions of the squared difference of the two unnormalised means.

    Source: Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using
    Knowledge Distillation", equation 1, its second sum alone.
    """

    def __init__(self, settings: TransportSettings):
        self.marginals = settings.marginals

    def __call__(self, views: Views, progress: float) -> Value:
        """The mean squared difference of each pair's means."""
        teacher = pooled(views.teacher, self.marginals, views.teacher_hidden)
        student = pooled(views.student, self.marginals, views.student_hidden)
        return Value((teacher - student).square().mean(-1))
