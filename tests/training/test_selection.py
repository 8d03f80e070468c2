"""What is selected on is made and computed once, whatever the number of processes."""

from types import SimpleNamespace

import pytest

from optical_cli.training.loop.fitting import _selection
from optical_cli.training.loop.horizon import Horizon
from optical_cli.training.loop.selection import Score
from optical_cli.training.settings import ScheduleSettings, ValidationSettings


@pytest.mark.parametrize("main", [True, False])
def test_only_the_main_process_makes_what_it_selects_on(main):
    made = []

    def make():
        made.append(True)
        return lambda: 0.5

    selecting = ValidationSettings(validate_every=3, patience=2)
    accelerator = SimpleNamespace(is_main_process=main)
    selection = _selection(Score("AP", make), None, None, selecting, accelerator)
    assert (selection.name, selection.every, selection.patience) == ("AP", 3, 2)
    assert made == [True] * main
    assert (selection.score is not None) == main


class FewBatches(list):
    """Data of 100 rows in 8 batches."""

    def batches_in_epoch(self):
        return 8


@pytest.mark.parametrize(
    ("schedule", "every"),
    [
        (ScheduleSettings(epochs=5), 4),
        (ScheduleSettings(steps=70), 7),
        (ScheduleSettings(epochs=0.5), 1),
    ],
)
def test_unless_told_it_is_looked_at_ten_times(schedule, every):
    data = FewBatches(range(100))
    horizon, alone = Horizon(schedule, len(data)), SimpleNamespace(is_main_process=False)
    selection = _selection(Score("AP", None), data, horizon, ValidationSettings(), alone)
    assert selection.every == every
