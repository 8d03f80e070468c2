"""Which script a character belongs to, one by one and as tables over all code points."""

import functools
import unicodedata
from collections.abc import Iterable

import numpy as np
import regex
from jaxtyping import Bool

CODE_POINTS = 0x110000
# Scripts that are written without spaces between words.
UNSEGMENTED = frozenset({
    "Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Han", "Hiragana", "Katakana", "Javanese",
    "Balinese",
})  # fmt: skip
# A script is looked for in this order; the rest of Unicode is "Other".
KNOWN_SCRIPTS = (
    "Latin", "Cyrillic", "Arabic", "Devanagari", "Han", "Greek", "Thai", "Hangul", "Hiragana",
    "Katakana", "Hebrew", "Bengali", "Tamil", "Telugu", "Kannada", "Malayalam", "Gujarati",
    "Gurmukhi", "Oriya", "Sinhala", "Myanmar", "Khmer", "Lao", "Tibetan", "Ethiopic", "Georgian",
    "Armenian", "Thaana", "Canadian_Aboriginal", "Cherokee", "Mongolian", "Tifinagh", "Nko",
    "Bopomofo", "Syriac", "Javanese", "Balinese", "Adlam", "Vai", "Osmanya", "Ol_Chiki",
)  # fmt: skip
# No letters are assigned between the third plane and the variation selectors of the fourteenth.
_TOP = 0x40000
_SELECTORS = range(0xE0100, 0xE01F0)


@functools.cache
def _all_characters() -> str:
    return "".join(map(chr, range(_TOP)))


def _matching(pattern: str) -> list[tuple[int, int]]:
    """Ranges of code points that match a character class."""
    return [match.span() for match in regex.compile(f"{pattern}+").finditer(_all_characters())]


def code_point_table(pattern: str) -> Bool[np.ndarray, "1114112"]:
    r"""A table over all code points: whether each matches a `regex` class such as ``[\p{L}]``."""
    table = np.zeros(CODE_POINTS, dtype=bool)
    for start, stop in _matching(pattern):
        table[start:stop] = True
    compiled = regex.compile(pattern)
    table[_SELECTORS.start : _SELECTORS.stop] = bool(compiled.match(chr(_SELECTORS.start)))
    return table


def script_class(scripts: Iterable[str]) -> str:
    """The `regex` character class of one or more scripts."""
    return "[" + "".join(rf"\p{{Script={name}}}" for name in scripts) + "]"


@functools.cache
def _script_patterns() -> tuple[tuple[str, regex.Pattern], ...]:
    return tuple((name, regex.compile(rf"\p{{Script={name}}}")) for name in KNOWN_SCRIPTS)


@functools.lru_cache(maxsize=1 << 16)
def script_of(character: str) -> str | None:
    """The script of one character: None for Common and Inherited, "Other" for a rare one."""
    for name, pattern in _script_patterns():
        if pattern.match(character):
            return name
    return "Other" if unicodedata.category(character)[0] == "L" else None


def main_script(text: str) -> str | None:
    """The script of most letters of `text`, or None where it has no letters."""
    counts: dict[str, int] = {}
    for character in text:
        script = script_of(character)
        if script:
            counts[script] = counts.get(script, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else None
