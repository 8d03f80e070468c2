"""Bounds of options: what a number must be."""

from optical_cli.errors import UsageError


def require_at_least(least: int, **values: float | None) -> None:
    """Raise for the first of the options `values` that is smaller; None is no value.

    Raises:
        UsageError: One is, with its flag.
    """
    for name, value in values.items():
        if value is not None and not value >= least:
            flag = name.replace("_", "-")
            raise UsageError(f"--{flag} {value:g}: must be at least {least}")


def require_share(**values: float) -> None:
    """Raise for the first of the options `values` that is not in [0, 1).

    Raises:
        UsageError: One is not, with its flag.
    """
    for name, value in values.items():
        if not 0 <= value < 1:
            raise UsageError(f"--{name} {value:g}: must be a share, from 0 to below 1")


def require_positive(**values: float | None) -> None:
    """Raise for the first of the options `values` that is not above 0; None is no value.

    Raises:
        UsageError: One is not, with its flag.
    """
    for name, value in values.items():
        if value is not None and not value > 0:
            raise UsageError(f"--{name.replace('_', '-')} {value:g}: must be above 0")
