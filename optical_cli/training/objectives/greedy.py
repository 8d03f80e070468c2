"""``greedy``: tokens matched one to one, the closest pair first."""

from optical_cli.training.objectives.terms import Value, Views
from optical_cli.transport import TransportObjective
from optical_cli.transport.settings import TransportSettings


class Greedy:
    """The mean squared distance of matched unit vectors, ``|x - y|^2 = 2 (1 - cos)``.

    The globally closest pair of tokens is matched and taken away until one side is used up; no
    gradient flows through the choice. A match counts what the student's token weighs.

    Source: Li et al. 2021, "Learning Cross-Lingual IR from an English Retriever" (DR.DECR).
    """

    def __init__(self, settings: TransportSettings):
        greedy = TransportSettings(solver="greedy", cost="cosine", marginals=settings.marginals)
        self.objective = TransportObjective(greedy)

    def __call__(self, views: Views, progress: float) -> Value:
        """The mean over each pair's matches, as the student's tokens weigh."""
        return Value(2 * self.objective(views.teacher, views.student, progress=progress).loss)
