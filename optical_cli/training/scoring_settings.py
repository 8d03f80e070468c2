"""What `optical score-bitext` is told; no torch here."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.errors import UsageError
from optical_cli.settings import argument, columns, limit, option


@dataclass(frozen=True, kw_only=True)
class ScoringSettings:
    """What is scored, by whom."""

    input: Path = argument(
        help="Sentence pairs, tab-separated: source and target.", metavar="INPUT"
    )
    teacher: str = option(
        help="Encoder that reads the source side: a folder or a hub name.", metavar="DIR"
    )
    student: Path = option(
        help="Student of `optical distill`: with --folds 2 or more it says how the students of the"
        " folds are trained, with --folds 1 it reads the target side itself.",
        metavar="DIR",
    )
    folds: int = option(
        2,
        help="Train so many students, each on all folds but one, and let each score the fold that"
        " it has not seen; 1 trains none.",
        metavar="K",
    )
    columns: str = columns("1,2", "source and target")
    limit: int | None = limit("pairs")
    neighbors: int = option(
        4, help="Neighbors of each side that the margin compares a pair with.", metavar="N"
    )
    students: Path | None = option(
        None,
        help="Keep the students of the folds here, and take those that are here already.",
        metavar="DIR", occasion=True,
    )  # fmt: skip

    def __post_init__(self):
        for name in ("folds", "neighbors"):
            if getattr(self, name) < 1:
                raise UsageError(f"--{name} must be at least 1")
