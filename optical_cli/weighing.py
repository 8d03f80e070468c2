"""What query tokens weigh in retrieval: the word that transport and encoders share for it."""

from dataclasses import dataclass
from typing import Literal, get_args

# What a backbone says of its tokens by itself; IDF is of a collection.
BackboneWeight = Literal["norm", "attention"]
BACKBONE_WEIGHTS = get_args(BackboneWeight)
Weight = Literal["idf", BackboneWeight]
WEIGHTS = ("idf", *BACKBONE_WEIGHTS)


@dataclass(frozen=True)
class Weighing:
    """How query tokens weigh otherwise than all alike, which is false.

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
        return cls("words" in parts, next((w for w in WEIGHTS if w in parts), None))

    @property
    def of_backbone(self) -> BackboneWeight | None:
        """What tokens weigh by, if it is what a backbone says of them, else None."""
        return self.by if self.by in BACKBONE_WEIGHTS else None

    def __bool__(self) -> bool:
        return self.words or self.by is not None

    def __str__(self) -> str:
        return "+".join([*(["words"] if self.words else []), *([self.by] if self.by else [])])
