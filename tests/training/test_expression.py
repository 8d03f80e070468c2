import pytest

from optical_cli.errors import UsageError
from optical_cli.training.objectives import OBJECTIVES
from optical_cli.training.objectives.expression import NAMES, parse_objective


def test_a_name_is_an_objective():
    schedule = parse_objective("ot")
    assert schedule.at(0.0) == schedule.at(1.0) == {"ot": 1.0}


def test_sums_and_phases():
    schedule = parse_objective("mse=1@0.3,ot=1+mse=0.3")
    assert schedule.at(0.29) == {"mse": 1.0}
    assert schedule.at(0.3) == {"ot": 1.0, "mse": 0.3}
    assert schedule.names == ["mse", "ot"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sot", "did you mean ot"),
        ("", "unknown objective ''"),
        ("ot=0", "no positive number"),
        ("ot=nan", "no positive number"),
        ("ot+ot", "twice"),
        ("mse,ot", "until when"),
        ("mse@0.5", "lasts to the end"),
        ("mse@0.7,cosine@0.5,ot", "must rise"),
        ("mse@1.5,ot", "must rise"),
    ],
)
def test_malformed_expressions_say_what_is_wrong(text, message):
    with pytest.raises(UsageError, match=message):
        parse_objective(text)


def test_every_name_has_its_class():
    assert set(NAMES) == set(OBJECTIVES)
