"""`optical translate`."""

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.settings import FileOutputSettings, Invocation
from optical_cli.translation.settings import GlossSettings, TranslateSettings


def translate(
    what: TranslateSettings,
    how: GlossSettings,
    unknown: BackOffSettings,
    out: FileOutputSettings,
    invocation: Invocation,
) -> None:
    """Translate queries word by word through a lexicon.

    Reads queries and a lexicon. Writes id, tab, gloss: each word's most probable translation in the
    place of the word. A word that the lexicon lacks takes the translation of words that are spelt
    like it; if there are none it is copied, as punctuation is.

    Examples:

        optical translate --queries queries.sw.tsv --lexicon lexicon.tsv -o queries.gloss.tsv

        optical translate --queries queries.sw.tsv --lexicon lexicon.tsv --best 2 -o gloss2.tsv
    """
    from itertools import islice

    from optical_cli.bitext.backoff import BackOff
    from optical_cli.console import print_table
    from optical_cli.formats.collection import load_queries
    from optical_cli.formats.lexicon import read_lexicon
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.translation.gloss import Gloss

    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        queries = dict(islice(load_queries(what.queries).items(), what.limit))
        gloss = Gloss(BackOff(read_lexicon(what.lexicon), unknown), how)
        for query_id, text in queries.items():
            stream.write(f"{query_id}\t{gloss(text)}\n".encode())
        counts = {"records": len(queries), "known": gloss.known, "copied": gloss.unknown}
        inputs = (what.queries, what.lexicon)
        describe(new_manifest("optical-queries/1", invocation, inputs=inputs, counts=counts))
    print_table(None, ("queries", "words known", "words copied"), [tuple(counts.values())])
