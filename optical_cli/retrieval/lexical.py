"""BM25 through bm25s.

    score(q, d) = sum over the words of q of  idf(w) tf(w, d) / (tf(w, d) + K(d)),
    K(d) = k1 (1 - b + b |d| / mean |d|),   idf(w) = log(1 + (N - df(w) + .5) / (df(w) + .5)),

Lucene's form. Words are `terms`, folded and not stemmed.
"""

from collections.abc import Collection, Sequence

import bm25s
import numpy as np
from jaxtyping import Float

from optical_cli.bitext.backoff import BackOff
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.errors import InputError
from optical_cli.formats.lexicon import read_lexicon
from optical_cli.retrieval.lexical_psq import StructuredQueries, best_translations
from optical_cli.retrieval.lexical_ranking import Scorer
from optical_cli.retrieval.lexical_settings import Bm25Settings, StructuredQuerySettings
from optical_cli.text.segmenter import warn_if_unsegmented
from optical_cli.text.terms import terms


class Bm25:
    """An index of passages whose `scores` are BM25's."""

    def __init__(self, texts: Sequence[str], settings: Bm25Settings):
        """Index `texts`.

        Raises:
            InputError: No passage has a word.
        """
        self.index = bm25s.BM25(k1=settings.k1, b=settings.b, method="lucene")
        passages = [terms(text) for text in texts]
        if not any(passages):
            raise InputError("the collection has no words")
        self.index.index(passages, show_progress=False)

    def scores(self, query: str) -> Float[np.ndarray, " passage"]:
        """The score of every passage; a word that stands twice in the query counts twice."""
        known = [word for word in terms(query) if word in self.index.vocab_dict]
        if not known:
            return np.zeros(self.index.scores["num_docs"], np.float32)
        return self.index.get_scores(known)


def scorer(
    texts: Sequence[str],
    lexicon: str | None,
    settings: Bm25Settings,
    translations: StructuredQuerySettings,
    unknown: BackOffSettings,
    queries: Collection[str],
) -> Scorer:
    """BM25 over `texts`, or structured queries through the lexicon in the file `lexicon`.

    A lexicon that cannot know the words of `queries` is warned of.
    """
    if lexicon is None:
        return Bm25(texts, settings).scores
    known = read_lexicon(lexicon)
    warn_if_unsegmented(queries, known)
    table = BackOff(known, unknown)

    def translate(word: str) -> dict[str, float]:
        return best_translations(table(word), translations) or {table.written(word): 1.0}

    return StructuredQueries(texts, translate, settings).scores
