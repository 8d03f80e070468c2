"""A bilingual lexicon from sentence pairs: two IBM models 1, joined and pruned."""

import logging
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from optical_cli.bitext.ibm1 import Counts, fit
from optical_cli.bitext.lexicon_settings import LexiconSettings, Symmetry
from optical_cli.errors import InputError
from optical_cli.formats.lexicon import Lexicon
from optical_cli.text.terms import terms

logger = logging.getLogger(__name__)


def learn_lexicon(
    sources: Sequence[str], targets: Sequence[str], settings: LexiconSettings
) -> Lexicon:
    """Learn p(source word | target word) from parallel sentences.

    Args:
        sources: Sentences in the teacher's language.
        targets: Their translations, in the same order.
        settings: Iterations, symmetrisation and pruning.

    Raises:
        InputError: No pair has words on both sides.
    """
    source = Counts.of([terms(text) for text in sources])
    target = Counts.of([terms(text) for text in targets], min_count=settings.min_count)
    if not (source.words and target.words):
        raise InputError("no pair has words on both sides, so there is nothing to learn from")
    logger.info("%d source and %d target words", len(source.words), len(target.words))
    weights = translation_weights(source.matrix, target.matrix, settings)
    return pruned(weights, source.words, target.words, settings)


def translation_weights(
    source: sparse.csr_array, target: sparse.csr_array, settings: LexiconSettings
) -> sparse.csr_array:
    """Weight of every source word (columns) for every target word (rows), both ways joined."""
    forward = fit(target, source, settings.iterations).table
    if settings.symmetry == "none":
        return forward
    backward = fit(source, target, settings.iterations).table.T.tocsr()
    return joined(forward, backward, settings.symmetry)


def joined(
    forward: sparse.csr_array, backward: sparse.csr_array, symmetry: Symmetry
) -> sparse.csr_array:
    """Join p(source | target) and p(target | source), both with target words in rows.

    Both tables have an entry for exactly the words that share a sentence, so sorted entries
    correspond one to one.
    """
    forward.sort_indices()
    backward.sort_indices()
    ahead, back = forward.data.astype(np.float64), backward.data.astype(np.float64)
    match symmetry:
        case "sqrt":
            data = ahead * np.sqrt(back)
        case "product":
            data = ahead * back
        case "mean":
            data = (ahead + back) / 2
        case "none":
            data = ahead
    return sparse.csr_array((data, forward.indices, forward.indptr), forward.shape)


def pruned(
    weights: sparse.csr_array,
    source_words: Sequence[str],
    target_words: Sequence[str],
    settings: LexiconSettings,
) -> Lexicon:
    """The best translations of each target word, renormalised, words in alphabetical order.

    A translation stays if it is among the word's `max_translations` best and, after these are
    made to sum to 1, has at least `min_probability`; what stays is made to sum to 1 again.
    """
    lexicon: Lexicon = {}
    for row in sorted(range(len(target_words)), key=target_words.__getitem__):
        start, stop = weights.indptr[row], weights.indptr[row + 1]
        best = _best(
            weights.data[start:stop],
            [source_words[column] for column in weights.indices[start:stop]],
            settings.max_translations,
        )
        kept = _above(best, settings.min_probability)
        if kept:
            lexicon[target_words[row]] = kept
    return lexicon


def _best(values: np.ndarray, words: list[str], count: int) -> dict[str, float]:
    """The `count` greatest values with their words; equal ones in alphabetical order."""
    if len(values) > count:
        least = np.partition(values, len(values) - count)[len(values) - count]
        places = np.flatnonzero(values >= least).tolist()
    else:
        places = range(len(values))
    ranked = sorted((-float(values[i]), words[i]) for i in places)
    return {word: -negative for negative, word in ranked[:count]}


def _above(values: dict[str, float], minimum: float) -> dict[str, float]:
    total = sum(values.values())
    if total <= 0:
        return {}
    kept = {word: value for word, value in values.items() if value / total >= minimum}
    total = sum(kept.values())
    return {word: value / total for word, value in kept.items()}
