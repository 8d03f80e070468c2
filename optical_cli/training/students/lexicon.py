"""The lexicon of a distillation: the one that was given, or what its own pairs teach."""

import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from optical_cli.bitext.lexicon import learn_lexicon
from optical_cli.bitext.lexicon_settings import LexiconSettings
from optical_cli.formats.bitext import SentencePair
from optical_cli.formats.lexicon import Lexicon, as_written, merged, read_lexicons, write_lexicon
from optical_cli.formats.outputs import output_file
from optical_cli.training.data.bitext import Bitext

log = logging.getLogger(__name__)

# Pairs of each language that words are learned from; more bring rare words, in minutes of a core.
LEARNED_PAIRS = 200_000
NAME = "lexicon.tsv"


def lexicon_of(given: Sequence[Path], bitexts: Iterable[Bitext]) -> Lexicon:
    """The translations in files, or what pairs teach where there are none.

    Args:
        given: Lexicon files; the first that has a target word is right.
        bitexts: What `optical lexicon` learns from otherwise, each language by itself and with that
            command's defaults.

    Raises:
        InputError: A file is malformed, or no pair has words on both sides.
    """
    return read_lexicons(given) if given else merged(map(_learned, bitexts))


def lexicon_of_pairs(pairs: Sequence[SentencePair], how: LexiconSettings) -> Lexicon:
    """What `learn_lexicon` makes of `pairs`, which raises if none has words on both sides."""
    sources, targets = ([pair[side] for pair in pairs] for side in (0, 1))
    return learn_lexicon(sources, targets, how)


def keep_lexicon(path: Path, lexicon: Lexicon) -> None:
    """Write what was learned, for other commands to read."""
    with output_file(path, overwrite=True) as stream:
        write_lexicon(stream, lexicon)


def _learned(bitext: Bitext) -> Lexicon:
    pairs = list(islice(bitext.pairs(), LEARNED_PAIRS))
    first = "the first " if len(pairs) == LEARNED_PAIRS else ""
    log.info("no --lexicon: one is learned from %s%d pairs", first, len(pairs))
    return as_written(lexicon_of_pairs(pairs, LexiconSettings()))
