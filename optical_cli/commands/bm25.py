"""`optical bm25`."""

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.retrieval.lexical_settings import (
    Bm25Settings,
    LexicalRunSettings,
    StructuredQuerySettings,
)
from optical_cli.settings import FileOutputSettings, Invocation, all_of


def bm25(
    what: LexicalRunSettings,
    scoring: Bm25Settings,
    translations: StructuredQuerySettings,
    unknown: BackOffSettings,
    out: FileOutputSettings,
    invocation: Invocation,
) -> None:
    """Rank passages by the words that they share with the query.

    Reads queries and a collection. Writes a TREC run of BM25 scores; with --lexicon of
    probabilistic structured queries, in which a foreign word occurs as often as its translations
    are expected to. Words are folded, not stemmed. Queries that share no word with any passage are
    counted in a warning; a run of none but such queries is an error.

    Examples:

        optical bm25 --queries queries.en.tsv --collection collection.tsv -o bm25.run

        optical bm25 --queries queries.sw.tsv --collection collection.tsv --lexicon lexicon.tsv
        -o psq.run
    """
    from itertools import islice

    from optical_cli.formats.collection import load_collection, load_queries
    from optical_cli.formats.collection_columns import Columns
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.formats.trec import write_ranking
    from optical_cli.retrieval.lexical import scorer
    from optical_cli.retrieval.lexical_ranking import rank_all

    if what.lexicon is None:
        why = "without --lexicon"
        unread = all_of(StructuredQuerySettings, why) | all_of(BackOffSettings, why)
        invocation.warn_of_unread(unread)
    lines, unmatched, columns = 0, 0, Columns.of(what.columns)
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        queries = dict(islice(load_queries(what.queries, what.field).items(), what.limit))
        passages = load_collection(what.collection, what.field, columns=columns)
        texts = list(passages.values())
        score = scorer(texts, what.lexicon, scoring, translations, unknown, list(queries.values()))
        tag = what.tag or ("psq" if what.lexicon else "bm25")
        for query_id, ranking in rank_all(queries, score, list(passages), what.top_k):
            lines += write_ranking(stream, query_id, ranking, tag)
            unmatched += not ranking
        _tell_unmatched(what, unmatched, len(queries))
        inputs = [path for path in (what.queries, what.collection, what.lexicon) if path]
        counts = {"records": lines, "queries": len(queries), "passages": len(passages)}
        describe(new_manifest("optical-run/1", invocation, inputs=inputs, counts=counts))


def _tell_unmatched(what: LexicalRunSettings, unmatched: int, queries: int) -> None:
    """Warn of queries that match no passage.

    Raises:
        InputError: No query matches any.
    """
    import logging

    from optical_cli.errors import InputError

    if unmatched == queries:
        hint = "queries in another language than the passages' need --lexicon"
        if what.lexicon is not None:
            hint = "the lexicon's first column is the passages' language, its second the queries'"
        raise InputError(
            f"none of {queries} queries matches a passage", where=what.queries, hint=hint
        )
    if unmatched:
        logging.getLogger(__name__).warning("%d of %d queries match no passage", unmatched, queries)
