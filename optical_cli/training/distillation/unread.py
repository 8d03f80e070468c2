"""Which settings of `optical distill` nothing reads, as others are."""

from collections.abc import Collection

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.settings import all_of
from optical_cli.training.distillation.passages_settings import PassagesSettings
from optical_cli.training.distillation.scored_passages import SCORED
from optical_cli.training.objectives.expression import COMPARING, parse_objective
from optical_cli.training.settings import DistillSettings, SelectionSettings
from optical_cli.training.students.vocabulary_settings import StudentVocabularySettings
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.objective import unread as unread_by_solver
from optical_cli.transport.settings import TransportSettings

# Objectives with a softmax.
TEMPERED = (*COMPARING, SCORED)


def unread(
    what: DistillSettings,
    transport: TransportSettings,
    annealing: AnnealingSettings,
    selecting: SelectionSettings,
    *,
    vocabulary: bool,
) -> dict[str, str]:
    """Why nothing reads some settings, by ``section.name``.

    Args:
        what: The objective.
        transport: The solver.
        annealing: Schedule and priors.
        selecting: What would be selected by.
        vocabulary: The student gets new tokens.
    """
    names = parse_objective(what.objective).names
    found = _of_plans(names, what.objective, transport, annealing)
    if not set(TEMPERED) & set(names):
        found["distill.temperature"] = f"--objective {what.objective} has none"
    if SCORED not in names:
        found |= all_of(PassagesSettings, f"no objective is {SCORED}")
    if selecting.dev is None and selecting.dev_queries is None:
        found |= all_of(SelectionSettings, "without --dev or --dev-queries")
    elif selecting.dev is None:
        found["selection.dev_columns"] = "without --dev"
    else:
        found["selection.dev_passages"] = "without --dev-queries"
    if not vocabulary:
        why = "the vocabulary stays"
        found |= all_of(StudentVocabularySettings, why, but=("student_vocab",))
        found |= all_of(BackOffSettings, why)
        if "lexicon" not in annealing.prior:
            found["distill.lexicon"] = why
    if len(what.bitext) == 1:
        found["distill.language_temperature"] = "of one --bitext"
    return found


def _of_plans(
    names: Collection[str],
    objective: str,
    transport: TransportSettings,
    annealing: AnnealingSettings,
) -> dict[str, str]:
    if "ot" not in names:
        why = f"--objective {objective} does not"
        read = ("marginals", "cost") if "chamfer" in names else ("marginals",)
        return all_of(TransportSettings, why, but=read) | all_of(AnnealingSettings, why)
    found = unread_by_solver(transport)
    if annealing.epsilon_schedule is not None:
        found["transport.epsilon"] = "--epsilon-schedule says it"
    if not annealing.prior:
        found |= all_of(AnnealingSettings, "without --prior", but=("prior", "epsilon_schedule"))
    return found
