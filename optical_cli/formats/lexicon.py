"""Lexicon files: ``source TAB target TAB p`` a line, without a header.

p is p(source | target): the probability of a word in the teacher's language given the foreign
word. The lines of a target word stand together, most probable first.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from optical_cli.errors import InputError
from optical_cli.formats.tables import FAULTS_KEPT, read_table

# target word -> source word -> p(source | target), the most probable first
Lexicon = dict[str, dict[str, float]]
DIGITS = ".6g"


def read_lexicon(path: Path | str) -> Lexicon:
    """Read a lexicon as ``target -> source -> p``, each word's translations by descending p.

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
    return {target: _descending(entry) for target, entry in lexicon.items()}


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
    """Write `lexicon` and return the number of lines."""
    lines = 0
    for target, entry in lexicon.items():
        for source, p in entry.items():
            stream.write(f"{source}\t{target}\t{p:{DIGITS}}\n".encode())
            lines += 1
    return lines


def as_written(lexicon: Lexicon) -> Lexicon:
    """What `read_lexicon` would give of the file: probabilities have six digits."""
    return {
        target: _descending({source: float(f"{p:{DIGITS}}") for source, p in entry.items()})
        for target, entry in lexicon.items()
    }


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
