"""``mse``: the squared distance of the two means of token vectors."""

from optical_cli.training.objectives.terms import Value, Views, pooled
from optical_cli.transport.settings import TransportSettings


class PooledSquaredError:
    """``|sum_i a_i x_i - sum_j b_j y_j|^2`` over unit token vectors with mass a and b.

    Half of this is what the debiased transport cost 1 - cos tends to as epsilon grows without
    bound: pooling is one end of transport's axis.
    """

    def __init__(self, settings: TransportSettings):
        self.marginals = settings.marginals

    def __call__(self, views: Views, progress: float) -> Value:
        """The squared distance of each pair's means."""
        teacher, student = (pooled(s, self.marginals) for s in (views.teacher, views.student))
        return Value((teacher - student).square().sum(-1))
