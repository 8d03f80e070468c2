"""What is selected on is made and computed once, whatever the number of processes."""

from types import SimpleNamespace

import pytest

from optical_cli.training.fitting import _selection
from optical_cli.training.selection import Score


@pytest.mark.parametrize("main", [True, False])
def test_only_the_main_process_makes_what_it_selects_on(main):
    made = []

    def make():
        made.append(True)
        return lambda: 0.5

    settings = SimpleNamespace(selecting=SimpleNamespace(validate_every=3, patience=2))
    accelerator = SimpleNamespace(is_main_process=main)
    selection = _selection(Score("AP", make), None, settings, accelerator)
    assert (selection.name, selection.every, selection.patience) == ("AP", 3, 2)
    assert made == [True] * main
    assert (selection.score is not None) == main
