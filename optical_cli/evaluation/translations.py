"""Translations to measure alignment on: distinct sentences, drawn by their ids."""

import logging

from optical_cli import seeds
from optical_cli.errors import InputError
from optical_cli.formats.bitext import SentencePair, read_bitext

logger = logging.getLogger(__name__)


def sample_pairs(path: str, columns: str, count: int, seed: int) -> list[SentencePair]:
    """Up to `count` pairs whose sentences are each unlike any other of their side.

    A sentence that occurs twice would be its own distractor. Which pairs are drawn depends on the
    seed and their ids alone, and fewer are a part of more.

    Raises:
        InputError: The file is malformed, or has fewer than two such pairs.
    """
    distinct: list[SentencePair] = []
    sources: set[str] = set()
    targets: set[str] = set()
    total = 0
    for pair in read_bitext(path, columns=columns):
        total += 1
        if pair.source not in sources and pair.target not in targets:
            distinct.append(pair)
        sources.add(pair.source)
        targets.add(pair.target)
    if len(distinct) < 2:
        raise InputError("has fewer than two pairs of distinct sentences", where=path)
    drawn = sorted(distinct, key=lambda pair: seeds.derive(seed, "aligned pairs", pair.pair_id))
    logger.info(
        "%s: %d of %d pairs, %d distinct", path, min(count, len(drawn)), total, len(distinct)
    )
    return drawn[:count]
