"""What a student starts from."""

import copy
from dataclasses import replace

from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import UsageError

TEACHER = "teacher"


def initial_student(
    init: str, teacher: LateInteractionEncoder, *, allow_pickle: bool = False
) -> LateInteractionEncoder:
    """The untrained student: a copy of the teacher, or another encoder of its width.

    Args:
        init: ``teacher``, or the folder or hub name of an encoder.
        teacher: Whose query vectors the student will imitate.
        allow_pickle: Accept pickled weights of `init`.

    Raises:
        InputError: `init` is no encoder that can be loaded.
        UsageError: Its token vectors are of another width.
    """
    if init == TEACHER:
        return copy.deepcopy(teacher).requires_grad_(True)
    student = load(init, allow_pickle=allow_pickle).to(teacher.device)
    if student.dim != teacher.dim:
        raise UsageError(
            f"--init {init}: its vectors are {student.dim} wide, the teacher's {teacher.dim}"
        )
    return student


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
