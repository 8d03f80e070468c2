"""``greedy``: tokens matched one to one, the closest pair first."""

from optical_cli.training.objectives.terms import Value, Views
from optical_cli.transport import TransportObjective
from optical_cli.transport.settings import TransportSettings


class Greedy:
    """The mean squared distance of matched unit vectors, ``|x - y|^2 = 2 (1 - cos)``.

    The globally closest pair of tokens is matched and taken away until one side is used up; no
    gradient flows through the choice.

    Source: Li et al. 2021, "Learning Cross-Lingual IR from an English Retriever" (DR.DECR).
    """

    def __init__(self, settings: TransportSettings):
        marginals = "all" if settings.marginals == "all" else "real"
        greedy = TransportSettings(solver="greedy", cost="cosine", marginals=marginals)
        self.objective = TransportObjective(greedy)

    def __call__(self, views: Views, progress: float) -> Value:
        """The mean over each pair's matches."""
        return Value(2 * self.objective(views.teacher, views.student, progress=progress).loss)
