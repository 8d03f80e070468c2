"""Strengths, schedules and what settings refuse."""

import math

import pytest

from optical_cli.errors import UsageError
from optical_cli.transport import (
    Amount,
    AnnealingSettings,
    EpsilonSchedule,
    TransportObjective,
    TransportSettings,
)


@pytest.mark.parametrize(
    "text, amount",
    [("0.5", Amount(0.5)), ("0.5x", Amount(0.5, True)), (2.0, Amount(2.0)),
     (" 1e-3x", Amount(1e-3, True)), ("inf", Amount(math.inf)), ("infx", Amount(math.inf))],
)  # fmt: skip
def test_strengths_parse(text, amount):
    assert Amount.parse(text) == amount
    assert Amount.parse(str(amount)) == amount


def test_a_schedule_moves_the_inverse_linearly():
    schedule = EpsilonSchedule.parse("inf:0.05x")
    assert schedule.at(0.0) == Amount(math.inf)
    assert schedule.at(0.5) == Amount(0.1, True)
    assert schedule.at(1.0).value == pytest.approx(0.05)
    finite = EpsilonSchedule.parse("1:0.1")
    assert finite.at(0.5).value == pytest.approx(1 / 5.5) and not finite.at(0.5).relative


def test_a_schedule_may_end_before_training_does():
    schedule = EpsilonSchedule.parse("inf:0.05x@0.5")
    assert schedule.at(0.25) == Amount(0.1, True)
    assert schedule.at(0.5) == schedule.at(0.9) == schedule.at(2.0)


def test_a_schedule_falls_all_the_way():
    values = [EpsilonSchedule.parse("inf:0.05x").at(step / 20).value for step in range(21)]
    assert values == sorted(values, reverse=True)


def test_a_schedule_may_stay_infinite():
    assert EpsilonSchedule.parse("inf:inf").at(0.5) == Amount(math.inf)


@pytest.mark.parametrize(
    "text", ["0.05", "inf:", "inf:0.05@2", "inf:0.05@", "a:b", "1:0.05@x", "1x:0.05"]
)
def test_a_malformed_schedule_is_refused(text):
    with pytest.raises(UsageError):
        EpsilonSchedule.parse(text)


@pytest.mark.parametrize(
    "bad",
    [{"beta": "half"}, {"beta": "inf"}, {"epsilon": "-1"},
     {"iterations": 0}, {"partial_share": 0.0}, {"partial_share": 1.1},
     {"mass_penalty": 0.0}, {"mass_penalty": math.inf},
     {"center_plan": True, "solver": "divergence"}],
)  # fmt: skip
def test_settings_are_checked_when_made(bad):
    with pytest.raises(UsageError):
        TransportSettings(**bad)


def test_a_strength_that_is_none_is_told_by_its_option():
    for name in ("beta", "epsilon"):
        with pytest.raises(UsageError, match=f"--{name}: '0' is no regularization strength"):
            TransportSettings(**{name: "0"})


@pytest.mark.parametrize(
    "bad",
    [{"epsilon_schedule": "1x"}, {"prior_decay": 0.0}, {"prior_weight": -0.1},
     {"prior_weight": math.nan}, {"prior_weight": math.inf}],
)  # fmt: skip
def test_annealing_is_checked_when_made(bad):
    with pytest.raises(UsageError):
        AnnealingSettings(**bad)


def test_unknown_names_are_told(alone):
    code = (
        "from optical_cli.errors import UsageError\n"
        "from optical_cli.transport.annealing import AnnealingSettings\n"
        "from optical_cli.transport.settings import TransportSettings\n"
        "for kind, bad in ((TransportSettings, {'solver': 'sinkhorm'}),\n"
        "                  (TransportSettings, {'cost': 'cos'}),\n"
        "                  (TransportSettings, {'marginals': 'reel'}),\n"
        "                  (AnnealingSettings, {'prior': ('position', 'lexicn')})):\n"
        "    try: kind(**bad)\n"
        "    except UsageError as error: print(error, '|', error.hint)\n"
    )
    process = alone(code)
    lines = [line.split(" | there are ") for line in process.stdout.splitlines()]
    assert [line[0] for line in lines] == [
        "unknown --solver 'sinkhorm' (did you mean sinkhorn?)",
        "unknown --cost 'cos' (did you mean cosine?)",
        "unknown --marginals 'reel' (did you mean real?)",
        "unknown --prior 'lexicn' (did you mean lexicon?)",
    ]
    assert lines[1][1] == "cosine, euclidean"


@pytest.mark.parametrize("solver", ["ipot", "exact", "auto", "partial"])
def test_a_schedule_of_what_a_solver_lacks_is_refused(solver):
    annealing = AnnealingSettings(epsilon_schedule="inf:0.05x")
    with pytest.raises(UsageError, match=f"--solver {solver} has no epsilon"):
        TransportObjective(TransportSettings(solver=solver), annealing)


def test_unbalanced_transport_has_no_limit_at_infinity():
    with pytest.raises(UsageError, match="--solver unbalanced needs a finite epsilon"):
        TransportSettings(solver="unbalanced", epsilon="inf")
    unbalanced = TransportSettings(solver="unbalanced")
    with pytest.raises(UsageError, match="--solver unbalanced needs a finite epsilon"):
        TransportObjective(unbalanced, AnnealingSettings(epsilon_schedule="inf:0.05x"))
    TransportObjective(unbalanced, AnnealingSettings(epsilon_schedule="1:0.05"))


def test_priors_fade_linearly_to_nothing():
    annealing = AnnealingSettings(prior_weight=0.4, prior_decay=0.5)
    weights = [annealing.prior_weight_at(progress) for progress in (0.0, 0.25, 0.5, 1.0)]
    assert weights == pytest.approx([0.4, 0.2, 0, 0])


def test_a_schedule_goes_before_epsilon():
    annealing = AnnealingSettings(epsilon_schedule="inf:0.1")
    assert annealing.epsilon_at(1.0, "0.3").value == pytest.approx(0.1)
    assert AnnealingSettings().epsilon_at(0.5, "0.3x") == Amount(0.3, True)
