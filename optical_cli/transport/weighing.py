"""What query tokens weigh in retrieval, where transport weighs them by it."""

from dataclasses import dataclass
from typing import Literal, get_args

Weight = Literal["idf", "norm", "attention"]


@dataclass(frozen=True)
class Weighing:
    """How marginals weigh tokens otherwise than all alike, which is false.

    Attributes:
        words: The pieces of a word share what one token would have.
        by: What a token weighs; None for all alike.
    """

    words: bool = False
    by: Weight | None = None

    @classmethod
    def of(cls, marginals: str) -> "Weighing":
        """What the marginals called so, such as ``words+norm``, weigh by."""
        parts = marginals.split("+")
        return cls("words" in parts, next((w for w in get_args(Weight) if w in parts), None))

    def __bool__(self) -> bool:
        return self.words or self.by is not None

    def __str__(self) -> str:
        return "+".join([*(["words"] if self.words else []), *([self.by] if self.by else [])])
