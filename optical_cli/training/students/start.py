"""What a student starts from."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from optical_cli.encoders.adapt import with_head
from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import UsageError
from optical_cli.training.students.heads import ridge_head
from optical_cli.training.students.settings import HeadName

TEACHER = "teacher"


@dataclass(frozen=True)
class Start:
    """The encoder that a student is before its words and its training.

    Attributes:
        init: ``teacher``, or the folder or hub name of an encoder.
        head: Where the map to the teacher's width comes from.
        texts: Sentences in the teacher's language, which ``ridge`` is computed on.
        length: Their tokens at most.
        seed: Of a random head.
        dtype: Precision of the encoders where a head is computed.
    """

    init: str
    head: HeadName = "own"
    texts: Callable[[], Sequence[str]] = list
    length: int = 128
    seed: int = 13
    dtype: str = "auto"

    def student(self, teacher: LateInteractionEncoder) -> LateInteractionEncoder:
        """The untrained student: a copy of the teacher, or another encoder, made as wide.

        Args:
            teacher: Whose vectors the student will imitate.

        Raises:
            InputError: `init` is no encoder that can be loaded.
            UsageError: Its vectors are of another width, or the head does not fit it.
        """
        if self.init == TEACHER:
            if self.head not in ("own", "teacher"):
                raise UsageError(f"--head {self.head} is for another --init than the teacher")
            return copy.deepcopy(teacher).requires_grad_(True)
        student = load(self.init).to(teacher.device)
        if self.head != "own":
            student = self._with_head(student, teacher)
        if student.dim != teacher.dim:
            raise UsageError(
                f"--init {self.init}: its vectors are {student.dim} wide, the teacher's"
                f" {teacher.dim}",
                hint="--head ridge learns a map from the bitext's source side, --head random takes"
                " any",
            )
        return student

    def _with_head(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> LateInteractionEncoder:
        """`student` with the head, and with markers where the teacher has some."""
        if self.head == "teacher" and teacher.head is student.head is None:
            return student
        weight = self._weight(student, teacher)
        own, theirs = student.config, teacher.config
        marked = own if own.query_prefix or not theirs.query_prefix else theirs
        limit = token_limit(student.backbone)
        return with_head(
            student, dim=teacher.dim, seed=self.seed, weight=weight,
            query_length=min(theirs.query_length, limit),
            passage_length=min(theirs.passage_length, limit),
            query_expansion=theirs.query_expansion,
            markers=(marked.query_prefix, marked.passage_prefix),
        )  # fmt: skip

    def _weight(
        self, student: LateInteractionEncoder, teacher: LateInteractionEncoder
    ) -> Tensor | None:
        """The head's matrix; None for a random one."""
        if self.head == "random":
            return None
        if self.head == "ridge":
            length = min(self.length, *(token_limit(e.backbone) for e in (student, teacher)))
            return ridge_head(student, teacher, self.texts(), length=length, dtype=self.dtype)
        width, wanted = (e.backbone.config.hidden_size for e in (student, teacher))
        if width != wanted:
            raise UsageError(
                f"--head teacher: {self.init} is {width} wide inside, the teacher {wanted}",
                hint="--head ridge fits any width",
            )
        return torch.eye(width) if teacher.head is None else teacher.head.weight.detach().clone()


def for_retrieval(
    student: LateInteractionEncoder,
    teacher: LateInteractionEncoder,
    *,
    pair_length: int,
    expanded: bool,
) -> None:
    """Give the student the config with which its queries meet the teacher's passages.

    A student that was trained on real tokens retrieves with real tokens, so that retrieval weighs
    what transport moved. Its queries may be as long as the pairs were, since a foreign word has
    more pieces than an English one and without [MASK]s a longer limit costs short queries nothing.

    Args:
        student: Changed in place.
        teacher: Whose passages it is for.
        pair_length: Tokens of a training text at most.
        expanded: Whether training texts were extended with [MASK]s.
    """
    config = teacher.config
    length = config.query_length
    if not expanded:
        length = min(max(length, pair_length), token_limit(student.backbone))
    student.config = replace(
        student.config, family=teacher.family, query_expansion=expanded,
        attend_to_expansion=config.attend_to_expansion, query_length=length,
    )  # fmt: skip


def require_layers(layers: Sequence[int], *encoders: LateInteractionEncoder) -> None:
    """Raise unless all encoders have these hidden layers, below the last, and of one width.

    Raises:
        UsageError: One has not, or widths differ.
    """
    if not layers:
        return
    configs = [encoder.backbone.config for encoder in encoders]
    depth = min(config.num_hidden_layers for config in configs)
    wrong = [layer for layer in layers if not 1 <= layer < depth]
    if wrong or len(set(layers)) < len(layers):
        raise UsageError(
            f"--layers {', '.join(map(str, layers))}: expected layers below the last of"
            f" {depth}, each once"
        )
    if len({config.hidden_size for config in configs}) > 1:
        raise UsageError("--layers: student and teacher differ in width inside")
