"""Many texts as one array of code points, and what can be counted on it at once.

Python spends about a microsecond on the simplest question about one string; NumPy answers it for
two thousand strings in the same few passes. So a batch of texts is laid end to end.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt8, UInt32

from optical_cli.text import code_point_table, script_class
from optical_cli.text.scripts import CODE_POINTS

# Mutually exclusive classes of characters, for one count of all of them.
OTHER, SPACE, DIGIT, PUNCTUATION, LETTER, EXPECTED, FOREIGN = range(7)
CLASSES = 7


@dataclass(frozen=True)
class Characters:
    """Texts laid end to end: `codes[offsets[i] : offsets[i + 1]]` are those of text i."""

    codes: UInt32[np.ndarray, "char"]
    offsets: Int[np.ndarray, "text_and_one"]

    @property
    def lengths(self) -> Int[np.ndarray, "text"]:
        """Code points in each text."""
        return np.diff(self.offsets)

    @functools.cached_property
    def rows(self) -> Int[np.ndarray, "char"]:
        """The text that each character belongs to."""
        # Of NumPy's own index type, which spares a copy wherever it is used as an index.
        return np.repeat(np.arange(len(self.offsets) - 1), self.lengths)

    def look_up(self, table: Shaped[np.ndarray, "1114112"]) -> Shaped[np.ndarray, "char"]:
        """What a table over all code points says of each character."""
        return table.take(self.codes)

    def count(self, marked: Bool[np.ndarray, "char"]) -> Int[np.ndarray, "text"]:
        """How many characters of each text are marked."""
        total = np.zeros(len(marked) + 1, dtype=np.int32)
        np.cumsum(marked, out=total[1:])
        return total[self.offsets[1:]] - total[self.offsets[:-1]]

    def take(self, rows: Int[np.ndarray, "row"]) -> "Characters":
        """These texts alone; `rows` must rise."""
        wanted = np.zeros(len(self.offsets) - 1, dtype=bool)
        wanted[rows] = True
        offsets = np.concatenate([[0], np.cumsum(self.lengths[rows])])
        return Characters(self.codes[np.repeat(wanted, self.lengths)], offsets)

    def texts(self) -> list[str]:
        """Back to strings."""
        whole = self.codes.tobytes().decode("utf-32-le")
        return [whole[start:stop] for start, stop in itertools.pairwise(self.offsets.tolist())]

    def longest(self, breaks: Bool[np.ndarray, "char_and_one"]) -> Int[np.ndarray, "text"]:
        """Length of the longest stretch between breaks in each text.

        A break at i stands before character i; the ends of texts are breaks anyhow.
        """
        breaks = breaks.copy()
        breaks[self.offsets] = True
        places = np.flatnonzero(breaks)
        sizes = np.diff(places)
        # Most stretches are as short as can be and cannot be the longest of their text.
        longest = np.minimum(self.lengths, 1)
        long = sizes > 1
        np.maximum.at(longest, self.rows[places[:-1][long]], sizes[long])
        return longest

    def any(self, marked: Bool[np.ndarray, "char"]) -> Bool[np.ndarray, "text"]:
        """Whether a text has a marked character."""
        found = np.zeros(len(self.offsets) - 1, dtype=bool)
        found[self.rows[marked]] = True
        return found


def characters(texts: list[str]) -> Characters:
    """Lay texts end to end."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype="<u4")
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
    return Characters(codes, offsets)


@functools.cache
def class_table(scripts: tuple[str, ...]) -> UInt8[np.ndarray, "1114112"]:
    """The class of every code point for a language written in `scripts`.

    Letters and marks are EXPECTED in these scripts, LETTER if they belong to no script (Common and
    Inherited), and FOREIGN otherwise. With no scripts given no letter is foreign.
    """
    table = np.zeros(CODE_POINTS, dtype=np.uint8)
    table[code_point_table(r"[\p{P}\p{S}]")] = PUNCTUATION
    table[code_point_table(r"\p{N}")] = DIGIT
    table[code_point_table(r"[\p{Z}\s]")] = SPACE
    letter = code_point_table(r"[\p{L}\p{M}]")
    table[letter] = FOREIGN if scripts else EXPECTED
    table[letter & code_point_table(script_class(("Common", "Inherited")))] = LETTER
    if scripts:
        table[letter & code_point_table(script_class(scripts))] = EXPECTED
    return table


def class_counts(
    chars: Characters, classes: UInt8[np.ndarray, "char"]
) -> Int[np.ndarray, "text class"]:
    """How many characters of each class every text has."""
    texts = len(chars.offsets) - 1
    cells = np.bincount(chars.rows * CLASSES + classes, minlength=texts * CLASSES)
    return cells.reshape(texts, CLASSES)
