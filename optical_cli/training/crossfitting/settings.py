"""What `optical score-bitext` is told; no torch here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from optical_cli.bounds import COUNT, Bounds
from optical_cli.errors import UsageError
from optical_cli.settings import argument, columns, limit, option

FOLDS, FOLDS_BY_WORDS = 2, 5


@dataclass(frozen=True, kw_only=True)
class ScoringSettings:
    """What is scored, by whom."""

    input: Path = argument(
        help="Sentence pairs, tab-separated: source and target.", metavar="INPUT"
    )
    by: Literal["transport", "words"] = option(
        "transport",
        help="What tells: transport cost, by --teacher and --student; or word translations that"
        " the pairs themselves teach, without any model.",
    )
    teacher: str | None = option(
        None, help="Encoder that reads the source side: a folder or a hub name.", metavar="DIR"
    )
    student: Path | None = option(
        None,
        help="Student of `optical distill`: with --folds 2 or more it says how the students of the"
        " folds are trained, with --folds 1 it reads the target side itself.",
        metavar="DIR",
    )
    folds: int | None = option(
        None,
        help="Train so many students, each on all folds but one, and let each score the fold that"
        " it has not seen; 1 trains none (default: 2). By words: models of translation (5).",
        metavar="K",
    )
    columns: str = columns("1,2", "source and target")
    limit: int | None = limit("pairs")
    neighbors: int = option(
        4,
        help="Neighbors of each side that the margin compares a pair with.",
        metavar="N",
        within=COUNT,
    )
    students: Path | None = option(
        None,
        help="Keep the students of the folds here, and take those that are here already.",
        metavar="DIR", occasion=True,
    )  # fmt: skip

    def __post_init__(self):
        words = self.by == "words"
        if self.folds is None:
            object.__setattr__(self, "folds", FOLDS_BY_WORDS if words else FOLDS)
        Bounds(least=2 if words else 1).require("--folds", self.folds)
        models = {"--teacher": self.teacher, "--student": self.student}
        wrong = [name for name, value in models.items() if (value is None) != words]
        wrong += ["--students"] if words and self.students else []
        if wrong:
            what = "takes no" if words else "needs"
            raise UsageError(f"--by {self.by} {what} {', '.join(wrong)}")
