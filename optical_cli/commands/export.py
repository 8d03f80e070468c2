"""`optical export`."""

from optical_cli.encoders.settings import ExportSettings, ModelTrustSettings
from optical_cli.settings import DirectoryOutputSettings, Invocation


def export(
    what: ExportSettings, out: DirectoryOutputSettings, trust: ModelTrustSettings,
    invocation: Invocation,
) -> None:  # fmt: skip
    """Write an encoder in the layout of another program.

    Reads an encoder in any layout that this program loads. Writes a directory that
    sentence-transformers (`MultiVectorEncoder`) and PyLate load, or one that Stanford's ColBERT
    loads, which wants a linear head: what `train-teacher` makes without --plain, and students of
    it. Token weights, and how words met later are read, are known to neither.

    Examples:

        optical export --to stanford work/student -o exported

        optical export --to sentence-transformers work/student -o exported
    """
    from pathlib import Path

    from optical_cli.encoders.card import facts_of, model_card
    from optical_cli.encoders.export import export as write
    from optical_cli.encoders.hub import folders_among
    from optical_cli.encoders.layout import load
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory

    with output_directory(out.output, overwrite=out.overwrite) as directory:
        encoder = load(what.model, allow_pickle=trust.allow_pickle)
        manifest = new_manifest(
            "optical-export/1",
            invocation,
            inputs=folders_among([what.model]),
            signature=encoder.signature(),
        )
        card = Path(what.model, "README.md")
        text = card.read_text("utf-8") if card.is_file() else None
        write(
            encoder, what.to, directory, card=text or model_card(facts_of(manifest), encoder.config)
        )
        manifest.what["files"] = file_hashes(directory)
        write_manifest(directory, manifest)
