"""The head of a student that is not a copy of its teacher: from its states to the teacher's width.

``ridge`` is the linear map that takes the student's states of English tokens nearest to the
teacher's vectors of the same characters, in closed form:

    W = argmin  sum over student tokens k of |W h_k - x_k|^2  +  ridge |W|^2,

x_k being the mean of the teacher's unit vectors, weighted by the characters that each of its
tokens shares with k. So two vocabularies need no piece in common.
"""

import logging
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from optical_cli.encoders.devices import autocast
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.token_spans import overlap, token_spans
from optical_cli.errors import InputError
from optical_cli.training.data.chunks import chunks

log = logging.getLogger(__name__)

# In units of the states' mean square: enough for states of low rank, too little to shrink others.
RIDGE = 1e-3
TEXTS_AT_ONCE = 32
# Every tenth text judges the map that the others gave.
HELD_OUT = 10


def ridge_head(
    student: LateInteractionEncoder,
    teacher: LateInteractionEncoder,
    texts: Sequence[str],
    *,
    length: int,
    dtype: str = "auto",
) -> Float[Tensor, "dim hidden"]:
    """The map from `student`'s states to `teacher`'s vectors; its fit is logged.

    Args:
        student: Its backbone gives the states; a head of its own is not used.
        teacher: Gives the vectors.
        texts: Sentences in the teacher's language.
        length: Tokens of a sentence at most.
        dtype: Precision of both.

    Raises:
        UsageError: A tokenizer does not say which characters its tokens are made of.
        InputError: No token of one shares a character with one of the other.
    """
    covariance = crossed = 0.0
    held: list[tuple[Tensor, Tensor]] = []
    for number, chunk in enumerate(chunks(texts, TEXTS_AT_ONCE)):
        states, vectors = joined(student, teacher, chunk, length=length, dtype=dtype)
        if number % HELD_OUT == HELD_OUT - 1:
            held.append((states, vectors))
        elif len(states):
            states, vectors = states.double(), vectors.double()
            covariance, crossed = covariance + states.T @ states, crossed + states.T @ vectors
    if not isinstance(covariance, Tensor):
        raise InputError("no token of the teacher shares a character with one of the student")
    eye = torch.eye(len(covariance), dtype=torch.float64, device=covariance.device)
    weight = torch.linalg.solve(covariance + RIDGE * covariance.diagonal().mean() * eye, crossed)
    weight = weight.T.float()
    if held:
        cosines = [torch.cosine_similarity(s @ weight.T, v, dim=-1) for s, v in held]
        log.info("ridge head: mean cosine to the teacher's tokens %.3f in other sentences",
                 torch.cat(cosines).mean())  # fmt: skip
    return weight


@torch.no_grad()
def joined(
    student: LateInteractionEncoder,
    teacher: LateInteractionEncoder,
    texts: Sequence[str],
    *,
    length: int,
    dtype: str = "auto",
) -> tuple[Float[Tensor, "token hidden"], Float[Tensor, "token dim"]]:
    """The student's states, and beside each what the teacher gives its characters.

    The first and the last token, [CLS] and [SEP] mostly, are joined with each other.
    """
    sides = [e.query_side(length=length, expand=False) for e in (student, teacher)]
    batches = [side(texts).to(student.device) for side in sides]
    with autocast(student.device, dtype):
        states = student.backbone(
            input_ids=batches[0].input_ids, attention_mask=batches[0].attention_mask
        ).last_hidden_state.float()
        vectors = teacher(batches[1])
    found: list[tuple[Tensor, Tensor]] = []
    for place, (rows, cols) in enumerate(zip(*(token_spans(s, texts) for s in sides), strict=True)):
        shared = overlap(rows, cols).to(states.device)
        shared[0, 0] = shared[-1, -1] = 1.0
        kept = shared.sum(1) > 0
        weights = shared[kept] / shared[kept].sum(1, keepdim=True)
        found.append((states[place, : len(rows)][kept], weights @ vectors[place, : len(cols)]))
    return torch.cat([s for s, _ in found]), torch.cat([v for _, v in found])
