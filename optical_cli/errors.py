"""What can go wrong through no fault of ours, and the exit code of each kind."""

from collections.abc import Sequence
from pathlib import Path

FAULTS_SHOWN = 10


class OpticalError(Exception):
    """A fault that one plain line explains; `main` prints it and exits with `exit_code`.

    Args:
        message: What is wrong, without a full stop.
        where: The place, such as a path or ``pairs.tsv:17``; printed first.
        hint: What would help, printed on a line of its own.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: object = None, hint: str | None = None):
        super().__init__(f"{where}: {message}" if where is not None else message)
        self.hint = hint


class UsageError(OpticalError):
    """The command line or the settings file asks for something impossible."""

    exit_code = 2


class InputError(OpticalError):
    """An input is missing, malformed, empty or misaligned."""

    exit_code = 3

    @classmethod
    def gather(cls, faults: Sequence[str], *, hint: str | None = None) -> "InputError":
        """One error that shows up to ten `faults`, each with its own place, and counts the rest."""
        shown = list(faults[:FAULTS_SHOWN])
        if len(faults) > FAULTS_SHOWN:
            shown.append(f"and {len(faults) - FAULTS_SHOWN} more")
        return cls("\n".join(shown), hint=hint)


class OutputError(OpticalError):
    """The output exists already, is being written, or does not match its manifest."""

    exit_code = 4


class EnvironmentFault(OpticalError):
    """A missing extra, device, memory or disk space."""

    exit_code = 5


class DiskFull(EnvironmentFault):
    """What is to be written does not fit on the disk.

    Args:
        problem: What is wrong, without a place.
        where: What was being written.
        hint: What would help.
    """

    def __init__(self, problem: str, *, where: object, hint: str | None = None):
        super().__init__(problem, where=where, hint=hint)
        self.problem = problem
        self.where = Path(str(where))


class NumericalError(OpticalError):
    """A loss or a transport plan is not finite."""

    exit_code = 6
