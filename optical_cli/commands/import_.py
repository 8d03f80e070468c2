"""`optical import`; the module's name ends as Python's keywords have to."""

from collections.abc import Iterable

from optical_cli.importers.settings import ImportOutputSettings, ImportSettings, PartSettings
from optical_cli.settings import Invocation


def import_(
    what: ImportSettings, part: PartSettings, out: ImportOutputSettings, invocation: Invocation
) -> None:
    """Turn a public data set into the files that the other commands read.

    Reads a download, which is kept, resumed and held to its hash, or your own copy with --from: a
    folder, an archive, a file or a URL. Writes a directory with collection.tsv, queries.LANG.tsv,
    qrels.txt or bitext.SRC-TGT.tsv, whatever the set has, and LICENSE.txt. --list shows the sets.

    Examples:

        optical import xquad --lang de --lang th -o data/xquad

        optical import mlqa --from MLQA_V1.zip --lang hi --passage-lang en -o data/mlqa

        optical import opus:TED2020/v1 --lang sw -o data/ted
    """
    from optical_cli.console import print_table
    from optical_cli.errors import UsageError
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory
    from optical_cli.importers.importing import (
        convert,
        listing,
        open_it,
        part_of,
        read_inputs,
        summary,
    )

    if what.list:
        _print_list(listing(what.cache))
        return
    missing = [name for name, given in (("NAME", what.name), ("--output", out.output)) if not given]
    if missing:
        raise UsageError(
            f"missing {', '.join(missing)}", hint="optical import --list shows the data sets"
        )
    dataset, wanted = part_of(what, part)
    with output_directory(out.output, overwrite=out.overwrite) as directory:
        copy = open_it(dataset, wanted, what)
        written = convert(dataset, wanted, copy, directory)
        fetched = [{"url": f.file.url, "sha256": f.sha256} for f in copy.fetched]
        manifest = new_manifest(
            "optical-import/1", invocation, inputs=read_inputs(copy), counts=written.counts,
            files=file_hashes(directory), downloads=[*fetched, *written.downloads],
            left_out=dict(written.left_out), license=dataset.license,
        )  # fmt: skip
        write_manifest(directory, manifest)
    print_table(None, ("written", "records"), summary(written))


def _print_list(rows: Iterable[tuple[str, ...]]) -> None:
    """Plain columns, as wide as they are: a table of words that `grep` and `cut` can read."""
    rows = [("name", "at hand", "languages", "size", "license", "what"),
            *((name, here, langs, size, license, what)
              for name, what, langs, size, license, here in rows)]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
