"""What a late-interaction encoder is apart from its weights and its vocabulary."""

from dataclasses import dataclass

from optical_cli.weighing import BackboneWeight

MODEL_FORMAT = "optical-model/1"
QUERY_MARKER = "[Q] "
PASSAGE_MARKER = "[D] "
HEAD_DIM = 128
QUERY_LENGTH = 32
PASSAGE_LENGTH = 180
# Without [MASK]s a longer limit costs short texts nothing, and foreign words have many pieces.
PLAIN_QUERY_LENGTH = 64
PLAIN_PASSAGE_LENGTH = 256


@dataclass(frozen=True, kw_only=True)
class EncoderConfig:
    """How texts become scored tokens and how wide their vectors are.

    Attributes:
        dim: Width of a token vector.
        has_head: A linear layer maps the backbone's hidden states to `dim`; without one the
            hidden states themselves are the token vectors.
        query_length: Tokens of a query at most, markers and special tokens included.
        passage_length: The same for a passage.
        query_expansion: Queries are extended to `query_length` with [MASK] tokens, which are
            scored.
        attend_to_expansion: Other tokens attend to these [MASK]s.
        query_prefix: Marker token (or text) behind [CLS] in queries; empty for none.
        passage_prefix: The same for passages.
        skiplist: Vocabulary entries that are encoded but not scored in passages; never the
            unknown token.
        share_word_mass: The pieces of one query word share its weight.
        weigh_by: What the backbone itself says of a query token's weight: ``norm``, the length that
            it and the head gave the token's vector, or ``attention``, what the token receives in
            the last layer. None for nothing.
        family: Signature of the encoder whose passage vectors this one's queries are for: a
            student carries its teacher's. None for an encoder that is its own.
    """

    dim: int
    has_head: bool = True
    query_length: int = QUERY_LENGTH
    passage_length: int = PASSAGE_LENGTH
    query_expansion: bool = True
    attend_to_expansion: bool = False
    query_prefix: str = QUERY_MARKER
    passage_prefix: str = PASSAGE_MARKER
    skiplist: tuple[str, ...] = ()
    share_word_mass: bool = False
    weigh_by: BackboneWeight | None = None
    family: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether this is an encoder of other make: no head, no markers, no [MASK]s."""
        return not (self.has_head or self.query_expansion or self.query_prefix)


def plain_config(
    dim: int, skiplist: tuple[str, ...], limit: int, *, weigh_by: BackboneWeight | None = None
) -> EncoderConfig:
    """The config of an encoder without our head, which reads at most `limit` tokens."""
    return EncoderConfig(
        dim=dim, has_head=False, query_expansion=False, query_prefix="", passage_prefix="",
        query_length=min(PLAIN_QUERY_LENGTH, limit),
        passage_length=min(PLAIN_PASSAGE_LENGTH, limit), skiplist=skiplist,
        weigh_by=weigh_by,
    )  # fmt: skip
