"""`optical crop-bitext`."""

from optical_cli.bitext.crop_settings import CropBitextSettings, CropSettings
from optical_cli.settings import FileOutputSettings, Invocation, SeedSettings


def crop_bitext(
    what: CropBitextSettings, how: CropSettings, random: SeedSettings, out: FileOutputSettings,
    invocation: Invocation,
) -> None:  # fmt: skip
    """Cut query-like crops out of parallel text.

    Reads parallel text and its lexicon. Writes pairs (source, target, pair id) of the length of
    queries: short pairs as they are, and spans of all pairs whose words translate each other, which
    the lexicon tells. Students that are asked short questions learn from them in less time than
    from whole sentences.

    Examples:

        optical crop-bitext --bitext clean/train.tsv --lexicon lexicon.tsv -o crops.tsv

        optical crop-bitext --bitext clean/train.tsv --lexicon lexicon.tsv --whole 0 -o crops.tsv.gz
    """
    from itertools import chain, islice

    from optical_cli.bitext.crops import Cropper
    from optical_cli.console import print_table
    from optical_cli.errors import InputError
    from optical_cli.formats.bitext import read_bitext, write_bitext
    from optical_cli.formats.lexicon import read_lexicon
    from optical_cli.formats.manifest import described_file, new_manifest

    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        cropper = Cropper(read_lexicon(what.lexicon), how, random.seed)
        files = (read_bitext(path, columns=what.columns) for path in what.bitext)
        pairs = chain.from_iterable(islice(file, what.limit) for file in files)
        records = write_bitext(stream, cropper(pairs))
        if not records:
            raise InputError(
                f"none of {cropper.pairs} pairs gives a crop", where=what.lexicon,
                hint="the lexicon must be of this bitext, source and target in the same order",
            )  # fmt: skip
        counts = {"records": records, "pairs": cropper.pairs, "whole": cropper.whole}
        inputs = [*what.bitext, what.lexicon]
        describe(new_manifest("optical-bitext/1", invocation, inputs=inputs, counts=counts))
    row = (cropper.pairs, cropper.whole, cropper.crops)
    print_table(None, ("pairs", "whole", "crops"), [row])
