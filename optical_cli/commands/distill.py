"""`optical distill`."""

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.settings import (
    ComputeSettings,
    Invocation,
    ResumableOutputSettings,
    SeedSettings,
)
from optical_cli.training.distillation.passages_settings import PassagesSettings
from optical_cli.training.settings import (
    BatchSettings,
    CheckpointSettings,
    DistillSettings,
    ScheduleSettings,
    SelectionSettings,
)
from optical_cli.training.students.settings import StudentSettings
from optical_cli.training.students.vocabulary_settings import StudentVocabularySettings
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.settings import TransportSettings


def distill(
    what: DistillSettings, how: StudentSettings, vocabulary: StudentVocabularySettings,
    unknown: BackOffSettings, passages: PassagesSettings, transport: TransportSettings,
    annealing: AnnealingSettings, schedule: ScheduleSettings, batches: BatchSettings,
    selecting: SelectionSettings, keeping: CheckpointSettings, compute: ComputeSettings,
    random: SeedSettings, out: ResumableOutputSettings, invocation: Invocation,
) -> None:  # fmt: skip
    """Train a student encoder from bitext, by optimal transport.

    Reads a teacher and sentence pairs (source, target). The student learns to put the tokens of
    each target where the teacher puts those of its source; the teacher and its passages stay as
    they are. Writes a directory with the student, its curves and its card; --resume continues an
    interrupted run.

    Examples:

        optical distill --teacher teacher --bitext clean/train.tsv --dev clean/dev.tsv -o student

        optical distill --teacher teacher --bitext sw=sw.tsv --bitext so=so.tsv -o both
    """
    from optical_cli.training.distillation.presets import with_expansion, with_preset
    from optical_cli.training.distillation.request import DistillRequest
    from optical_cli.training.distillation.run import Distillation
    from optical_cli.training.settings import TrainingSettings

    what, transport, vocabulary, invocation = with_preset(what, transport, vocabulary, invocation)
    transport, invocation = with_expansion(what, transport, invocation)
    training = TrainingSettings(schedule, batches, keeping, selecting, compute, random.seed)
    request = DistillRequest(
        what, how, vocabulary, unknown, passages, transport, annealing, training, invocation
    )
    Distillation(request).run(out)
