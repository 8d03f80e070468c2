"""Teacher agreement: a score for selection that needs bitext alone, no judgement of relevance."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from optical_cli.encoders.bulk import PackedVectors, encode_in_bulk
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.packed_scoring import maxsim_packed
from optical_cli.encoders.tokens import Side

log = logging.getLogger(__name__)


def encode(
    encoder: LateInteractionEncoder,
    side: Side,
    texts: Sequence[str],
    *,
    weigh: bool = False,
    dtype: str = "auto",
) -> PackedVectors:
    """The scored vectors of `texts`, in float16 as `optical encode` stores them.

    The encoder's mode is left as it was.
    """
    training = encoder.training
    parts = list(encode_in_bulk(encoder, texts, side, weigh=weigh, dtype=dtype))
    encoder.train(training)
    vectors, lengths = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("vectors", "lengths")
    )
    return PackedVectors(vectors, lengths, sum(part.cut for part in parts))


class TeacherAgreement:
    """The mean AP of the student's ranking when the teacher's top passage is what is relevant.

    The queries are translations; the teacher ranks the passages for the original of each, and its
    first one counts as the only relevant passage for the translation, so AP is its reciprocal
    rank. The original itself is not ranked: to find one's own translation is so easy that the
    score would be near 1 before the first step. The teacher's own value is 1. Ties count against
    the student.

    Args:
        student: What is judged, as it is at each call.
        teacher: Ranks the passages and encodes them.
        sources: Originals.
        targets: Their translations.
        passages: What is ranked; the other originals if None.
        dtype: Precision of the backbones.
    """

    def __init__(
        self,
        student: LateInteractionEncoder,
        teacher: LateInteractionEncoder,
        sources: Sequence[str],
        targets: Sequence[str],
        *,
        passages: Sequence[str] | None = None,
        dtype: str = "auto",
    ):
        self.student = student
        self.targets = targets
        self.dtype = dtype
        texts = list(dict.fromkeys(sources if passages is None else passages))
        _warn_of_few(texts)
        with torch.no_grad():
            self.passages = encode(teacher, teacher.passage_side(), texts, dtype=dtype)
            asked = encode(teacher, teacher.query_side(), sources, weigh=True, dtype=dtype)
        self.itself = _equal(sources, texts)
        self.top: Int[Tensor, " query"] = self._scores(asked).argmax(1)

    @torch.no_grad()
    def __call__(self) -> float:
        """The student's agreement, from 0 to 1."""
        student = self.student.reading(self.targets)
        side = student.query_side()
        asked = encode(student, side, self.targets, weigh=True, dtype=self.dtype)
        return _mean_reciprocal_rank(self._scores(asked), self.top)

    def _scores(self, queries: PackedVectors) -> Float[Tensor, "query passage"]:
        found = maxsim_packed(queries, self.passages, self.student.device)
        return found.masked_fill(self.itself, -torch.inf)


class PassageAgreement:
    """The same for a student that encodes passages: the teacher asks, translations are ranked.

    The teacher ranks sources for each query; the translation of its first one counts as the only
    relevant passage among all translations, as the student encodes them.

    Args:
        student: What is judged, as it is at each call.
        teacher: Encodes queries, and sources as passages.
        queries: Sources that are asked; each is no passage for itself.
        pairs: Sources and their translations, which are ranked.
        dtype: Precision of the backbones.
    """

    def __init__(
        self,
        student: LateInteractionEncoder,
        teacher: LateInteractionEncoder,
        queries: Sequence[str],
        pairs: Mapping[str, str],
        *,
        dtype: str = "auto",
    ):
        self.student = student
        self.targets = list(pairs.values())
        self.dtype = dtype
        _warn_of_few(list(pairs))
        with torch.no_grad():
            self.asked = encode(teacher, teacher.query_side(), queries, weigh=True, dtype=dtype)
            held = encode(teacher, teacher.passage_side(), list(pairs), dtype=dtype)
        self.itself = _equal(queries, list(pairs))
        self.top = self._scores(held).argmax(1)

    @torch.no_grad()
    def __call__(self) -> float:
        """The student's agreement, from 0 to 1."""
        side = self.student.passage_side()
        held = encode(self.student, side, self.targets, dtype=self.dtype)
        return _mean_reciprocal_rank(self._scores(held), self.top)

    def _scores(self, passages: PackedVectors) -> Float[Tensor, "query passage"]:
        found = maxsim_packed(self.asked, passages, self.student.device)
        return found.masked_fill(self.itself, -torch.inf)


def _warn_of_few(ranked: Sequence[str]) -> None:
    """A text's own passage is not ranked for it, and one alone is always the first."""
    if len(ranked) < 3:
        log.warning(
            "%d distinct texts are ranked to select by: whatever a student does, it agrees",
            len(ranked),
        )


def _mean_reciprocal_rank(
    found: Float[Tensor, "query passage"], top: Int[Tensor, " query"]
) -> float:
    own = found.gather(1, top[:, None])
    better = (found >= own).sum(1)  # itself included, so this is its rank
    return float((1.0 / better).mean())


def _equal(sources: Sequence[str], texts: Sequence[str]) -> Bool[Tensor, "query passage"]:
    """Which passage is the same text as which source."""
    places = {text: place for place, text in enumerate(texts)}
    equal = torch.zeros(len(sources), len(texts), dtype=torch.bool)
    for row, source in enumerate(sources):
        if source in places:
            equal[row, places[source]] = True
    return equal
