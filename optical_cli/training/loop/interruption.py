"""SIGTERM and Ctrl-C end a run after the step that is under way, with a checkpoint."""

import signal
from types import FrameType


class Interruption:
    """Notes the first signal; a second Ctrl-C interrupts at once.

    Attributes:
        signal: The signal that came, or None.
    """

    def __init__(self):
        self.signal: int | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Interruption":
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number


def leave(number: int) -> None:
    """End the process as the signal `number` asks for.

    Raises:
        KeyboardInterrupt: For Ctrl-C.
        SystemExit: With 128 and the number for others.
    """
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
