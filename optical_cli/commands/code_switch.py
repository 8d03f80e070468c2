"""`optical code-switch`."""

from optical_cli.bitext.code_switch_settings import CodeSwitchFiles, CodeSwitchSettings
from optical_cli.settings import FileOutputSettings, Invocation, SeedSettings


def code_switch(
    what: CodeSwitchFiles, how: CodeSwitchSettings, random: SeedSettings, out: FileOutputSettings,
    invocation: Invocation,
) -> None:  # fmt: skip
    """Make bitext out of English queries: word by word, drawn from a lexicon.

    Reads texts in the teacher's language, a lexicon, and the bitext that it was learned from, whose
    target side says how common words are. Writes pairs (text, its words switched into the other
    language, id). A student that also learns from these knows the words of its language as queries
    put them. Queries that are tested on must not be among the texts.

    Examples:

        optical code-switch --queries queries.en.tsv --lexicon lexicon.tsv --bitext clean/train.tsv
            -o switched.tsv

        optical code-switch --queries queries.en.tsv --lexicon lexicon.tsv --bitext clean/train.tsv
            --share 0.95 --copies 2 -o switched.tsv.gz
    """
    from itertools import chain, islice

    from optical_cli.bitext.code_switching import CodeSwitcher, choices_of, count_terms
    from optical_cli.console import print_table
    from optical_cli.errors import InputError
    from optical_cli.formats.bitext import read_bitext, write_bitext
    from optical_cli.formats.collection import load_queries
    from optical_cli.formats.lexicon import read_lexicon
    from optical_cli.formats.manifest import described_file, new_manifest

    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        lexicon = read_lexicon(what.lexicon)
        files = (read_bitext(path, columns=what.columns) for path in what.bitext)
        counts = count_terms(pair.target for pair in chain.from_iterable(files))
        switcher = CodeSwitcher(choices_of(lexicon, counts, how.choices), how, random.seed)
        queries = load_queries(what.queries).items()
        records = write_bitext(stream, switcher(islice(queries, what.limit)))
        if not records:
            raise InputError(
                f"none of {switcher.texts} texts has a word that the lexicon translates",
                where=what.lexicon,
                hint="its first column is the language of --queries, its second the other one",
            )
        account = {"records": records, "texts": switcher.texts, "words": switcher.words,
                   "switched": switcher.switched}  # fmt: skip
        inputs = [what.queries, what.lexicon, *what.bitext]
        describe(new_manifest("optical-bitext/1", invocation, inputs=inputs, counts=account))
    print_table(None, ("texts", "pairs", "words", "switched"),
                [(switcher.texts, records, switcher.words, switcher.switched)])  # fmt: skip
