"""A bilingual lexicon from sentence pairs.

Two tables of probabilities, one each way, are joined and pruned. What was seen a few times only is
then mixed with what is known of words that are spelt alike: a form seen once is aligned to whatever
stood beside it, while its stem has been seen with other affixes.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from jaxtyping import Float
from scipy import sparse

from optical_cli.bitext.backoff import neighbor_translations, weighted_mean
from optical_cli.bitext.ibm1 import Corpus, fit
from optical_cli.bitext.lexicon_settings import LexiconSettings, Symmetry
from optical_cli.bitext.word_alignment import Nearness, align_words
from optical_cli.errors import InputError
from optical_cli.formats.lexicon import Lexicon
from optical_cli.text.spelling import SpellingIndex
from optical_cli.text.terms import terms

logger = logging.getLogger(__name__)


def learn_lexicon(
    sources: Sequence[str],
    targets: Sequence[str],
    settings: LexiconSettings,
    *,
    cosines: Iterable[Float[np.ndarray, "source_term target_term"]] | None = None,
    context: float = 0.0,
) -> Lexicon:
    """Learn p(source word | target word) from parallel sentences.

    Args:
        sources: Sentences in the teacher's language.
        targets: Their translations, in the same order.
        settings: Alignment, symmetrisation and pruning.
        cosines: How near the terms of each pair are in context, for alignment by transport.
        context: How strongly terms align that are near.

    Raises:
        InputError: No pair has words on both sides.
        NumericalError: A cosine is no number.
    """
    source_terms, target_terms = ([terms(text) for text in side] for side in (sources, targets))
    source = Corpus.of(source_terms)
    target = Corpus.of(target_terms, min_count=settings.min_count)
    if not (source.words and target.words):
        raise InputError("no pair has words on both sides, so there is nothing to learn from")
    logger.info("%d source and %d target words", len(source.words), len(target.words))
    nearness = None
    if cosines is not None:
        nearness = Nearness.of(_of_words(cosines, target_terms, target), context)
    weights = translation_weights(source, target, settings, nearness)
    lexicon = pruned(weights, source.words, target.words, settings)
    counts = dict(zip(target.words, target.counts.tolist(), strict=True))
    return with_neighbors(lexicon, counts, settings)


def _of_words(
    cosines: Iterable[Float[np.ndarray, "source_term target_term"]],
    terms_of_pairs: Iterable[Sequence[str]],
    target: Corpus,
) -> Iterator[Float[np.ndarray, "source_term target_word"]]:
    """The cosines without the columns of terms that are no words of `target`: the rare ones."""
    kept = set(target.words)
    for pair, found in zip(cosines, terms_of_pairs, strict=True):
        yield pair[:, np.array([term in kept for term in found], bool)]


def translation_weights(
    source: Corpus, target: Corpus, settings: LexiconSettings, nearness: Nearness | None = None
) -> sparse.csr_array:
    """Weight of every source word (columns) for every target word (rows), both ways joined."""
    how = {"diagonal": settings.diagonal, "identity": settings.identity}
    if settings.alignment == "transport":
        forward, backward = align_words(
            source, target, settings.iterations, nearness=nearness, **how
        )
        return joined(forward, backward, settings.symmetry)
    forward = fit(target, source, settings.iterations, **how).table
    if settings.symmetry == "none":
        return forward
    backward = fit(source, target, settings.iterations, **how).table.T.tocsr()
    return joined(forward, backward, settings.symmetry)


def with_neighbors(
    lexicon: Lexicon, counts: Mapping[str, int], settings: LexiconSettings
) -> Lexicon:
    """Mix a rare word's translations with those of words that are spelt like it.

    A word seen once lends nothing: its own translations are chance.
    """
    rare = [word for word in lexicon if counts[word] <= settings.rare_count]
    index = SpellingIndex([word for word in lexicon if counts[word] > 1])
    mixed = dict(lexicon)
    for word, borrowed in neighbor_translations(index, rare, lexicon, settings.rare_similarity):
        if borrowed:
            both = weighted_mean([(lexicon[word], counts[word]), (borrowed, 1)])
            best = dict(islice(both.items(), settings.max_translations))
            mixed[word] = _above(best, settings.min_probability)
    return mixed


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
    made to sum to 1, has at least `min_probability` and more than 0; what stays is made to sum to
    1 again.
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
    shares = {word: value / total for word, value in values.items()}
    kept = {word: values[word] for word, share in shares.items() if share and share >= minimum}
    total = sum(kept.values())
    return {word: value / total for word, value in kept.items()}
