"""Transport between the tokens of texts as encoders read and weigh them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from optical_cli.encoders import LateInteractionEncoder, encode_in_bulk, weighing_by
from optical_cli.encoders.word_tokens import unmarked
from optical_cli.transport import TransportObjective, by_lengths, costs_between, token_side
from optical_cli.transport.settings import TransportSettings

Vectors = Float[np.ndarray, "token dim"]


@dataclass(frozen=True)
class TokenAlignment:
    """A plan between two labelled token sequences.

    Attributes:
        rows: The teacher's tokens.
        cols: The student's tokens.
        plan: Mass moved.
        cost: Cost of moving a unit of it.
    """

    rows: Sequence[str]
    cols: Sequence[str]
    plan: Float[np.ndarray, "row col"]
    cost: Float[np.ndarray, "row col"]

    @property
    def transport_cost(self) -> float:
        """Cost of the whole plan."""
        return float((self.plan * self.cost).sum())

    def shares(self) -> Float[np.ndarray, "row col"]:
        """Each column's mass as shares that sum to 1; 0 for a column without mass."""
        mass = self.plan.sum(0, keepdims=True)
        return np.divide(self.plan, mass, out=np.zeros_like(self.plan), where=mass > 0)


class Aligner:
    """Encodes texts and solves transport between them; [MASK]s take no part.

    Args:
        transport: Cost, marginals and solver.
        device: Where both happens.
        dtype: Precision of the encoders.
        store: Type of the vectors that are held.
    """

    def __init__(
        self,
        transport: TransportSettings,
        device: torch.device,
        *,
        dtype: str = "auto",
        store: type = np.float32,
    ):
        self.weighing = transport.weighing
        self.objective = TransportObjective(transport)
        self.device = device
        self.dtype = dtype
        self.store = store

    def weighed(self, encoder: LateInteractionEncoder) -> LateInteractionEncoder:
        """The encoder on the device, whose tokens weigh what the marginals say.

        Raises:
            UsageError: They say ``idf``, and it was saved without such weights.
            InputError: They say ``attention``, of which its backbone does not tell.
        """
        return weighing_by(encoder, self.weighing).to(self.device).eval()

    def vectors(
        self, encoder: LateInteractionEncoder, texts: Sequence[str], *, length: int | None = None
    ) -> list[Vectors]:
        """The vectors of each text's tokens, as long as they weigh.

        Args:
            encoder: Reads them; see `weighed`.
            texts: What it reads, as queries.
            length: Tokens of a text at most; those of its queries if None.
        """
        side = encoder.query_side(length=length, expand=False)
        packed = encode_in_bulk(
            encoder, texts, side, weigh=True, dtype=self.dtype, store=self.store
        )
        return [vectors for window in packed for vectors in window.split()]

    def tokens(
        self, encoder: LateInteractionEncoder, text: str, *, length: int | None = None
    ) -> list[str]:
        """What the vectors of a text stand for: words that are tokens as such, and pieces."""
        batch = encoder.tokenize_queries([text], length=length, expand=False)
        ids = batch.input_ids[0][batch.scored[0]].tolist()
        words = [encoder.known_words and encoder.known_words[token] for token in ids]
        pieces = encoder.tokenizer.convert_ids_to_tokens(ids)
        return [word or unmarked(piece) for word, piece in zip(words, pieces, strict=True)]

    def costs(
        self,
        rows: Sequence[Vectors],
        cols: Sequence[Vectors],
        *,
        pairs: tuple[Int[np.ndarray, " problem"], Int[np.ndarray, " problem"]] | None = None,
    ) -> Float[np.ndarray, " problem"]:
        """The transport cost of each pair; see `costs_between`."""
        return costs_between(rows, cols, self.objective, self.device, pairs=pairs)

    def alignment(
        self, row: Vectors, col: Vectors, labels: tuple[Sequence[str], Sequence[str]]
    ) -> TokenAlignment:
        """The plan between two texts.

        Args:
            row: Vectors of the teacher's text.
            col: Those of the student's.
            labels: The tokens of either.
        """
        sides = [token_side([text], self.device) for text in (row, col)]
        plan = by_lengths(self.objective)(*sides).plan
        cost = self.objective.cost(*(side.vectors for side in sides))[0]
        return TokenAlignment(*labels, plan.plan[0].cpu().numpy(), cost.cpu().numpy())
