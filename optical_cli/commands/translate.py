"""`optical translate`."""

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.settings import ComputeSettings, FileOutputSettings, Invocation
from optical_cli.translation.settings import DecodingSettings, GlossSettings, TranslateSettings


def translate(
    what: TranslateSettings,
    how: GlossSettings,
    unknown: BackOffSettings,
    decoding: DecodingSettings,
    compute: ComputeSettings,
    out: FileOutputSettings,
    invocation: Invocation,
) -> None:
    """Translate queries, word by word through a lexicon or by a translation model.

    Reads queries and a lexicon, or queries and a model. Writes id, tab, translation. With a
    lexicon, each word's most probable translation stands in its place; a word that the lexicon
    lacks takes the translation of words that are spelt like it, and if there are none it is copied,
    as punctuation is. A model translates the whole query by beam search.

    Examples:

        optical translate --queries queries.sw.tsv --lexicon lexicon.tsv -o queries.gloss.tsv

        optical translate --queries queries.sw.tsv --model facebook/nllb-200-distilled-600M
            --target-lang sw --allow-pickle -o queries.nmt.tsv
    """
    from itertools import islice

    from optical_cli.console import print_table
    from optical_cli.encoders.hub import folders_among
    from optical_cli.errors import UsageError
    from optical_cli.formats.collection import load_queries
    from optical_cli.formats.manifest import described_file, new_manifest

    if (what.lexicon is None) == (what.model is None):
        raise UsageError("give either --lexicon or --model")
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        queries = dict(islice(load_queries(what.queries).items(), what.limit))
        if what.model is not None:
            translations, counts = _by_model(list(queries.values()), what.model, decoding, compute)
            made_by = folders_among([what.model])
        else:
            translations, counts = _by_lexicon(list(queries.values()), what.lexicon, how, unknown)
            made_by = [what.lexicon]
        for query_id, text in zip(queries, translations, strict=True):
            stream.write(f"{query_id}\t{text}\n".encode())
        counts = {"records": len(queries), **counts}
        facts = {"inputs": [what.queries, *made_by], "counts": counts}
        describe(new_manifest("optical-queries/1", invocation, **facts))
    labels = ("words known", "words copied") if what.lexicon else ("left as they are", "cut")
    print_table(None, ("queries", *labels), [tuple(counts.values())])


def _by_lexicon(
    texts: list[str], lexicon: str, how: GlossSettings, unknown: BackOffSettings
) -> tuple[list[str], dict[str, int]]:
    from optical_cli.bitext.backoff import BackOff
    from optical_cli.formats.lexicon import read_lexicon
    from optical_cli.text.segmenter import warn_if_unsegmented
    from optical_cli.translation.gloss import Gloss

    known = read_lexicon(lexicon)
    warn_if_unsegmented(texts, known)
    table = BackOff(known, unknown)
    gloss = Gloss(table, how, written=table.written)
    translations = [gloss(text) for text in texts]
    return translations, {"known": gloss.known, "copied": gloss.unknown}


def _by_model(
    texts: list[str], model: str, decoding: DecodingSettings, compute: ComputeSettings
) -> tuple[list[str], dict[str, int]]:
    """Translations; an empty one is the query itself, since a query without text finds nothing."""
    import logging

    from optical_cli.translation.models import Translator

    translator = Translator(model, decoding, compute)
    translations = translator(texts)
    empty = sum(not translation for translation in translations)
    if empty or translator.cut:
        logging.getLogger(__name__).warning(
            "%d queries have no translation and stay as they are; %d were read in part",
            empty, translator.cut,
        )  # fmt: skip
    kept = [new or " ".join(old.split()) for new, old in zip(translations, texts, strict=True)]
    return kept, {"kept": empty, "cut": translator.cut}
