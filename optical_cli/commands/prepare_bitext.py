"""`optical prepare-bitext`."""

from optical_cli.bitext.settings import (
    BitextInputSettings,
    BitextOutputSettings,
    CleaningSettings,
    InputPathsSettings,
)
from optical_cli.errors import UsageError
from optical_cli.settings import Invocation, SeedSettings


def prepare_bitext(
    paths: InputPathsSettings, read: BitextInputSettings, rules: CleaningSettings,
    out: BitextOutputSettings, random: SeedSettings, invocation: Invocation,
) -> None:  # fmt: skip
    """Clean parallel text, account for every rejected pair, and split it into train and dev.

    Reads tab-separated pairs and Moses pairs (base.en and base.sw), plain or compressed. Writes a
    directory with train.tsv and dev.tsv (source, target, pair id), rejected.jsonl.zst (every
    rejected pair with its first reason) and report.json.

    Examples:

        optical prepare-bitext pairs.tsv.gz -o clean --target-lang sw --columns 2,1

        optical prepare-bitext corpus.en corpus.sw -o clean --target-lang sw --dev 500
    """
    from optical_cli.bitext.judging import Judge
    from optical_cli.bitext.prepare import Split, prepare, take_profile
    from optical_cli.bitext.rules import thresholds
    from optical_cli.console import print_table
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory
    from optical_cli.formats.parallel import Expected, find_readers
    from optical_cli.text import spellings

    if not paths.inputs or out.output is None or read.target_lang is None:
        raise UsageError("INPUT, --output and --target-lang are needed")
    limits = thresholds(rules.preset, rules.rule)
    with output_directory(out.output, overwrite=out.overwrite) as directory:
        expected = Expected(
            spellings(read.source_lang), spellings(read.target_lang), read.columns,
            None if read.format == "auto" else read.format,
        )  # fmt: skip
        readers = find_readers(paths.inputs, expected)
        profile = take_profile(readers, read.source_lang, read.target_lang)
        judge = Judge(readers, profile, limits)
        account = prepare(readers, judge, Split(out.dev, random.seed), directory)
        counts = {"read": account.read.total(), "kept": account.kept.total()}
        manifest = new_manifest(
            "optical-bitext/1", invocation, counts=counts, files=file_hashes(directory),
            inputs=[path for reader in readers for path in reader.paths],
        )  # fmt: skip
        write_manifest(directory, manifest)
    rows = [("read", counts["read"]), *account.totals().most_common(), ("kept", counts["kept"])]
    print_table(None, ("pairs", "count"), rows)
