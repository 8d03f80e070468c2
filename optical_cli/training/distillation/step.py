"""One step of `optical distill`: what the student sees of a pair against what the teacher sees."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.received import listening
from optical_cli.encoders.tokens import TokenBatch
from optical_cli.errors import NumericalError
from optical_cli.training.data.pairs import PairBatch
from optical_cli.training.loop.step import NonFinite
from optical_cli.training.objectives import Term, Value, Views
from optical_cli.training.students.token_tables import TokenTables
from optical_cli.transport.marginals import TokenSide
from optical_cli.transport.precision import without_autocast

TEACHER, STUDENT = 0, 1


class Seen(NamedTuple):
    """What an encoder says of a batch of texts.

    Attributes:
        hidden: The vectors of one layer, before they are normalised.
        received: The attention that each token receives in the last layer; None where nobody asks.
    """

    hidden: Float[Tensor, "batch token dim"]
    received: Float[Tensor, "batch token"] | None = None


class DistillationStep(nn.Module):
    """From a batch of pairs to a loss for each.

    The student is the only submodule, so that nothing else is trained, wrapped or synchronised.

    Args:
        student: What is trained.
        objective: The distance.
        teacher: Frozen; None where every batch brings its cached vectors.
        tables: What marginals and priors want to know of tokens.
        layers: Hidden layers that are aligned, too, each by a plan of its own; the loss is the mean
            over them and the token vectors.
    """

    def __init__(
        self,
        student: LateInteractionEncoder,
        objective: Term,
        teacher: LateInteractionEncoder | None = None,
        tables: TokenTables | None = None,
        layers: Sequence[int] = (),
    ):
        super().__init__()
        self.student = student
        self.objective = objective
        self.tables = (tables or TokenTables()).to(student.device)
        self.layers = tuple(layers)
        self._outside = {"teacher": teacher}

    def forward(self, batch: PairBatch, progress: float) -> Value:
        """The loss of each pair after `progress`, a share of the training."""
        students = self._seen(self.student, batch.target)
        values = [
            self._value(batch, teacher, student, progress)
            for teacher, student in zip(self._teacher(batch), students, strict=True)
        ]
        return values[0] if len(values) == 1 else mean_value(values)

    def _value(self, batch: PairBatch, teacher: Seen, student: Seen, progress: float) -> Value:
        """The loss of each pair by the vectors of one layer."""
        views = Views(
            teacher=self._side(TEACHER, teacher, batch.source),
            student=self._side(STUDENT, student, batch.target),
            teacher_hidden=teacher.hidden, student_hidden=student.hidden, source_keys=batch.keys,
            affinities=self._affinities(batch), passages=batch.passages,
            as_passages=batch.as_passages,
        )  # fmt: skip
        try:
            # In bfloat16 a pooled cosine has three digits, and those of near texts are all alike.
            with without_autocast(student.hidden):
                return self.objective(views, progress)
        except NumericalError as error:
            raise NonFinite(_not_finite(views), str(error)) from error

    @torch.no_grad()
    def _teacher(self, batch: PairBatch) -> list[Seen]:
        if batch.teacher is not None:
            return [Seen(batch.teacher.float())]
        return self._seen(self._outside["teacher"], batch.source)

    def _seen(self, encoder: LateInteractionEncoder, tokens: TokenBatch) -> list[Seen]:
        """What `encoder` says of `tokens`, at each layer that is aligned."""
        if self.tables.weigh_by != "attention":
            return [Seen(hidden) for hidden in self._hidden(encoder, tokens)]
        with listening(encoder.backbone) as attention:
            layers = self._hidden(encoder, tokens)
        received = attention.received(tokens.real)
        return [Seen(hidden, received) for hidden in layers]

    def _hidden(
        self, encoder: LateInteractionEncoder, tokens: TokenBatch
    ) -> list[Float[Tensor, "batch token dim"]]:
        if not self.layers:
            return [encoder.hidden(tokens).float()]
        return [vectors.float() for vectors in encoder.at_layers(tokens, self.layers)]

    def _side(self, which: int, seen: Seen, tokens: TokenBatch) -> TokenSide:
        weights, types = (
            table and table[which][tokens.input_ids]
            for table in (self.tables.weights, self.tables.types)
        )
        if self.tables.weigh_by is not None:
            weights = seen.hidden.norm(dim=-1) if seen.received is None else seen.received
        return TokenSide(
            vectors=normalize(seen.hidden, dim=-1), scored=tokens.scored,
            expansion=tokens.expansion, word_ids=tokens.words, type_ids=types, weights=weights,
        )  # fmt: skip

    def _affinities(self, batch: PairBatch) -> dict[str, Float[Tensor, "batch row col"]]:
        if batch.types is None or self.tables.lexicon is None:
            return {}
        return {"lexicon": self.tables.lexicon.lookup(*batch.types)}


def mean_value(values: Sequence[Value]) -> Value:
    """The mean loss of each pair, and the mean of everything else that was seen."""
    losses = torch.stack([value.losses for value in values]).mean(0)
    names = values[0].seen
    seen = {name: torch.stack([v.seen[name] for v in values]).mean(0) for name in names}
    return Value(losses, seen)


def _not_finite(views: Views) -> list[int]:
    """Places of the pairs with a vector that is not finite."""
    finite = torch.stack(
        [side.vectors.isfinite().flatten(1).all(1) for side in (views.teacher, views.student)]
    )
    return (~finite.all(0)).nonzero().flatten().tolist()
