"""Which settings of `optical distill` nothing reads, as others are."""

import dataclasses
from collections.abc import Collection, Iterator

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.settings import section_name
from optical_cli.training.objectives.expression import parse_objective
from optical_cli.training.passages_settings import PassagesSettings
from optical_cli.training.scored_passages import SCORED
from optical_cli.training.settings import DistillSettings, SelectionSettings
from optical_cli.training.vocabulary_settings import StudentVocabularySettings
from optical_cli.transport.annealing import AnnealingSettings
from optical_cli.transport.objective import unread as unread_by_solver
from optical_cli.transport.settings import TransportSettings

# Objectives with a softmax.
TEMPERED = ("contrastive", "contrastive-pooled", SCORED)


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
    found = dict(_of_plans(names, what.objective, transport, annealing))
    if not set(TEMPERED) & set(names):
        found["distill.temperature"] = f"--objective {what.objective} has none"
    if SCORED not in names:
        found |= _all(PassagesSettings, (), f"no objective is {SCORED}")
    if selecting.dev is None and selecting.dev_queries is None:
        found |= _all(SelectionSettings, (), "without --dev or --dev-queries")
    elif selecting.dev is None:
        found["selection.dev_columns"] = "without --dev"
    else:
        found["selection.dev_passages"] = "without --dev-queries"
    if not vocabulary:
        why = "the vocabulary stays"
        found |= _all(StudentVocabularySettings, ("student_vocab",), why)
        found |= _all(BackOffSettings, (), why)
    return found


def _of_plans(
    names: Collection[str],
    objective: str,
    transport: TransportSettings,
    annealing: AnnealingSettings,
) -> Iterator[tuple[str, str]]:
    if "ot" not in names:
        why = f"--objective {objective} does not"
        read = ("marginals", "cost") if "chamfer" in names else ("marginals",)
        yield from _all(TransportSettings, read, why).items()
        yield from _all(AnnealingSettings, (), why).items()
        return
    yield from unread_by_solver(transport).items()
    if annealing.epsilon_schedule is not None:
        yield "transport.epsilon", "--epsilon-schedule says it"
    if not annealing.prior:
        yield "annealing.prior_weight", "without --prior"
        yield "annealing.prior_decay", "without --prior"


def _all(kind: type, but: Collection[str], why: str) -> dict[str, str]:
    names = (field.name for field in dataclasses.fields(kind))
    return {f"{section_name(kind)}.{name}": why for name in names if name not in but}
