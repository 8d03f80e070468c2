"""Lexicon files: ``source TAB target TAB p`` a line, without a header.

p is p(source | target): the probability of a word in the teacher's language given the foreign
word. The lines of a target word stand together, most probable first.

Texts are looked up term by term, so words are folded as `terms` folds them when they are read. What
is no single term stays, folded: a phrase as a source is what a gloss writes and what a student's
word starts from, and one as a target is what code-switching noise writes.
"""

import logging
import math
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from optical_cli.errors import InputError
from optical_cli.formats.tables import FAULTS_KEPT, read_table
from optical_cli.text import fold
from optical_cli.text.terms import terms

log = logging.getLogger(__name__)

# target word -> source word -> p(source | target), the most probable first
Lexicon = dict[str, dict[str, float]]
DIGITS = ".6g"


def read_lexicon(path: Path | str) -> Lexicon:
    """Read a lexicon as ``target -> source -> p``, each word's translations by descending p.

    Words are folded; the p of entries that become the same pair are summed, up to 1. Entries that
    are no single term on a side are counted in a warning.

    Raises:
        InputError: The file is empty, or up to ten lines are malformed: a wrong number of
            fields, an empty word, a p that is no number in (0, 1], a pair of words twice.
    """
    lexicon: Lexicon = {}
    faults: list[str] = []
    for number, (source, target, p) in read_table(path, fields=3):
        entry = lexicon.setdefault(target, {})
        try:
            value = _probability(p)
            if not source or not target:
                raise ValueError("a word is empty")
            if source in entry:
                raise ValueError(f"{source!r} stands twice for {target!r}")
        except ValueError as fault:
            faults.append(f"{path}:{number}: {fault}")
            if len(faults) >= FAULTS_KEPT:
                break
            continue
        entry[source] = value
    if faults:
        raise InputError.gather(faults, hint="a lexicon's columns are source, target, p")
    lexicon = _folded(lexicon)
    _warn_of_phrases(path, lexicon)
    return lexicon


def read_lexicons(paths: Iterable[Path | str]) -> Lexicon:
    """All lexicons as one, by `merged`; raises as `read_lexicon`."""
    return merged(map(read_lexicon, paths))


def merged(lexicons: Iterable[Lexicon]) -> Lexicon:
    """All of them as one; the first that has a target word is right."""
    whole: Lexicon = {}
    for lexicon in lexicons:
        for target, sources in lexicon.items():
            whole.setdefault(target, sources)
    return whole


def write_lexicon(stream: BinaryIO, lexicon: Lexicon) -> int:
    """Write `lexicon` and return the number of lines; what would be printed as 0 has none."""
    lines = 0
    for target, entry in lexicon.items():
        for source, p in entry.items():
            printed = f"{p:{DIGITS}}"
            if float(printed):
                stream.write(f"{source}\t{target}\t{printed}\n".encode())
                lines += 1
    return lines


def as_written(lexicon: Lexicon) -> Lexicon:
    """What `read_lexicon` would give of the file: probabilities have six digits."""
    printed = {
        target: {source: float(f"{p:{DIGITS}}") for source, p in entry.items()}
        for target, entry in lexicon.items()
    }
    return _folded(printed)


def _folded(lexicon: Lexicon) -> Lexicon:
    """The same with folded words, p summed up to 1; what has p = 0 is left out."""
    found: Lexicon = {}
    for target, entry in lexicon.items():
        word = _looked_up(target)
        for source, p in entry.items():
            if p:
                sources, other = found.setdefault(word, {}), _looked_up(source)
                sources[other] = min(1.0, sources.get(other, 0.0) + p)
    return {target: _descending(entry) for target, entry in found.items()}


def _looked_up(word: str) -> str:
    found = _terms(word)
    return found[0] if len(found) == 1 else fold(word)


def _warn_of_phrases(path: Path | str, lexicon: Lexicon) -> None:
    """Say once how many entries no term of a text can be equal to, of either side."""
    targets = sum(len(entry) for target, entry in lexicon.items() if len(_terms(target)) != 1)
    sources = sum(len(_terms(source)) != 1 for entry in lexicon.values() for source in entry)
    if targets or sources:
        log.warning(
            "%s: %d of %d entries can never be looked up by their target, %d by their source:"
            " it is not one word as texts are split",
            path, targets, sum(map(len, lexicon.values())), sources,
        )  # fmt: skip


@lru_cache(maxsize=1 << 16)
def _terms(word: str) -> tuple[str, ...]:
    return tuple(terms(word))


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise ValueError(f"p is {text!r}, not a number above 0 and at most 1")
    return value


def _descending(entry: dict[str, float]) -> dict[str, float]:
    return dict(sorted(entry.items(), key=lambda item: (-item[1], item[0])))
