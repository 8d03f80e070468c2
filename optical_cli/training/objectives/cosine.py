"""``cosine``: the angle between the two means of token vectors."""

from torch.nn.functional import cosine_similarity

from optical_cli.training.objectives.terms import Value, Views, pooled
from optical_cli.transport.settings import TransportSettings


class PooledCosine:
    """``1 - cos(mean of the teacher's tokens, mean of the student's)``, before normalisation."""

    def __init__(self, settings: TransportSettings):
        self.marginals = settings.marginals

    def __call__(self, views: Views, progress: float) -> Value:
        """One minus the cosine of each pair's means."""
        teacher = pooled(views.teacher, self.marginals, views.teacher_hidden)
        student = pooled(views.student, self.marginals, views.student_hidden)
        return Value(1 - cosine_similarity(teacher, student, dim=-1))
