"""Objectives: how far the student's view of a sentence pair is from the teacher's.

Each is a class behind a name; `make_objective` reads such as ``mse@0.3,ot=1+mse=0.3``.
"""

from optical_cli.training.objectives.chamfer import Chamfer
from optical_cli.training.objectives.combined import Combined
from optical_cli.training.objectives.contrastive import Contrastive, PooledContrastive
from optical_cli.training.objectives.cosine import PooledCosine
from optical_cli.training.objectives.expression import parse_objective
from optical_cli.training.objectives.greedy import Greedy
from optical_cli.training.objectives.mse import PooledSquaredError
from optical_cli.training.objectives.mse_hidden import HiddenSquaredError
from optical_cli.training.objectives.score_divergence import ScoreDivergence
from optical_cli.training.objectives.terms import Term, Value, Views
from optical_cli.training.objectives.transport import Transport
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.settings import TransportSettings

OBJECTIVES = {
    "ot": Transport,
    "mse": PooledSquaredError,
    "mse-hidden": HiddenSquaredError,
    "cosine": PooledCosine,
    "greedy": Greedy,
    "chamfer": Chamfer,
    "contrastive": Contrastive,
    "contrastive-pooled": PooledContrastive,
    "score-kl": ScoreDivergence,
}
__all__ = ["OBJECTIVES", "Combined", "Term", "Value", "Views", "make_objective"]


def make_objective(
    text: str,
    settings: TransportSettings,
    annealing: AnnealingSettings | None = None,
    *,
    temperature: float,
) -> Combined:
    """The objective that `text` describes.

    Args:
        text: See `parse_objective`.
        settings: Cost, marginals and solver; all objectives read the marginals from here.
        annealing: Of ``ot`` alone: its priors, and how they and epsilon change.
        temperature: Of the softmax of contrastive objectives and of passages' scores.

    Raises:
        UsageError: `text` is malformed.
    """
    schedule = parse_objective(text)
    annealing = annealing or AnnealingSettings()

    def term(name: str) -> Term:
        return _term(OBJECTIVES[name], settings, annealing, temperature)

    return Combined(schedule, {name: term(name) for name in schedule.names})


def _term(
    kind: type, settings: TransportSettings, annealing: AnnealingSettings, temperature: float
) -> Term:
    if issubclass(kind, Transport):
        return kind(settings, annealing)
    if issubclass(kind, Contrastive | ScoreDivergence):
        return kind(settings, temperature)
    return kind(settings)
