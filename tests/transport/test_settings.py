"""Strengths, schedules and what settings refuse."""

import math

import pytest

from optical_cli.errors import UsageError
from optical_cli.transport import Amount, EpsilonSchedule, TransportSettings


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
    [{"beta": "half"}, {"beta": "inf"}, {"epsilon": "-1"}, {"epsilon_schedule": "1x"},
     {"iterations": 0}, {"partial_share": 0.0}, {"partial_share": 1.1},
     {"prior_decay": 0.0}, {"mass_penalty": 0.0}, {"prior_weight": -0.1},
     {"mass_penalty": math.inf}, {"prior_weight": math.nan}, {"prior_weight": math.inf},
     {"center_plan": True, "solver": "divergence"}],
)  # fmt: skip
def test_settings_are_checked_when_made(bad):
    with pytest.raises(UsageError):
        TransportSettings(**bad)


def test_unknown_names_are_told(alone):
    code = (
        "from optical_cli.errors import UsageError\n"
        "from optical_cli.transport.settings import TransportSettings\n"
        "for bad in ({'solver': 'sinkhorm'}, {'cost': 'cos'}, {'marginals': 'reel'},\n"
        "            {'prior': ('position', 'lexicn')}):\n"
        "    try: TransportSettings(**bad)\n"
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
    with pytest.raises(UsageError, match=f"--solver {solver} has no epsilon"):
        TransportSettings(solver=solver, epsilon_schedule="inf:0.05x")


@pytest.mark.parametrize("options", [{"epsilon": "inf"}, {"epsilon_schedule": "inf:0.05x"}])
def test_unbalanced_transport_has_no_limit_at_infinity(options):
    with pytest.raises(UsageError, match="--solver unbalanced needs a finite epsilon"):
        TransportSettings(solver="unbalanced", **options)
    TransportSettings(solver="unbalanced", epsilon="inf", epsilon_schedule="1:0.05")


def test_priors_fade_linearly_to_nothing():
    settings = TransportSettings(prior_weight=0.4, prior_decay=0.5)
    weights = [settings.prior_weight_at(progress) for progress in (0.0, 0.25, 0.5, 1.0)]
    assert weights == pytest.approx([0.4, 0.2, 0, 0])


def test_a_schedule_goes_before_epsilon():
    settings = TransportSettings(solver="sinkhorn", epsilon="0.3", epsilon_schedule="inf:0.1")
    assert settings.epsilon_at(1.0).value == pytest.approx(0.1)
    assert TransportSettings(epsilon="0.3x").epsilon_at(0.5) == Amount(0.3, True)
