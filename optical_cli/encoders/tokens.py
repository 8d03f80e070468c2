"""From texts to token ids: markers, [MASK]s, and which tokens are scored."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from optical_cli.encoders.vocabulary import without_limits
from optical_cli.errors import UsageError
from optical_cli.text.segmenter import Segmenter

NO_WORD = -1


@dataclass(frozen=True)
class TokenBatch:
    """Texts as padded token ids.

    Attributes:
        input_ids: Token ids; padding holds the padding token.
        attention_mask: What other tokens attend to.
        scored: The tokens that MaxSim scores: of a query all, [MASK]s included, of a passage all
            but punctuation; never padding.
        expansion: The [MASK]s that extend a query.
        words: Which word of its text a token belongs to; -1 for markers, special tokens, [MASK]s
            and padding.
    """

    input_ids: Int[Tensor, "batch token"]
    attention_mask: Int[Tensor, "batch token"]
    scored: Bool[Tensor, "batch token"]
    expansion: Bool[Tensor, "batch token"]
    words: Int[Tensor, "batch token"]

    def __len__(self) -> int:
        return len(self.input_ids)

    def to(self, device: torch.device | str) -> "TokenBatch":
        """The same batch on another device."""
        fields = dataclasses.fields(self)
        return TokenBatch(*(getattr(self, f.name).to(device, non_blocking=True) for f in fields))

    @property
    def real(self) -> Bool[Tensor, "batch token"]:
        """Scored tokens that are no [MASK]s of query expansion."""
        return self.scored & ~self.expansion

    def pieces_in_word(self) -> Int[Tensor, "batch token"]:
        """How many tokens each token's word has here; 1 where it belongs to none."""
        same = self.words[:, :, None] == self.words[:, None, :]
        return same.sum(-1).masked_fill(self.words == NO_WORD, 1)


class Row(NamedTuple):
    """One text as token ids, cut to length, before padding.

    Attributes:
        ids: Token ids with special tokens and marker.
        words: As in `TokenBatch`.
        cut: Whether the text had more tokens than fit.
    """

    ids: np.ndarray
    words: np.ndarray
    cut: bool = False


@dataclass(frozen=True)
class Template:
    """The special tokens that a tokenizer puts around every text."""

    before: tuple[int, ...]
    after: tuple[int, ...]


def template_of(tokenizer: PreTrainedTokenizerBase) -> Template:
    """Find the special tokens by encoding a probe with and without them."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a", add_special_tokens=True)["input_ids"]
    starts = range(len(full) - len(bare) + 1)
    at = next(start for start in starts if full[start : start + len(bare)] == bare)
    return Template(tuple(full[:at]), tuple(full[at + len(bare) :]))


def marker_ids(tokenizer: PreTrainedTokenizerBase, prefix: str) -> tuple[int, ...]:
    """A marker as token ids: one added token, or the pieces of a text such as ``query:``."""
    for form in (prefix, prefix.strip()):
        found = tokenizer.convert_tokens_to_ids(form) if form else None
        if found is not None and found != tokenizer.unk_token_id:
            return (found,)
    return tuple(tokenizer(prefix.strip(), add_special_tokens=False)["input_ids"])


@dataclass(frozen=True)
class Side:
    """How the texts of one side, queries or passages, become tokens.

    The marker is inserted as a token behind the leading special tokens, so that the text's own
    pieces are those that it has alone.

    Attributes:
        tokenizer: The vocabulary.
        template: Its special tokens.
        marker: Ids of the marker, none for a plain encoder.
        length: Tokens at most, special tokens and marker included.
        mask_id: The token that extends every text to `length`, or None for no extension.
        attend: Whether other tokens attend to the extension.
        skipped: Ids that are encoded but not scored.
        segmenter: What tells the words of scripts without spaces; None for nothing.
    """

    tokenizer: PreTrainedTokenizerBase
    template: Template
    marker: tuple[int, ...]
    length: int
    mask_id: int | None = None
    attend: bool = False
    skipped: tuple[int, ...] = ()
    segmenter: Segmenter | None = None

    def __post_init__(self) -> None:
        if self.room < 1:
            raise UsageError(
                f"a length of {self.length} tokens leaves no room for text",
                hint=f"the special tokens alone take {self.length - self.room}",
            )

    @property
    def room(self) -> int:
        """How many of a text's own tokens fit."""
        around = len(self.template.before) + len(self.marker) + len(self.template.after)
        return self.length - around

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """Tokenise `texts`, each cut to `room` tokens, special tokens and marker added."""
        before, after = self.template.before + self.marker, self.template.after
        return [self._row(ids, words, before, after) for ids, words in self.pieces(texts)]

    def _row(self, ids: list, words: list, before: tuple, after: tuple) -> Row:
        kept = slice(self.room)
        outside = ([NO_WORD] * len(before), [NO_WORD] * len(after))
        return Row(
            np.array([*before, *ids[kept], *after], np.int32),
            np.array([*outside[0], *words[kept], *outside[1]], np.int32),
            len(ids) > self.room,
        )

    def pieces(self, texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """The ids of each text's own pieces, however many, and the word that each belongs to."""
        if not texts:
            return []
        without_limits(self.tokenizer)
        if self.tokenizer.is_fast:
            encodings = self.tokenizer.backend_tokenizer.encode_batch(
                [self.told(text) for text in texts], add_special_tokens=False
            )
            return [(e.ids, [NO_WORD if w is None else w for w in e.word_ids]) for e in encodings]
        # A tokenizer in pure Python does not say which word a piece is from: each is its own.
        lists = self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return [(ids, list(range(len(ids)))) for ids in lists]

    def told(self, text: str) -> str:
        """`text` with its words told where the side tells words, as the tokenizer reads it."""
        return text if self.segmenter is None else self.segmenter.typed(text)

    def collate(self, rows: Sequence[Row]) -> TokenBatch:
        """Pad rows to one length: with [MASK]s to `length`, or with padding to the longest."""
        width = max(map(self.width, rows))
        filler = self._padding() if self.mask_id is None else self.mask_id
        ids = np.full((len(rows), width), filler, np.int64)
        words = np.full((len(rows), width), NO_WORD, np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row.ids)] = row.ids
            words[place, : len(row.ids)] = row.words
        lengths = np.array([len(row.ids) for row in rows])
        return self._batch(ids, words, np.arange(width) < lengths[:, None])

    def width(self, row: Row) -> int:
        """How many tokens a row has once it is extended with [MASK]s."""
        return len(row.ids) if self.mask_id is None else self.length

    def _batch(self, ids: np.ndarray, words: np.ndarray, real: np.ndarray) -> TokenBatch:
        expansion = ~real & (self.mask_id is not None)
        scored = (real | expansion) & ~np.isin(ids, self.skipped)
        attended = real | expansion if self.attend else real
        arrays = (ids, attended.astype(np.int64), scored, expansion, words)
        return TokenBatch(*map(torch.from_numpy, arrays))

    def _padding(self) -> int:
        padding = self.tokenizer.pad_token_id
        return 0 if padding is None else padding

    def __call__(self, texts: Sequence[str]) -> TokenBatch:
        """Tokenise and pad."""
        return self.collate(self.rows(texts))
