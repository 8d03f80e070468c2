"""One step of `optical distill`: what the student sees of a pair against what the teacher sees."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.tokens import TokenBatch
from optical_cli.errors import NumericalError
from optical_cli.training.data.pairs import PairBatch
from optical_cli.training.knowledge import Knowledge
from optical_cli.training.objectives import Term, Value, Views
from optical_cli.training.step import NonFinite
from optical_cli.transport.marginals import TokenSide

TEACHER, STUDENT = 0, 1


class DistillationStep(nn.Module):
    """From a batch of pairs to a loss for each.

    The student is the only submodule, so that nothing else is trained, wrapped or synchronised.

    Args:
        student: What is trained.
        objective: The distance.
        teacher: Frozen; None where every batch brings its cached vectors.
        knowledge: What marginals and priors want to know of tokens.
    """

    def __init__(
        self,
        student: LateInteractionEncoder,
        objective: Term,
        teacher: LateInteractionEncoder | None = None,
        knowledge: Knowledge | None = None,
    ):
        super().__init__()
        self.student = student
        self.objective = objective
        self.knowledge = (knowledge or Knowledge()).to(student.device)
        self._outside = {"teacher": teacher}

    def forward(self, batch: PairBatch, progress: float) -> Value:
        """The loss of each pair after `progress`, a share of the training."""
        student = self.student.hidden(batch.target).float()
        views = Views(
            teacher=self._side(TEACHER, teacher := self._teacher(batch), batch.source),
            student=self._side(STUDENT, student, batch.target),
            teacher_hidden=teacher, student_hidden=student, source_keys=batch.keys,
            affinities=self._affinities(batch), passages=batch.passages,
        )  # fmt: skip
        try:
            return self.objective(views, progress)
        except NumericalError as error:
            raise NonFinite(_not_finite(views), str(error)) from error

    @torch.no_grad()
    def _teacher(self, batch: PairBatch) -> Float[Tensor, "batch row dim"]:
        if batch.teacher is not None:
            return batch.teacher.float()
        return self._outside["teacher"].hidden(batch.source).float()

    def _side(
        self, which: int, hidden: Float[Tensor, "batch token dim"], tokens: TokenBatch
    ) -> TokenSide:
        weights, types = (
            table and table[which][tokens.input_ids]
            for table in (self.knowledge.weights, self.knowledge.types)
        )
        return TokenSide(
            vectors=normalize(hidden, dim=-1), scored=tokens.scored, expansion=tokens.expansion,
            word_ids=tokens.words, type_ids=types, weights=weights,
        )  # fmt: skip

    def _affinities(self, batch: PairBatch) -> dict[str, Float[Tensor, "batch row col"]]:
        if batch.types is None or self.knowledge.lexicon is None:
            return {}
        return {"lexicon": self.knowledge.lexicon.lookup(*batch.types)}


def _not_finite(views: Views) -> list[int]:
    """Places of the pairs with a vector that is not finite."""
    finite = torch.stack(
        [side.vectors.isfinite().flatten(1).all(1) for side in (views.teacher, views.student)]
    )
    return (~finite.all(0)).nonzero().flatten().tolist()
