"""The passages of the ``score-kl`` objective."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.bounds import COUNT, NOT_NEGATIVE
from optical_cli.errors import UsageError
from optical_cli.settings import option


@dataclass(frozen=True, kw_only=True)
class PassagesSettings:
    """What the scores of a text and of its translation are compared on."""

    passages: Path | None = option(
        None,
        help="Passages in the teacher's language for --objective score-kl: a collection, or the"
        " folder of `optical encode` with the teacher. A few thousand are plenty; the teacher"
        " ranks all of them for every sentence once.",
        metavar="FILE|DIR",
    )
    top_passages: int = option(
        16,
        help="The teacher's best passages for a sentence, on which scores are compared.",
        within=COUNT,
    )
    random_passages: int = option(16, help="Random passages beside them.", within=NOT_NEGATIVE)

    def __post_init__(self):
        if self.top_passages + self.random_passages < 2:
            raise UsageError("--top-passages and --random-passages must be 2 together at least")
