"""`optical merge`."""

from optical_cli.encoders.settings import MergeSettings, ModelTrustSettings
from optical_cli.settings import DirectoryOutputSettings, Invocation


def merge(
    what: MergeSettings, out: DirectoryOutputSettings, trust: ModelTrustSettings,
    invocation: Invocation,
) -> None:  # fmt: skip
    """Average the weights of models that began as one.

    Reads two or more encoders of one start, such as students that differ in objective or seed.
    Writes one whose weights are their mean, which searches as fast as each of them and often
    better. Models that did not begin alike are warned of, and other vocabularies refused.

    Examples:

        optical merge work/transport work/contrastive -o work/student

        optical merge work/first work/second --weight 0.7 --weight 0.3 -o work/student
    """
    from optical_cli.console import print_table
    from optical_cli.encoders.card import facts_of, model_card
    from optical_cli.encoders.config import MODEL_FORMAT
    from optical_cli.encoders.hub import folders_among
    from optical_cli.encoders.layout import load
    from optical_cli.encoders.merging import merge as mean_of
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory

    with output_directory(out.output, overwrite=out.overwrite) as directory:
        encoders = {
            name: load(name, allow_pickle=trust.allow_pickle) for name in dict.fromkeys(what.models)
        }
        found = mean_of(encoders, what.weight)
        encoder = found.encoder
        manifest = new_manifest(
            MODEL_FORMAT, invocation, inputs=folders_among(what.models),
            signature=encoder.signature(),
        )  # fmt: skip
        summary = f"Its weights are the mean of those of {len(encoders)} encoders of one start."
        facts = facts_of(manifest, title="A merged encoder", summary=summary)
        encoder.save(directory, card=model_card(facts, encoder.config))
        manifest.what["files"] = file_hashes(directory)
        write_manifest(directory, manifest)
    rows = [
        (name, f"{share:.2f}", f"{distance:.3f}")
        for name, share, distance in zip(encoders, found.shares, found.distances, strict=True)
    ]
    print_table(None, ("model", "share", "distance from the mean"), rows)
