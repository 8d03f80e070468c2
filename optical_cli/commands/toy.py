"""`optical toy`."""

from optical_cli.settings import DirectoryOutputSettings, Invocation, SeedSettings
from optical_cli.toy.settings import ToySettings


def toy(
    out: DirectoryOutputSettings, world: ToySettings, random: SeedSettings, invocation: Invocation
) -> None:
    """Write a small two-language world to try everything on.

    Reads nothing. Writes an English collection, parallel English and Swahili queries, relevance
    judgements, training triples, raw bitext with the dirt of real files, and sentence pairs with
    their true word alignment. Both languages come from one grammar, so all of it is known by
    construction. The manifest counts the dirt by kind.

    Examples:

        optical toy -o work/toy

        optical toy -o work/small --passages 200 --pairs 1000
    """
    from optical_cli.console import print_table
    from optical_cli.formats.manifest import file_hashes, new_manifest, write_manifest
    from optical_cli.formats.outputs import output_directory
    from optical_cli.toy.world import write_world

    with output_directory(out.output, overwrite=out.overwrite) as directory:
        counts = write_world(directory, world, random.seed)
        manifest = new_manifest(
            "optical-toy/1", invocation, counts=counts, files=file_hashes(directory)
        )
        write_manifest(directory, manifest)
    made = {name: count for name, count in counts.items() if not name.startswith("dirt.")}
    made["dirty lines"] = sum(counts.values()) - sum(made.values())
    print_table(None, ("made", "count"), list(made.items()))
