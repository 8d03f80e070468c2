"""The late-interaction encoder: one vector for every token of a text."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from optical_cli.encoders.backbone import token_limit
from optical_cli.encoders.config import EncoderConfig
from optical_cli.encoders.known_words import KnownWords
from optical_cli.encoders.received import listening
from optical_cli.encoders.signature import signature_of
from optical_cli.encoders.skiplist import skipped_ids
from optical_cli.encoders.tokens import Side, Template, TokenBatch, marker_ids, template_of
from optical_cli.errors import UsageError
from optical_cli.text.segmenter import Segmenter
from optical_cli.weighing import Weighing


class LateInteractionEncoder(nn.Module):
    """A transformer whose last hidden states, through a head if it has one, are token vectors.

    Teacher and student are both of this class. `load` makes one from a folder or a hub name.

    Attributes:
        backbone: The transformer.
        tokenizer: Its vocabulary.
        config: Lengths, markers, [MASK]s and the skip list.
        head: The linear layer, or None for a plain encoder.
        piece_weights: A weight per token id that multiplies query vectors, or None.
        known_words: The words that are tokens, which words met for the first time are compared
            with; None for an encoder that knows pieces alone.
    """

    def __init__(
        self,
        backbone: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        config: EncoderConfig,
        *,
        head: nn.Linear | None = None,
        piece_weights: Float[Tensor, " vocabulary"] | None = None,
        known_words: KnownWords | None = None,
    ):
        super().__init__()
        self.backbone = backbone
        self.tokenizer = tokenizer
        self.config = config
        self.head = head
        self.register_buffer("piece_weights", piece_weights)
        self.known_words = known_words
        self._signed: dict[EncoderConfig, tuple[object, str]] = {}

    @property
    def dim(self) -> int:
        """Width of a token vector."""
        return self.config.dim

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.backbone.device

    def forward(self, batch: TokenBatch) -> Float[Tensor, "batch token dim"]:
        """Unit vectors of all tokens, unscored ones included; differentiable.

        ``x / max(|x|, 1e-12)`` with ``x = W h``, normalised in float32 also under autocast.
        """
        return functional.normalize(self.hidden(batch).float(), dim=-1)

    def hidden(self, batch: TokenBatch) -> Float[Tensor, "batch token dim"]:
        """The token vectors before they are normalised."""
        states = self.backbone(
            input_ids=batch.input_ids, attention_mask=batch.attention_mask
        ).last_hidden_state
        return states if self.head is None else self.head(states)

    def at_layers(
        self, batch: TokenBatch, layers: Sequence[int]
    ) -> list[Float[Tensor, "batch token width"]]:
        """The hidden states after each of `layers`, from 1, and last the token vectors.

        Token vectors are what `hidden` gives; the states come as they are, without the head.
        """
        found = self.backbone(
            input_ids=batch.input_ids, attention_mask=batch.attention_mask,
            output_hidden_states=True,
        )  # fmt: skip
        last = found.last_hidden_state
        last = last if self.head is None else self.head(last)
        return [*(found.hidden_states[layer] for layer in layers), last]

    @property
    def weighs_tokens(self) -> bool:
        """Whether query vectors differ in length."""
        return bool(self.weighing)

    @property
    def segmenter(self) -> Segmenter | None:
        """What tells words in scripts without spaces; None if the encoder was told no words."""
        return None if self.known_words is None else self.known_words.segmenter

    def query_side(self, *, length: int | None = None, expand: bool | None = None) -> Side:
        """How queries become tokens.

        Args:
            length: Tokens at most; the config's `query_length` if None.
            expand: Extend with [MASK]s to that length; as the config says if None.

        Raises:
            UsageError: The backbone cannot read so many tokens, or the vocabulary has no [MASK].
        """
        config = self.config
        expand = config.query_expansion if expand is None else expand
        return Side(
            self.tokenizer, self._template, marker_ids(self.tokenizer, config.query_prefix),
            self._allowed(config.query_length if length is None else length),
            mask_id=self._mask_id() if expand else None, attend=config.attend_to_expansion,
            segmenter=self.segmenter,
        )  # fmt: skip

    def passage_side(self, *, length: int | None = None) -> Side:
        """How passages become tokens: cut at `length` or the config's `passage_length`.

        Raises:
            UsageError: The backbone cannot read so many tokens.
        """
        config = self.config
        return Side(
            self.tokenizer, self._template, marker_ids(self.tokenizer, config.passage_prefix),
            self._allowed(config.passage_length if length is None else length),
            skipped=self._skipped, segmenter=self.segmenter,
        )  # fmt: skip

    def tokenize_queries(
        self, texts: Sequence[str], *, length: int | None = None, expand: bool | None = None
    ) -> TokenBatch:
        """Queries as padded token ids; see `query_side`."""
        return self.query_side(length=length, expand=expand)(texts)

    def tokenize_passages(self, texts: Sequence[str], *, length: int | None = None) -> TokenBatch:
        """Passages as padded token ids; see `passage_side`."""
        return self.passage_side(length=length)(texts)

    def encode_queries(
        self, texts: Sequence[str], *, batch_size: int = 32
    ) -> list[Float[Tensor, "token dim"]]:
        """The scored token vectors of each query, on the CPU, times the tokens' weights.

        Words met for the first time are read as `reading` has it.
        """
        reader = self.reading(texts)
        return list(reader._encode(reader.query_side(), texts, batch_size, weigh=True))

    def encode_passages(
        self, texts: Sequence[str], *, batch_size: int = 32
    ) -> list[Float[Tensor, "token dim"]]:
        """The scored token vectors of each passage, on the CPU; passages are never weighted."""
        return list(self._encode(self.passage_side(), texts, batch_size, weigh=False))

    def reading(self, texts: Iterable[str]) -> "LateInteractionEncoder":
        """An encoder that also knows new words of `texts`: see `encoders.reading`."""
        from optical_cli.encoders.reading import reading

        return reading(self, texts)

    @property
    def weighing(self) -> Weighing:
        """What its query tokens weigh; of weights by piece and of the backbone's the former."""
        by = "idf" if self.piece_weights is not None else self.config.weigh_by
        return Weighing(self.config.share_word_mass, by)

    def token_weights(self, batch: TokenBatch) -> Float[Tensor, "batch token"]:
        """How much each token of a query counts: the factor of its vector's length.

        MaxSim is positively homogeneous in each query vector, so a weighted sum over query tokens
        is the plain sum over vectors of these lengths. A token weighs what its piece weighs,
        divided by the number of pieces of its word if the config says that they share its mass;
        1 without either. What is no matter of token ids comes on top: see `weighed`.
        """
        weights = torch.ones(batch.input_ids.shape, device=batch.input_ids.device)
        if self.piece_weights is not None:
            weights = self.piece_weights[batch.input_ids]
        return weights / batch.pieces_in_word() if self.config.share_word_mass else weights

    def weighed(self, batch: TokenBatch) -> Float[Tensor, "batch token dim"]:
        """The vectors of queries, each as long as its token counts; differentiable.

        A token counts its `token_weights`, times what the config's `weigh_by` says: the norm of its
        vector, or the attention that it receives from `TokenBatch.real` tokens.
        """
        if self.config.weigh_by == "norm":
            vectors = self.hidden(batch).float()
        elif self.config.weigh_by == "attention":
            with listening(self.backbone) as attention:
                vectors = self(batch)
            vectors = vectors * attention.received(batch.real)[..., None]
        else:
            vectors = self(batch)
        return vectors * self.token_weights(batch)[..., None]

    @torch.no_grad()
    def vectors(
        self, batch: TokenBatch, *, weigh: bool = False
    ) -> list[Float[Tensor, "token dim"]]:
        """The scored vectors of each text of a batch, on this encoder's device, without dropout."""
        batch = batch.to(self.device)
        with self._evaluating():
            vectors = self.weighed(batch) if weigh else self(batch)
        return list(vectors[batch.scored].split(batch.scored.sum(1).tolist()))

    @contextlib.contextmanager
    def _evaluating(self) -> Iterator[None]:
        was_training = self.training
        self.eval()
        try:
            yield
        finally:
            self.train(was_training)

    def _encode(
        self, side: Side, texts: Sequence[str], batch_size: int, *, weigh: bool
    ) -> Iterator[Tensor]:
        for start in range(0, len(texts), batch_size):
            batch = side(texts[start : start + batch_size])
            yield from (vectors.cpu() for vectors in self.vectors(batch, weigh=weigh))

    def checkpoint_gradients(self, on: bool = True) -> None:
        """Recompute activations in the backward pass instead of keeping them."""
        if on:
            self.backbone.activation_checkpointing_enable({"use_reentrant": False})
        else:
            self.backbone.activation_checkpointing_disable()

    def signature(self) -> str:
        """A short stable hash of weights, config and vocabulary; equal after saving and loading.

        Known words are part of the vocabulary.

        Computed once, and anew when a weight has changed.
        """
        return self._signature(self.state_dict(), self.config)

    @property
    def family(self) -> str:
        """Whose passage vectors its query vectors can be compared with: a student's teacher.

        Without one its own, and that of all who differ from it in what query tokens weigh alone.
        """
        if self.config.family or not self.weighs_tokens:
            return self.config.family or self.signature()
        weights = self.state_dict()
        weights.pop("piece_weights", None)
        return self._signature(weights, replace(self.config, share_word_mass=False, weigh_by=None))

    def _signature(self, weights: dict[str, Tensor], config: EncoderConfig) -> str:
        state = [(w.data_ptr(), w._version) for w in weights.values()]
        if config not in self._signed or self._signed[config][0] != state:
            text = signature_of(
                weights, config, self.backbone.config, self.tokenizer, self.known_words
            )
            self._signed[config] = (state, text)
        return self._signed[config][1]

    def save(self, folder: Path | str, *, card: str | None = None) -> None:
        """Write the model's files into an existing empty folder; see `layout.save`."""
        from optical_cli.encoders.layout import save

        save(self, Path(folder), card=card)

    @cached_property
    def _template(self) -> Template:
        return template_of(self.tokenizer)

    @cached_property
    def _skipped(self) -> tuple[int, ...]:
        return tuple(skipped_ids(self.tokenizer, self.config.skiplist))

    def _allowed(self, length: int) -> int:
        limit = token_limit(self.backbone)
        if length > limit:
            raise UsageError(f"a length of {length} tokens: the encoder reads at most {limit}")
        return length

    def _mask_id(self) -> int:
        # Vocabularies of other make without a [MASK] are extended with the end token.
        for token in (self.tokenizer.mask_token_id, self.tokenizer.eos_token_id):
            if token is not None:
                return token
        raise UsageError("query expansion: the encoder's vocabulary has no [MASK] token")
