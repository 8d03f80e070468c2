"""Teacher agreement: a score for selection that needs bitext alone, no judgement of relevance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from optical_cli.encoders.bulk import encode_in_bulk
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.scoring import maxsim
from optical_cli.encoders.tokens import Side

QUERIES_AT_ONCE = 8
PASSAGES_AT_ONCE = 256


@dataclass(frozen=True)
class Texts:
    """Token vectors of texts, padded to one length.

    Attributes:
        vectors: Zero at padding.
        mask: What is scored.
    """

    vectors: Float[Tensor, "text token dim"]
    mask: Bool[Tensor, "text token"]

    def parts(self, size: int) -> Iterator["Texts"]:
        """These texts, `size` at a time, each part as narrow as its longest text."""
        for start in range(0, len(self.mask), size):
            mask = self.mask[start : start + size]
            width = max(int(mask.sum(1).max()), 1)
            yield Texts(self.vectors[start : start + size, :width], mask[:, :width])


def encode(
    encoder: LateInteractionEncoder,
    side: Side,
    texts: Sequence[str],
    *,
    weigh: bool = False,
    dtype: str = "auto",
) -> Texts:
    """The scored vectors of `texts`, on the encoder's device; its mode is left as it was."""
    training = encoder.training
    parts = encode_in_bulk(encoder, texts, side, weigh=weigh, dtype=dtype, store="float32")
    rows = [torch.from_numpy(row) for part in parts for row in part.split()]
    encoder.train(training)
    vectors = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(vectors.shape[1]) < lengths[:, None]
    return Texts(vectors.to(encoder.device), mask.to(encoder.device))


def scores(queries: Texts, passages: Texts) -> Float[Tensor, "query passage"]:
    """MaxSim of every query with every passage, a few of either at a time."""
    parts = list(passages.parts(PASSAGES_AT_ONCE))
    rows = (
        [maxsim(q.vectors, q.mask, p.vectors, p.mask) for p in parts]
        for q in queries.parts(QUERIES_AT_ONCE)
    )
    return torch.cat([torch.cat(row, 1) for row in rows])


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
        with torch.no_grad():
            self.passages = encode(teacher, teacher.passage_side(), texts, dtype=dtype)
            asked = encode(teacher, teacher.query_side(), sources, weigh=True, dtype=dtype)
        self.itself = _equal(sources, texts).to(teacher.device)
        self.top: Int[Tensor, " query"] = self._scores(asked).argmax(1)

    @torch.no_grad()
    def __call__(self) -> float:
        """The student's agreement, from 0 to 1."""
        side = self.student.query_side()
        asked = encode(self.student, side, self.targets, weigh=True, dtype=self.dtype)
        return _mean_reciprocal_rank(self._scores(asked), self.top)

    def _scores(self, queries: Texts) -> Float[Tensor, "query passage"]:
        found = scores(queries, self.passages)
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
        with torch.no_grad():
            self.asked = encode(teacher, teacher.query_side(), queries, weigh=True, dtype=dtype)
            held = encode(teacher, teacher.passage_side(), list(pairs), dtype=dtype)
        self.itself = _equal(queries, list(pairs)).to(teacher.device)
        self.top = self._scores(held).argmax(1)

    @torch.no_grad()
    def __call__(self) -> float:
        """The student's agreement, from 0 to 1."""
        side = self.student.passage_side()
        held = encode(self.student, side, self.targets, dtype=self.dtype)
        return _mean_reciprocal_rank(self._scores(held), self.top)

    def _scores(self, passages: Texts) -> Float[Tensor, "query passage"]:
        return scores(self.asked, passages).masked_fill(self.itself, -torch.inf)


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
