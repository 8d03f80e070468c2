"""``ot``: the cost of moving the student's tokens onto the teacher's."""

from optical_cli.training.objectives.terms import Value, Views
from optical_cli.transport import TransportObjective
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.settings import TransportSettings


class Transport:
    """``sum_ij P_ij C_ij``, P being the transport plan, through which no gradient flows.

    Source: Huang, Yu and Allan 2023, "Improving Cross-lingual Information Retrieval on
    Low-Resource Languages via Optimal Transport Distillation".
    """

    def __init__(self, settings: TransportSettings, annealing: AnnealingSettings):
        self.objective = TransportObjective(settings, annealing)

    def __call__(self, views: Views, progress: float) -> Value:
        """The expected cost of each pair under its plan."""
        loss, plan = self.objective(
            views.teacher, views.student, progress=progress, affinities=views.affinities
        )
        seen = {"marginal_error": plan.marginal_error, "converged": plan.converged.float()}
        return Value(loss, seen)
