"""What a student starts from, what it reads, and which part of it is trained."""

from dataclasses import dataclass
from typing import Literal

from optical_cli.bounds import COUNT, PART
from optical_cli.settings import option
from optical_cli.training.loop.unfreezing import GradualUnfreezing

SideName = Literal["query", "passage"]
HeadName = Literal["own", "teacher", "ridge", "random"]
EncodeSide = Literal["query", "passage", "both"]


@dataclass(frozen=True, kw_only=True)
class StudentSettings:
    """What the student reads, and which part of it is trained."""

    init: str = option(
        "teacher", help="What the student starts from: teacher, or an encoder's folder or name.",
        metavar="teacher|NAME|DIR",
    )  # fmt: skip
    head: HeadName = option(
        "own",
        help="What makes --init NAME as wide as the teacher: its own vectors, the teacher's head,"
        " the linear map that takes its English tokens nearest to the teacher's (ridge, learned on"
        " the bitext's source side), or a random one.",
    )
    encode_side: EncodeSide = option(
        "query",
        help="What the student encodes in its language: queries for the teacher's passages,"
        " passages for the teacher's queries, or both, batch by batch in turn.",
    )
    also_source: float = option(
        0.0,
        help="Share of each batch in which the student reads the source side, too, so that it"
        " stays good at the teacher's language.",
        metavar="SHARE",
        within=PART,
    )
    layers: tuple[int, ...] = option(
        (),
        help="Hidden layer, from 1, whose states are aligned by a plan of their own, beside the"
        " token vectors that retrieval uses. Repeatable; all count alike.",
        metavar="N",
        within=COUNT,
    )
    train: str = option(
        "all",
        help="What is trained: all, embeddings (of tokens, the rest stays as it is), or"
        " embeddings@0.2: for the first fifth of the training embeddings alone, then all.",
        metavar="all|embeddings[@SHARE]",
    )

    def __post_init__(self):
        GradualUnfreezing.parse(self.train)

    @property
    def sides(self) -> tuple[SideName, ...]:
        """What the student learns to encode."""
        return ("query", "passage") if self.encode_side == "both" else (self.encode_side,)
