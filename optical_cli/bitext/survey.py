"""A look at the beginning of every input, before any pair is judged."""

import logging
from collections import Counter

from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.identify import identify, supported
from optical_cli.bitext.profile import Profile, median_ratio
from optical_cli.formats.parallel import ParallelReader
from optical_cli.text import canonical

LOG = logging.getLogger(__name__)
# The median over so many pairs moves by less than a percent from sample to sample.
SAMPLE_PAIRS = 10_000
# Enough texts to tell which side is which, in a fraction of a second.
IDENTIFIED = 300
FEWEST_CHARACTERS = 30
FEWEST_IDENTIFIED = 10


def take_profile(readers: list[ParallelReader], source_lang: str, target_lang: str) -> Profile:
    """Measure the usual ratio of lengths, and warn where the sides look swapped."""
    sources: list[str] = []
    targets: list[str] = []
    for reader in readers:
        sides = _sample(reader, max(SAMPLE_PAIRS // len(readers), 1000))
        warn_if_swapped(reader.name, *sides, source_lang, target_lang)
        sources += sides[0]
        targets += sides[1]
    return Profile(source_lang, target_lang, median_ratio(sources, targets))


def _sample(reader: ParallelReader, size: int) -> tuple[list[str], list[str]]:
    sources: list[str] = []
    targets: list[str] = []
    for block in reader.blocks():
        pairs = reader.parse(block)
        sources += clean_all(pairs.sources)
        targets += clean_all(pairs.targets)
        if len(sources) >= size:
            break
    return sources[:size], targets[:size]


def warn_if_swapped(
    name: str, sources: list[str], targets: list[str], source_lang: str, target_lang: str
) -> bool:
    """Log a warning, and give True, if each side looks more like the other's language."""
    source, target = canonical(source_lang), canonical(target_lang)
    left, right = _languages(sources), _languages(targets)
    if min(left.total(), right.total()) < FEWEST_IDENTIFIED or source == target:
        return False
    crossed = [_share(right, source)] if source in supported() else []
    crossed += [_share(left, target)] if target in supported() else []
    straight = max(_share(left, source), _share(right, target))
    if not crossed or min(crossed) <= 0.5 or straight >= 0.25:
        return False
    LOG.warning(
        "%s: the sides look swapped: the source side looks like %s, the target side like %s;"
        " choose columns with --columns 2,1",
        name, left.most_common(1)[0][0], right.most_common(1)[0][0],
    )  # fmt: skip
    return True


def _languages(texts: list[str]) -> Counter[str]:
    long = [text for text in texts if len(text) >= FEWEST_CHARACTERS]
    step = max(len(long) // IDENTIFIED, 1)
    return Counter(identify(long[::step])[0])


def _share(languages: Counter[str], code: str) -> float:
    return languages[code] / max(languages.total(), 1)
