"""Parallel text in the formats of the field, as blocks of pairs with an account of bad records.

`find_readers` turns paths into readers; a reader's `blocks` and `parse` give the pairs.
"""

from optical_cli.formats.parallel.find import Expected, detect, find_readers, has_scores
from optical_cli.formats.parallel.records import (
    SCORES,
    Block,
    InputFile,
    Malformed,
    Pairs,
    ParallelReader,
)

__all__ = [
    "SCORES",
    "Block",
    "Expected",
    "InputFile",
    "Malformed",
    "Pairs",
    "ParallelReader",
    "detect",
    "find_readers",
    "has_scores",
]
