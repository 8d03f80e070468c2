"""A batch of pairs: two columns of texts with what was counted on them."""

import functools
import operator

import numpy as np
from jaxtyping import Float, Int, UInt8, UInt64

from optical_cli.bitext.characters import (
    CLASSES,
    EXPECTED,
    FOREIGN,
    LETTER,
    SPACE,
    Characters,
    characters,
    class_table,
)
from optical_cli.bitext.cleaning import clean_laid_out
from optical_cli.bitext.identify import identify
from optical_cli.bitext.keys import hash_keys, key_characters
from optical_cli.bitext.passes import shapes
from optical_cli.formats.parallel import SCORES

# With fewer letters a language identifier is guessing.
FEWEST_LETTERS = 20


class Side:
    """One side of many pairs, in a language written in `scripts` (none: not known).

    Attributes:
        texts: The stored form of each text.
        raw: Each text as it was read: what was stripped may be evidence of a wrong encoding.
        scripts: Unicode names of the scripts expected.
    """

    def __init__(self, texts: list[str], raw: list[str], scripts: tuple[str, ...]):
        self.texts = texts
        self.raw = raw
        self.scripts = scripts
        self.origin: tuple[Side, np.ndarray] | None = None

    @functools.cached_property
    def raw_chars(self) -> Characters:
        """The raw texts laid end to end."""
        return self._from_origin("raw_chars") or characters(self.raw)

    @functools.cached_property
    def chars(self) -> Characters:
        """The texts laid end to end."""
        if found := self._from_origin("chars"):
            return found
        same = all(map(operator.is_, self.texts, self.raw))
        return self.raw_chars if same else characters(self.texts)

    @property
    def classes(self) -> UInt8[np.ndarray, "1114112"]:
        """The class of every code point."""
        return class_table(self.scripts)

    @functools.cached_property
    def shapes(self) -> Int[np.ndarray, "text column"]:
        """What one look at each text tells: `counts`, then the longest word and run."""
        chars = self.chars
        return shapes(chars.codes, chars.offsets, self.classes, CLASSES, SPACE)

    @property
    def counts(self) -> Int[np.ndarray, "text class"]:
        """Characters of each class in each text."""
        return self.shapes[:, :CLASSES]

    @property
    def longest_words(self) -> Int[np.ndarray, " text"]:
        """Most characters of each text without a space between them."""
        return self.shapes[:, CLASSES]

    @property
    def longest_runs(self) -> Int[np.ndarray, " text"]:
        """How often one character stands in a row in each text, at most."""
        return self.shapes[:, CLASSES + 1]

    @functools.cached_property
    def lengths(self) -> Int[np.ndarray, " text"]:
        """Characters of each text."""
        return self.counts.sum(axis=1)

    @property
    def visible(self) -> Int[np.ndarray, " text"]:
        """Characters that are no space."""
        return self.lengths - self.counts[:, SPACE]

    @property
    def letters(self) -> Int[np.ndarray, " text"]:
        """Letters and marks, of any script."""
        return self.counts[:, [LETTER, EXPECTED, FOREIGN]].sum(axis=1)

    @functools.cached_property
    def key_chars(self) -> Characters:
        """The comparison key of each text."""
        return self._from_origin("key_chars") or key_characters(self.texts, self.chars)

    @functools.cached_property
    def keys(self) -> UInt64[np.ndarray, " text"]:
        """A hash of the comparison key of each text."""
        return hash_keys(self.key_chars)

    @functools.cached_property
    def languages(self) -> tuple[list[str], Float[np.ndarray, " text"]]:
        """The language that each text looks like, and how likely it is.

        An empty code for a text of too few letters to tell.
        """
        rows = np.flatnonzero(self.letters >= FEWEST_LETTERS)
        codes, likely = [""] * len(self.texts), np.zeros(len(self.texts))
        found, likely[rows] = identify([self.texts[row] for row in rows.tolist()])
        for row, code in zip(rows.tolist(), found, strict=True):
            codes[row] = code
        return codes, likely

    @classmethod
    def cleaned(cls, raw: list[str], scripts: tuple[str, ...]) -> "Side":
        """Texts as they were read, brought to their stored form."""
        chars = characters(raw)
        side = cls(clean_laid_out(raw, chars), raw, scripts)
        side.raw_chars = chars
        return side

    def share(self, *classes: int) -> Float[np.ndarray, " text"]:
        """The share of these classes among the visible characters; 0 where there are none."""
        return self.counts[:, list(classes)].sum(axis=1) / np.maximum(self.visible, 1)

    def take(self, rows: Int[np.ndarray, " row"]) -> "Side":
        """These texts alone, with what was made of them so far; `rows` must rise."""
        texts, raw = ([column[row] for row in rows.tolist()] for column in (self.texts, self.raw))
        taken = Side(texts, raw, self.scripts)
        taken.origin = self, rows
        for name in ("shapes", "lengths", "keys"):
            if name in self.__dict__:
                setattr(taken, name, getattr(self, name)[rows])
        return taken

    def _from_origin(self, name: str) -> Characters | None:
        """What the side that this one was taken from has laid out already, these rows of it."""
        if self.origin is None:
            return None
        side, rows = self.origin
        return getattr(side, name).take(rows) if name in side.__dict__ else None


class PairBatch:
    """Pairs of one block after cleaning, with the scores that they came with, if any."""

    def __init__(
        self, source: Side, target: Side, scores: Float[np.ndarray, "pair score"] | None = None
    ):
        self.source = source
        self.target = target
        self._scores = scores

    def __len__(self) -> int:
        return len(self.source.texts)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Source and target."""
        return self.source, self.target

    def take(self, rows: Int[np.ndarray, " row"]) -> "PairBatch":
        """These pairs alone; `rows` must rise."""
        scores = None if self._scores is None else self._scores[rows]
        return PairBatch(self.source.take(rows), self.target.take(rows), scores)

    def score(self, name: str) -> Float[np.ndarray, " pair"]:
        """What `optical score-bitext` gave each pair; NaN where it gave nothing."""
        if self._scores is None:
            return np.full(len(self), np.nan)
        return self._scores[:, SCORES.index(name)]
