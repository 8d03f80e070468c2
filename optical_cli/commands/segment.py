"""`optical segment`."""

from optical_cli.bitext.segment_settings import SegmentSettings
from optical_cli.settings import FileOutputSettings, Invocation


def segment(what: SegmentSettings, out: FileOutputSettings, invocation: Invocation) -> None:
    """Tell where the words are in scripts that are written without spaces.

    Reads text in Thai, Lao, Khmer, Burmese or another such script, in any columns of a table, and
    text to learn the words from, usually the bitext itself. Writes the same lines with word joiners
    (U+2060, which nobody sees) inside each word, and all that reads words then reads these instead
    of graphemes: lexicons, glosses, student vocabularies. A student that learned from segmented
    bitext tells words in what it is asked by itself; queries to be looked up in a lexicon must be
    segmented as its bitext was. Lines without such a script stay as they are.

    Examples:

        optical segment --text clean/train.tsv --learn-from clean/train.tsv -o train.tsv

        optical segment --text queries.th.tsv --learn-from clean/train.tsv -o queries.tsv
    """
    from itertools import chain, islice

    from optical_cli.console import print_table
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.formats.tables import read_table
    from optical_cli.text import words
    from optical_cli.text.segmenter import Segmenter

    def fields(path: str):
        return chain.from_iterable(row for _, row in read_table(path))

    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        texts = chain.from_iterable(map(fields, what.learn_from))
        segmenter = Segmenter.learned(texts, what.pieces)
        before = after = records = 0
        for _, row in islice(read_table(what.text), what.limit):
            done = [segmenter(field) for field in row]
            stream.write(("\t".join(done) + "\n").encode())
            records += 1
            before += sum(len(words(field)) for field in row)
            after += sum(len(words(field)) for field in done)
        counts = {"records": records, "words": after}
        inputs = list(dict.fromkeys([what.text, *what.learn_from]))
        describe(new_manifest("optical-text/1", invocation, inputs=inputs, counts=counts))
    print_table(None, ("lines", "words before", "words"), [(records, before, after)])
