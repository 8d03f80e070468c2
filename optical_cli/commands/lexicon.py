"""`optical lexicon`."""

from optical_cli.bitext.lexicon_settings import LexiconBitextSettings, LexiconSettings
from optical_cli.settings import FileOutputSettings, Invocation


def lexicon(
    what: LexiconBitextSettings,
    how: LexiconSettings,
    out: FileOutputSettings,
    invocation: Invocation,
) -> None:
    """Learn translation probabilities of words from bitext.

    Reads parallel text. Writes lines of source word, target word and p(source | target), separated
    by tabs: IBM model 1 with a diagonal, trained in both directions, joined, pruned and
    renormalised for each target word; rare words also take from words that are spelt like them.
    Words are folded to lower case; of a script without spaces each grapheme is a word. Student
    vocabularies, transport priors, code-switching noise and lexical retrieval read the file.

    Examples:

        optical lexicon --bitext clean/train.tsv -o lexicon.tsv

        optical lexicon --bitext sw-en.tsv.gz --columns 2,1 --min-count 2 -o lexicon.tsv.gz
    """
    from itertools import islice

    from optical_cli.bitext.lexicon import learn_lexicon
    from optical_cli.console import print_table
    from optical_cli.formats.bitext import read_bitext
    from optical_cli.formats.lexicon import write_lexicon
    from optical_cli.formats.manifest import described_file, new_manifest

    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        sources, targets = [], []
        for path in what.bitext:
            for pair in islice(read_bitext(path, columns=what.columns), what.limit):
                sources.append(pair.source)
                targets.append(pair.target)
        learned = learn_lexicon(sources, targets, how)
        lines = write_lexicon(stream, learned)
        counts = {"records": lines, "pairs": len(sources), "target_words": len(learned)}
        describe(new_manifest("optical-lexicon/1", invocation, inputs=what.bitext, counts=counts))
    print_table(None, ("pairs", "target words", "lines"), [(len(sources), len(learned), lines)])
