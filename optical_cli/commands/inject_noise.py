"""`optical inject-noise`."""

from typing import TYPE_CHECKING

from optical_cli.noise.settings import (
    NoiseInputSettings,
    NoiseMaterialSettings,
    NoiseOutputSettings,
    NoiseSettings,
)
from optical_cli.settings import Invocation, SeedSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optical_cli.formats.manifest import Manifest
    from optical_cli.noise import Mixer
    from optical_cli.noise.material import Material

COUNTED = ("requested", "effective", "chosen", "changed", "unchanged")


def inject_noise(
    what: NoiseInputSettings,
    how: NoiseSettings,
    files: NoiseMaterialSettings,
    out: NoiseOutputSettings,
    random: SeedSettings,
    invocation: Invocation,
) -> None:
    """Make a share of parallel text noisy, and account for every change.

    Reads parallel text. Writes it again, all lines in order and all columns as they were but for
    the pairs that are hit. Which these are depends on the seed, the kind of noise and the pair
    itself: what is noisy at 10% is noisy at 20%. --list explains the kinds.

    Examples:

        optical inject-noise clean/train.tsv -o noisy.tsv --noise misalign=0.2 --ledger ledger.jsonl

        optical inject-noise - -o - --noise typos@either=0.3:0.1 --noise truncate=0.1
    """
    if out.list_kinds:
        _explain()
        return
    from contextlib import ExitStack

    from optical_cli.formats.manifest import described_file
    from optical_cli.noise import Mixer
    from optical_cli.noise.injecting import noisy_lines

    _require(what, out)
    mixer = Mixer(_noises(how, files), _material(files), how.mode, random.seed)
    with ExitStack() as stack:
        paths = [out.output, out.ledger] if out.ledger else [out.output]
        files_out = [
            stack.enter_context(described_file(path, overwrite=out.overwrite)) for path in paths
        ]
        _write(noisy_lines(what, mixer, how.window), *(stream for stream, _ in files_out))
        manifests = _manifests(mixer, what, files, invocation)
        for (_, describe), manifest in zip(files_out, manifests, strict=False):
            describe(manifest)
    _summarize(mixer)


def _require(what: NoiseInputSettings, out: NoiseOutputSettings) -> None:
    from pathlib import Path

    from optical_cli.errors import UsageError
    from optical_cli.formats.streams import STDIO

    given = (("INPUT", what.bitext), ("--output", out.output))
    if missing := [name for name, value in given if not value]:
        raise UsageError(f"missing {', '.join(missing)}")
    if out.ledger and Path(out.ledger) == Path(out.output):
        which = "stdout" if out.ledger == STDIO else out.ledger
        raise UsageError(f"--ledger and --output are both {which}")


def _noises(how: NoiseSettings, files: NoiseMaterialSettings) -> list:
    from optical_cli.noise import parse_noises

    options = {"--other-bitext": files.other_bitext, "--crawl": files.crawl,
               "--lexicon": files.lexicon}  # fmt: skip
    return parse_noises(how.noise, {name for name, path in options.items() if path is not None})


def _material(files: NoiseMaterialSettings) -> "Material":
    from optical_cli.noise.material import ForeignPairs, Material, Words

    return Material(
        other_bitext=files.other_bitext and ForeignPairs(files.other_bitext, files.other_columns),
        crawl=files.crawl and ForeignPairs(files.crawl, files.crawl_columns),
        lexicon=files.lexicon and Words(files.lexicon),
    )


def _write(lines, stream, ledger=None) -> None:
    import json

    for row, changes in lines:
        stream.write(row.line())
        for change in changes if ledger else ():
            ledger.write((json.dumps(change.record(), ensure_ascii=False) + "\n").encode())


def _manifests(
    mixer: "Mixer",
    what: NoiseInputSettings,
    files: NoiseMaterialSettings,
    invocation: Invocation,
) -> "Iterator[Manifest]":
    """The output's, then the ledger's."""
    from optical_cli.formats.manifest import new_manifest

    inputs = [what.bitext, files.other_bitext, files.crawl, files.lexicon]
    inputs = [path for path in inputs if path is not None]
    changes = sum(tally.changed for tally in mixer.tallies)
    counts = {"records": mixer.written, "pairs": mixer.read, "changes": changes}
    account = {"noise": mixer.account()}
    facts = {"inputs": inputs, **account}
    yield new_manifest("optical-noisy-bitext/1", invocation, counts=counts, **facts)
    counts = {"records": changes, "pairs": mixer.read}
    yield new_manifest("optical-noise-ledger/1", invocation, counts=counts, **facts)


def _summarize(mixer: "Mixer") -> None:
    import logging

    from optical_cli.console import print_table

    rows = [
        (entry["noise"], *(f"{entry[name]:,.4g}" for name in COUNTED), _ways(entry["ways"]))
        for entry in mixer.account()
    ]
    print_table(None, ("noise", *COUNTED, "how"), rows)
    log = logging.getLogger(__name__)
    log.info("%s pairs read, %s written", f"{mixer.read:,}", f"{mixer.written:,}")


def _ways(ways: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in ways.items())


def _explain() -> None:
    """Print every kind of noise, in the order in which they are applied."""
    import textwrap

    from optical_cli.noise import KINDS

    for kind in KINDS.values():
        side = "[@SIDE]" * kind.sides
        print(f"{kind.name}{side}=RATE{'[:INTENSITY]' * (kind.intensity is not None)}")
        print(textwrap.indent(textwrap.fill(kind.definition, 96), "    "))
        facts = [f"needs {kind.needs} FILE"] * bool(kind.needs)
        if kind.intensity is not None:
            facts.append(f"INTENSITY: share of the {kind.share} ({kind.intensity:g})")
        facts += ["streams; on stdin within windows" if kind.surveys else "streams"]
        print(f"    {'; '.join(facts)}\n")
    print("SIDE is target unless said, or source or either.")
    print("A pair that several kinds hit meets them in this order.")
