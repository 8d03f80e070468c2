"""`optical train-teacher`."""

from optical_cli.settings import (
    ComputeSettings,
    Invocation,
    ResumableOutputSettings,
    SeedSettings,
)
from optical_cli.training.settings import (
    BatchSettings,
    CheckpointSettings,
    ExamplesSettings,
    ScheduleSettings,
    TeacherSettings,
    ValidationSettings,
)


def train_teacher(
    what: TeacherSettings, examples: ExamplesSettings, schedule: ScheduleSettings,
    batches: BatchSettings, selecting: ValidationSettings, keeping: CheckpointSettings,
    compute: ComputeSettings, random: SeedSettings, out: ResumableOutputSettings,
    invocation: Invocation,
) -> None:  # fmt: skip
    """Train a late-interaction encoder to rank passages for queries of its language.

    Reads an encoder and triples, or queries, a collection and relevance judgements. Each query's
    positive competes with its own negatives and with all other passages of the batch. With dev
    queries and their judgements the weights of the best AP are kept. Writes a directory with the
    encoder, its curves and its card; --resume continues an interrupted run.

    Examples:

        optical train-teacher --model model --triples triples.tsv -o teacher

        optical train-teacher --model model --queries q.tsv --collection c.tsv --qrels q.txt -o t
    """
    from optical_cli.training.settings import TrainingSettings
    from optical_cli.training.teaching.run import Teaching

    training = TrainingSettings(schedule, batches, keeping, selecting, compute, random.seed)
    Teaching(what, examples, training, invocation).run(out)
