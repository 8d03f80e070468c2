"""Giving marginals and priors the knowledge of tokens that they ask for."""

import logging
from collections.abc import Collection
from dataclasses import replace

from jaxtyping import Float
from torch import Tensor

from optical_cli.encoders.adapt import reweighed
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.formats.lexicon import Lexicon
from optical_cli.training.data.source import PairSource
from optical_cli.training.data.word_types import WordTypes
from optical_cli.training.students.token_tables import (
    TokenTables,
    inverse_frequencies,
    lexicon_affinity,
    shared_types,
    word_numbers,
)
from optical_cli.weighing import Weighing

log = logging.getLogger(__name__)


def informed(
    student: LateInteractionEncoder,
    teacher: LateInteractionEncoder,
    source: PairSource,
    weighing: Weighing,
    priors: Collection[str],
    lexicon: Lexicon,
    *,
    for_queries: bool = True,
) -> tuple[LateInteractionEncoder, TokenTables]:
    """The student, whose queries weigh what transport moves, and what the objectives must know.

    Args:
        student: What is trained; a new one is returned where it gets token weights.
        teacher: Whose tokens are the other side.
        source: The pairs, which are made to say their tokens' words where a prior asks.
        weighing: What its query tokens are to weigh.
        priors: Of the plan's cost, by name.
        lexicon: Translations, where a prior asks for them.
        for_queries: The student encodes queries; passages are never weighted.
    """
    weights = _frequencies(source, teacher, student) if weighing.by == "idf" else None
    tables = TokenTables(weights=weights, weigh_by=weighing.of_backbone)
    student = (
        _weighing(student, weighing, weights and weights[1])
        if for_queries
        else _weighing(student, Weighing(), None)
    )
    if "identical" in priors:
        types = shared_types(teacher.tokenizer, student.tokenizer)
        tables = replace(tables, types=types)
    if "lexicon" in priors:
        affinity = _by_lexicon(source, teacher, student, lexicon)
        tables = replace(tables, lexicon=affinity)
    return student, tables


def _weighing(
    student: LateInteractionEncoder,
    weighing: Weighing,
    frequencies: Float[Tensor, " vocabulary"] | None,
) -> LateInteractionEncoder:
    """The student whose queries weigh so and no other way; itself if it does."""
    if student.weighs_tokens and not weighing:
        log.info("the student's own token weights are dropped: tokens count all alike")
    return reweighed(student, frequencies, weighing)


def _frequencies(source: PairSource, *encoders: LateInteractionEncoder) -> tuple:
    store = source.store
    # What the student reads of the source language are its texts, too.
    own = store.owns if source.readings.also_source else []
    stores = store.sources, [*store.targets, *own]
    return tuple(
        inverse_frequencies(side, len(encoder.tokenizer))
        for side, encoder in zip(stores, encoders, strict=True)
    )


def _by_lexicon(
    source: PairSource,
    teacher: LateInteractionEncoder,
    student: LateInteractionEncoder,
    lexicon: Lexicon,
):
    sources = word_numbers(word for entry in lexicon.values() for word in entry)
    targets = word_numbers(lexicon)
    types = WordTypes(teacher, sources), WordTypes(student, targets)
    source.stores = [replace(store, types=types) for store in source.stores]
    return lexicon_affinity(lexicon, sources, targets)
