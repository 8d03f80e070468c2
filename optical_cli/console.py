"""What people see: stderr logging, progress, tables. Data alone goes to stdout."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

PLAIN_INTERVAL_SECONDS = 60.0

stderr = Console(stderr=True, highlight=False)


def set_up(*, quiet: bool = False, verbose: bool = False) -> None:
    """Send the package's log to stderr: warnings only if `quiet`, debug lines if `verbose`."""
    _listen(logging.WARNING if quiet else logging.DEBUG if verbose else logging.INFO)


def leave_to_others() -> None:
    """Log nothing but errors: another process of the same run says the rest."""
    _listen(logging.ERROR)


def _listen(level: int) -> None:
    logger = logging.getLogger("optical_cli")
    logger.setLevel(level)
    logger.handlers = [_handler()]
    logger.propagate = False


def is_quiet() -> bool:
    """Whether only warnings and errors are wanted."""
    return logging.getLogger("optical_cli").level > logging.INFO


def _handler() -> logging.Handler:
    if stderr.is_terminal:
        return RichHandler(console=stderr, show_time=False, show_path=False, show_level=False,
                           highlighter=None, markup=False)  # fmt: skip
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_PlainFormatter())
    return handler


class _PlainFormatter(logging.Formatter):
    """``optical: warning: ...`` for warnings and worse, ``optical: ...`` below."""

    def format(self, record: logging.LogRecord) -> str:
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return f"optical: {level}{record.getMessage()}"


def error(message: str, hint: str | None = None) -> None:
    """Print one plain error line, and a hint line if there is a remedy."""
    print(f"optical: error: {message}", file=sys.stderr)
    if hint:
        print(f"  hint: {hint}", file=sys.stderr)


class Steps:
    """Progress of one task: `advance` it, and `note` what the line should also say."""

    def __init__(self, description: str, total: float | None):
        self.description = description
        self.total = total
        self.done = self.skipped = 0.0
        self.started = time.monotonic()
        self.text = ""

    def advance(self, amount: float = 1) -> None:
        """Count `amount` more as done."""
        self.done += amount
        self._show()

    def skip(self, amount: float) -> None:
        """Count `amount` as done that took no time, so that rate and time left stay true."""
        if self.skipped == self.done:  # Nothing else has been done yet.
            self.started = time.monotonic()
        self.skipped += amount
        self.advance(amount)

    def note(self, text: str) -> None:
        """Say `text` behind the numbers, such as the loss."""
        self.text = text

    def rate(self) -> float:
        """Items per second since the start, those skipped apart."""
        return (self.done - self.skipped) / max(time.monotonic() - self.started, 1e-9)

    def _show(self) -> None:
        raise NotImplementedError


class _BarSteps(Steps):
    def __init__(self, description: str, total: float | None, bar: Progress):
        super().__init__(description, total)
        self.bar = bar
        self.task = bar.add_task(description, total=total, rate="", text="")

    def _show(self) -> None:
        self.bar.update(
            self.task, completed=self.done, rate=f"{self.rate():,.4g}/s", text=self.text
        )


class _PlainSteps(Steps):
    def __init__(self, description: str, total: float | None):
        super().__init__(description, total)
        self.shown = self.started

    def _show(self) -> None:
        now = time.monotonic()
        if now - self.shown < PLAIN_INTERVAL_SECONDS:
            return
        self.shown = now
        share = left = ""
        if self.total:
            share = f" of {self.total:,.0f}"
            left = f", {(self.total - self.done) / max(self.rate(), 1e-9):,.0f} s left"
        line = f"{self.description}: {self.done:,.0f}{share}, {self.rate():,.4g}/s{left}"
        logging.getLogger(__name__).info("%s", f"{line}  {self.text}".rstrip())


@contextmanager
def progress(description: str, total: float | None = None) -> Iterator[Steps]:
    """Show progress on stderr: a bar on a terminal, else a plain line at most once a minute."""
    if is_quiet() or not stderr.is_terminal:
        yield _PlainSteps(description, total)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[text]}"),
    )  # fmt: skip
    with Progress(*columns, console=stderr, transient=True) as bar:
        yield _BarSteps(description, total, bar)


def print_table(
    title: str | None,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    to_stdout: bool = False,
) -> None:
    """Print a small table: the first column left, the others right.

    It goes to stderr, and nowhere if the log is quiet, unless it is data.
    """
    if not to_stdout and is_quiet():
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(header):
        table.add_column(name, justify="left" if place == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    target = Console(file=sys.stdout, highlight=False, markup=False) if to_stdout else stderr
    if not target.is_terminal:
        target.width = max(target.width, 200)
    target.print(table)
