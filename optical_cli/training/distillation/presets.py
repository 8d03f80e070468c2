"""Settings that belong together under one name, or to one start."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optical_cli.errors import UsageError
from optical_cli.settings import Invocation, flag_of
from optical_cli.training.objectives.expression import parse_objective
from optical_cli.training.settings import DistillSettings, ScheduleSettings
from optical_cli.training.students.vocabulary_settings import KEEP, StudentVocabularySettings
from optical_cli.transport.settings import TransportSettings
from optical_cli.weighing import Weighing

log = logging.getLogger(__name__)

AS_TEACHER = "the teacher's weights"

# The paper extends both sides to one length with [MASK]s, which carry mass as all tokens do, and
# reads what its multilingual teacher's vocabulary makes of them.
PAPER = {
    "distill.expand": True, "transport.marginals": "all", "distill.objective": "ot",
    "student_vocabulary.student_vocab": KEEP,
}  # fmt: skip
# What won where new words start from a lexicon. They stand near their translations already, so
# that plans are good from the first step, where elsewhere pooled vectors have to lead; and a word
# stands in few batches.
STARTED_WORDS = {"distill.objective": "ot", "schedule.embedding_lr": 3e-3}
# One pass over a few pairs ends before their words have settled; after six nothing more was won.
ROWS_TO_READ = 12_000
MOST_PASSES = 6.0
# Marginals that move [MASK]s.
WITH_MASKS = ("all", "blocks")
# Objectives that count [MASK]s as retrieval does, whatever the marginals.
COUNTING_MASKS = {"contrastive", "score-kl"}
# Where marginals come from that nobody asked for.
UNASKED = ("default", AS_TEACHER)


def with_preset(
    what: DistillSettings,
    transport: TransportSettings,
    vocabulary: StudentVocabularySettings,
    invocation: Invocation,
) -> tuple[DistillSettings, TransportSettings, StudentVocabularySettings, Invocation]:
    """Settings as ``--preset`` wants them, and the invocation that says so.

    Raises:
        UsageError: An option was given that contradicts the preset.
    """
    if what.preset is None:
        return what, transport, vocabulary, invocation
    for name, value in PAPER.items():
        section, _, option = name.partition(".")
        entry = invocation.settings.get(section, {}).get(option)
        if entry and entry["from"] != "default" and entry["value"] != value:
            raise UsageError(
                f"--preset paper means {flag_of(option)} {value}, not {entry['value']}"
            )
    sections = {"distill": what, "transport": transport, "student_vocabulary": vocabulary}
    return *_changed(sections, PAPER), _said(invocation, PAPER, "preset paper")


def with_expansion(
    what: DistillSettings, transport: TransportSettings, invocation: Invocation
) -> tuple[TransportSettings, Invocation]:
    """Marginals that give [MASK]s mass, where both sides are extended by them.

    The student searches with its [MASK]s, so transport has to move them, too.

    Raises:
        UsageError: Others were asked for.
    """
    names = set(parse_objective(what.objective).names)
    if not what.expand or transport.marginals in WITH_MASKS or names <= COUNTING_MASKS:
        return transport, invocation
    if invocation.origin("transport.marginals") != "default":
        raise UsageError(
            f"--expand: --marginals {transport.marginals} gives [MASK]s no mass, with which the"
            " student would search",
            hint=f"--marginals {' and '.join(WITH_MASKS)} give them some",
        )
    log.info("--expand: --marginals %s, so that [MASK]s have mass", WITH_MASKS[0])
    chosen = {"transport.marginals": WITH_MASKS[0]}
    (transport,) = _changed({"transport": transport}, chosen)
    return transport, _said(invocation, chosen, "expansion")


def with_teachers_weights(
    transport: TransportSettings, invocation: Invocation, weighing: Weighing
) -> tuple[TransportSettings, Invocation]:
    """Marginals by which tokens weigh what they weigh in the teacher's ranking, if none were asked.

    Args:
        transport: With the marginals.
        invocation: Knows whether they were asked for.
        weighing: What the teacher weighs query tokens by.
    """
    if not weighing or invocation.origin("transport.marginals") != "default":
        return transport, invocation
    log.info("tokens weigh %s, as in the teacher's ranking", weighing)
    chosen = {"transport.marginals": str(weighing)}
    (transport,) = _changed({"transport": transport}, chosen)
    return transport, _said(invocation, chosen, AS_TEACHER)


def with_started_words(
    what: DistillSettings,
    transport: TransportSettings,
    schedule: ScheduleSettings,
    invocation: Invocation,
    *,
    rows: int,
    across_scripts: bool,
) -> tuple[DistillSettings, TransportSettings, ScheduleSettings, Invocation]:
    """Settings for a student whose new words start from a lexicon, where nobody chose others.

    Args:
        what: With the objective.
        transport: With the marginals.
        schedule: With the embeddings' rate and the passes over the data.
        invocation: Knows what was chosen.
        rows: Pairs to learn from, or any number from `ROWS_TO_READ` on.
        across_scripts: The student reads queries in another script than the teacher's language;
            passages are never weighted.
    """
    sections = {"distill": what, "transport": transport, "schedule": schedule}
    chosen: dict[str, Any] = {}
    wanted = dict(STARTED_WORDS)
    if across_scripts:
        # A word that no token holds is romanised, in many pieces that mean little: they must not
        # outvote the words that are known. Within one script it is a name, mostly, whose pieces
        # the passages have, too.
        wanted["transport.marginals"] = str(replace(transport.weighing, words=True))
    if schedule.steps is None and passes_over(rows) > 1:
        wanted |= {"schedule.epochs": passes_over(rows)}
    for name, value in wanted.items():
        if invocation.origin(name) not in UNASKED:
            continue
        log.info("new words start from the lexicon: %s %s", flag_of(_option(name)), value)
        chosen[name] = value
    return *_changed(sections, chosen), _said(invocation, chosen, "words from a lexicon")


def passes_over(rows: int) -> float:
    """How often so many rows are read: the fewer, the oftener."""
    return max(1.0, min(MOST_PASSES, round(ROWS_TO_READ / max(rows, 1), 1)))


def _option(name: str) -> str:
    return name.partition(".")[2]


def _changed(sections: dict[str, Any], values: Mapping[str, Any]) -> list[Any]:
    """The settings of these sections, in their order, with `values`, by ``section.name``."""
    sections = dict(sections)
    for name, value in values.items():
        section, _, option = name.partition(".")
        sections[section] = replace(sections[section], **{option: value})
    return list(sections.values())


def _said(invocation: Invocation, values: Mapping[str, Any], origin: str) -> Invocation:
    """The invocation as if `values`, by ``section.name``, came from `origin`."""
    settings = {section: dict(entries) for section, entries in invocation.settings.items()}
    for name, value in values.items():
        section, _, option = name.partition(".")
        settings.setdefault(section, {})[option] = {"value": value, "from": origin}
    return replace(invocation, settings=settings)
