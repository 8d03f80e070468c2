"""`optical score-bitext`."""

from optical_cli.settings import (
    ComputeSettings,
    FileOutputSettings,
    Invocation,
    SeedSettings,
    all_of,
)
from optical_cli.training.crossfitting.settings import ScoringSettings
from optical_cli.transport.settings import TransportSettings


def score_bitext(
    what: ScoringSettings, transport: TransportSettings, compute: ComputeSettings,
    random: SeedSettings, out: FileOutputSettings, invocation: Invocation,
) -> None:  # fmt: skip
    """Score sentence pairs by how well their sides fit each other, to find misaligned ones.

    Reads pairs (source, target), a teacher, and a first student of it. A student approves what it
    has memorised, so the pairs are cut into --folds and each fold is scored by a student that was
    trained like the first one, on the other folds. Writes JSON lines that prepare-bitext reads
    like any other bitext and filters with --rule cost=Z, --rule margin=M or --keep-best SHARE:
    the pair with its cost, cost_z (deviations above pairs of like length) and margin (how much
    cheaper it is than near neighbors).

    --by words needs no model and takes seconds: folds of the pairs teach translations of words
    (IBM model 1), which judge the fold that was left out beside wrong partners drawn from it. It
    adds parallel, the probability that the sides belong together: prepare-bitext --rule
    parallel=0.5 keeps what probably does, and nobody has to say how much that is.

    Examples:

        optical score-bitext --teacher teacher --student student clean/train.tsv -o scored.jsonl.zst

        optical score-bitext --by words clean/train.tsv -o scored.jsonl
    """
    from optical_cli.formats.manifest import described_file, new_manifest
    from optical_cli.formats.scored_bitext import FORMAT, write_scored

    with described_file(out.output, overwrite=out.overwrite) as (stream, describe):
        if what.by == "words":
            from optical_cli.bitext.word_scoring import scored_by_words

            why = "--by words"
            invocation.warn_of_unread(all_of(TransportSettings, why) | {"scoring.neighbors": why})
            count = write_scored(
                stream,
                scored_by_words(what.input, what.columns, what.limit, what.folds, random.seed),
            )
            inputs = [what.input]
        else:
            from optical_cli.encoders.hub import folders_among
            from optical_cli.training.crossfitting.scoring import Scoring
            from optical_cli.transport import unread

            invocation.warn_of_unread(unread(transport))
            count = write_scored(stream, Scoring(what, transport, compute, random.seed).scored())
            inputs = [what.input, *folders_among((what.student, what.teacher))]
        describe(new_manifest(FORMAT, invocation, inputs=inputs, counts={"records": count}))
