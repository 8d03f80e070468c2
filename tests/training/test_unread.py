"""Which options nothing reads: all of those, and none that something reads."""

import pytest

from optical_cli.training.distillation.unread import unread
from optical_cli.training.settings import DistillSettings, SelectionSettings
from optical_cli.transport import AnnealingSettings, TransportSettings

DISTILL = {"teacher": "teacher", "bitext": ("pairs.tsv",)}


def told(objective, transport=None, annealing=None, *, vocabulary=False, **selecting):
    return unread(
        DistillSettings(objective=objective, **DISTILL), transport or TransportSettings(),
        annealing or AnnealingSettings(), SelectionSettings(**selecting), vocabulary=vocabulary,
    )  # fmt: skip


@pytest.mark.parametrize(
    "objective, read",
    [("ot", {"transport.cost", "transport.beta", "transport.center_plan", "annealing.prior"}),
     ("cosine+ot=0.5", {"transport.cost", "annealing.prior"}), ("chamfer", {"transport.cost"}),
     ("contrastive", {"distill.temperature"}),
     ("score-kl", {"distill.temperature", "passages.passages"}),
     ("mse", {"transport.marginals"})],
)  # fmt: skip
def test_what_an_objective_reads_is_not_told(objective, read):
    assert not read & told(objective).keys()


@pytest.mark.parametrize(
    "objective, ignored",
    [("ot", {"transport.epsilon", "distill.temperature", "passages.passages"}),
     ("greedy", {"transport.cost", "transport.center_plan", "transport.solver"}),
     ("chamfer", {"transport.solver", "annealing.prior"}), ("mse", {"transport.cost"})],
)  # fmt: skip
def test_what_it_does_not_read_is_told(objective, ignored):
    assert ignored <= told(objective).keys()


def test_schedule_priors_selection_and_vocabulary():
    annealed = told("ot", TransportSettings(solver="sinkhorn"), AnnealingSettings(
        epsilon_schedule="inf:0.1", prior=("position",)))  # fmt: skip
    assert "transport.epsilon" in annealed and "annealing.prior_weight" not in annealed
    assert "transport.epsilon" not in told("ot", TransportSettings(solver="sinkhorn"))
    assert "annealing.prior_weight" in told("ot")
    assert "selection.patience" in told("ot") and "selection.patience" not in told("ot", dev="d")
    assert "selection.dev_passages" in told("ot", dev="d")
    assert "selection.dev_columns" in told("ot", dev_queries="q", dev_qrels="j")
    assert "back_off.min_similarity" in told("ot")
    assert "back_off.min_similarity" not in told("ot", vocabulary=True)
