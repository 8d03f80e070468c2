"""The scheduled weighted sum of objectives that a run minimises."""

from collections.abc import Mapping

from optical_cli.training.objectives.expression import Schedule
from optical_cli.training.objectives.terms import Term, Value, Views


class Combined:
    """``sum_k w_k(progress) * term_k``.

    Args:
        schedule: The weights over the training.
        terms: What they weigh, by name.
    """

    def __init__(self, schedule: Schedule, terms: Mapping[str, Term]):
        self.schedule = schedule
        self.terms = terms

    def __call__(self, views: Views, progress: float) -> Value:
        """The weighted sum for each pair; each term is also seen by itself."""
        total, seen = 0.0, {}
        for name, weight in self.schedule.at(progress).items():
            value = self.terms[name](views, progress)
            total = total + weight * value.losses
            if value.applies:
                seen |= {name: value.losses.detach(), **value.seen}
        return Value(total, seen)
