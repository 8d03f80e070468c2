"""Long passages as overlapping windows of tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

from optical_cli.encoders.tokens import Side
from optical_cli.errors import UsageError


@dataclass(frozen=True)
class Windows:
    """Cuts texts between tokens; what fits into one window stays whole.

    Attributes:
        side: Says where tokens start and end, and how many of a text's own fit into a window.
        stride: Tokens from one window's start to the next.
    """

    side: Side
    stride: int

    @property
    def size(self) -> int:
        """Tokens of a window, without special tokens."""
        return self.side.room

    def __post_init__(self) -> None:
        if not self.side.tokenizer.is_fast:
            raise UsageError("--window needs a fast tokenizer, which knows its tokens' places")
        if not 0 < self.stride <= self.size:
            raise UsageError(
                f"--stride {self.stride}: expected 1 to {self.size} tokens, the room for text in a"
                " window"
            )

    def __call__(self, text: str) -> list[str]:
        """The windows of `text`; the last one ends with it."""
        text = self.side.told(text)
        backend = self.side.tokenizer.backend_tokenizer
        encoding = backend.encode(text, add_special_tokens=False)
        places = [(start, stop) for start, stop in encoding.offsets if stop > start]
        if len(places) <= self.size:
            return [text]
        return [text[places[a][0] : places[b - 1][1]] for a, b in self._spans(len(places))]

    def _spans(self, tokens: int) -> Iterator[tuple[int, int]]:
        for start in range(0, tokens, self.stride):
            yield start, min(start + self.size, tokens)
            if start + self.size >= tokens:
                return
