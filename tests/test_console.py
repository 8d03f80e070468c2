"""Progress: what it says of the time that is left."""

import logging

import pytest

from optical_cli import console


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    now = [100.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    return now


def test_what_was_done_before_does_not_make_the_rest_look_quick(clock, caplog):
    steps = console._PlainSteps("encoding", 1000)
    clock[0] += 30  # Reading past what is there already.
    steps.skip(800)
    clock[0] += 100
    with caplog.at_level(logging.INFO, logger="optical_cli.console"):
        logging.getLogger("optical_cli").propagate = True
        steps.advance(100)
    assert steps.rate() == pytest.approx(1)
    assert "encoding: 900 of 1,000, 1/s, 100 s left" in caplog.text


def test_nothing_done_yet_is_no_division_by_zero(clock):
    steps = console._PlainSteps("encoding", 10)
    clock[0] += 100
    steps.skip(4)
    clock[0] += 100
    steps.skip(4)
    assert steps.rate() == 0
