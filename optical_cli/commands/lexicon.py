"""`optical lexicon`."""

from collections.abc import Iterator, Sequence

from optical_cli.bitext.lexicon_settings import (
    LexiconBitextSettings,
    LexiconSettings,
    ReadersSettings,
)
from optical_cli.settings import ComputeSettings, FileOutputSettings, Invocation


def lexicon(
    what: LexiconBitextSettings,
    readers: ReadersSettings,
    how: LexiconSettings,
    compute: ComputeSettings,
    out: FileOutputSettings,
    invocation: Invocation,
) -> None:
    """Learn translation probabilities of words from bitext.

    Reads parallel text. Writes lines of source word, target word and p(source | target), separated
    by tabs: IBM model 1 with a diagonal, both directions of which agree on one transport plan for
    each pair, joined, pruned and renormalised for each target word; rare words also take from words
    that are spelt like them. With --source-reader and --target-reader words also align by how
    alike the two read them in their sentences, which makes a better gloss and better structured
    queries. Words are folded to lower case; of a script without spaces each grapheme is a word.
    Student vocabularies, transport priors, code-switching noise and lexical retrieval read the
    file.

    Examples:

        optical lexicon --bitext clean/train.tsv -o lexicon.tsv

        optical lexicon --bitext sw-en.tsv.gz --columns 2,1 --min-count 2 -o lexicon.tsv.gz

        optical lexicon --bitext clean/train.tsv --source-reader work/teacher --target-reader work/student -o lexicon.2.tsv
    """  # noqa: E501 - an example is one line that can be copied
    from itertools import islice

    from optical_cli.bitext.lexicon import learn_lexicon
    from optical_cli.console import print_table
    from optical_cli.encoders.hub import folders_among
    from optical_cli.errors import UsageError
    from optical_cli.formats.bitext import read_bitext
    from optical_cli.formats.lexicon import write_lexicon
    from optical_cli.formats.manifest import described_file, new_manifest

    if readers.source_reader is not None and how.alignment != "transport":
        raise UsageError("--source-reader and --target-reader need --alignment transport")
    if readers.source_reader is None:
        invocation.warn_of_unread({"readers.context": "without --source-reader"})
    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        sources, targets = [], []
        for path in what.bitext:
            for pair in islice(read_bitext(path, columns=what.columns), what.limit):
                sources.append(pair.source)
                targets.append(pair.target)
        cosines = _cosines(readers, compute, sources, targets)
        learned = learn_lexicon(sources, targets, how, cosines=cosines, context=readers.context)
        lines = write_lexicon(stream, learned)
        counts = {"records": lines, "pairs": len(sources), "target_words": len(learned)}
        inputs = [*what.bitext, *folders_among((readers.source_reader, readers.target_reader))]
        describe(new_manifest("optical-lexicon/1", invocation, inputs=inputs, counts=counts))
    print_table(None, ("pairs", "target words", "lines"), [(len(sources), len(learned), lines)])


def _cosines(
    readers: ReadersSettings,
    compute: ComputeSettings,
    sources: Sequence[str],
    targets: Sequence[str],
) -> Iterator | None:
    """How alike the readers read the words of each pair; None without readers."""
    if readers.source_reader is None:
        return None
    from optical_cli import encoders
    from optical_cli.encoders.devices import choose_device
    from optical_cli.encoders.word_vectors import contextual_cosines

    device = choose_device(compute.device)
    teacher, student = (
        encoders.load(name, device=device)
        for name in (readers.source_reader, readers.target_reader)
    )
    return contextual_cosines(teacher, student, sources, targets, dtype=compute.dtype)
