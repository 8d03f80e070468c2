"""What is said before the first step of a vocabulary that does not fit."""

import pytest

from optical_cli.encoders import PieceReport
from optical_cli.training.loop import report


def counted(**more) -> PieceReport:
    plain = {"texts": 10, "words": 100, "pieces": 150, "unknown": 0, "cut": 1, "stripped": None}
    return PieceReport(**plain | more)


@pytest.fixture
def warned(monkeypatch):
    """The warnings about a target, as they are printed."""

    def warn(**more) -> list[str]:
        said = []
        with monkeypatch.context() as patch:
            patch.setattr(report.log, "warning", lambda text, *values: said.append(text % values))
            report.report_pieces([("source", counted(unknown=90)), ("target", counted(**more))])
        return said

    return warn


def test_a_vocabulary_that_fits_is_not_warned_of(warned):
    assert warned(unknown=30, pieces=400, stripped=("né", "ne"), stripped_words=1) == []


@pytest.mark.parametrize(("more", "message"), [
    ({"unknown": 31}, "target: the student's vocabulary does not know 21% of the tokens"),
    ({"pieces": 401}, "target: the student's vocabulary splits words into 4.0 pieces on average"),
    ({"stripped": ("ये", "य"), "stripped_words": 2},
     "strips marks from 2% of the words: it reads ये as य"),
    ({"stripped": ("ก" * 30, "ข" * 29), "stripped_words": 2},
     f"it reads {'ก' * 24}... as {'ข' * 24}..."),
])  # fmt: skip
def test_one_that_does_not_is_with_its_figures(warned, more, message):
    [said] = warned(**more)
    assert message in said
