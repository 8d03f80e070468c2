"""Processor time by step."""

import time
from collections import Counter


class Stopwatch:
    """Books the processor time since the last lap on the step that ended."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.last = time.process_time()

    def lap(self, step: str) -> None:
        """`step` ends here."""
        now = time.process_time()
        self.seconds[step] += now - self.last
        self.last = now
