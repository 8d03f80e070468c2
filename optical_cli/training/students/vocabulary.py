"""A student's vocabulary: the teacher's, with words or subwords of the target language added."""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from optical_cli.bitext.backoff import BackOff
from optical_cli.encoders.foreign_letters import foreign_letters
from optical_cli.encoders.known_words import KnownWords
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.subword_tokens import with_subwords
from optical_cli.encoders.word_tokens import with_words
from optical_cli.errors import InputError, UsageError
from optical_cli.text.segmenter import joined_words
from optical_cli.training.students.vocabulary_settings import (
    AUTO,
    KEEP,
    NEW,
    WORDS,
    StudentVocabularySettings,
)
from optical_cli.training.students.word_starts import LexiconStart, piece_starts

log = logging.getLogger(__name__)

# A vocabulary reads the target language badly if it makes so many times the pieces of the source
# side out of the target side, which says the same, or does not know so many of these pieces.
BADLY_SPLIT = 1.5
BADLY_KNOWN = 0.1


class StudentVocabulary(NamedTuple):
    """What `encoders.with_vocabulary` makes a student of.

    Attributes:
        tokenizer: The teacher's, with more tokens.
        embeddings: A row for each token.
        known_words: Whole words that are tokens, and those that the student has to tell in text
            without spaces; None where there are none.
    """

    tokenizer: PreTrainedTokenizerBase
    embeddings: Float[Tensor, "vocabulary width"]
    known_words: KnownWords | None = None


def build_student_vocabulary(
    teacher: LateInteractionEncoder,
    counts: Counter[str],
    translate: BackOff,
    settings: StudentVocabularySettings,
) -> StudentVocabulary:
    """The vocabulary of a new student and what its tokens start from.

    Args:
        teacher: Whose vocabulary and embeddings it starts from.
        counts: How often each word stands in text of the target language, by `count_words`: in the
            bitext's target side and in other text, whose words get tokens too where `translate`
            knows them.
        translate: The translations of a term. It also says how words without a token are read.
        settings: How many words, and how they start.

    Raises:
        UsageError: The setting is malformed, or the teacher's tokenizer cannot take words.
        InputError: No word of the texts has a translation.
    """
    tokenizer = teacher.tokenizer
    table = teacher.backbone.get_input_embeddings().weight.detach()[: len(tokenizer)]
    kind, size = parse(settings.student_vocab)
    if kind == KEEP:
        return StudentVocabulary(tokenizer, table.clone())
    start = LexiconStart(translate, tokenizer, table, best=settings.start_translations)
    rows = start.rows(sorted(counts, key=lambda word: (-counts[word], word)))
    if not rows:
        raise InputError("the lexicon has no translation of any word of the texts")
    if kind == NEW:
        made, pieces = with_subwords(tokenizer, {word: counts[word] for word in rows}, size)
        added = len(made) - len(tokenizer)
        found, words = piece_starts(rows, pieces, counts, len(tokenizer), added), list(pieces)
        how = f"are read in {added} new pieces, {_mean_pieces(pieces, counts):.2f} a word, and"
        # None of them is a token of its own that others could be compared with.
        tokens, least = (), None
    else:
        letters = foreign_letters(tokenizer, counts) if translate.romanizes else ""
        if letters:
            log.info("other words are read in Latin letters, not in %s", letters)
        made, words = with_words(tokenizer, list(rows)[:size], romanize=letters)
        found, how = torch.stack([rows[word] for word in words]), "become tokens and"
        tokens, least = tuple(words), translate.least
    covered = sum(counts[word] for word in words) / counts.total()
    log.info(
        "%d of %d words %s are %.0f%% of the target text", len(words), len(rows), how, 100 * covered
    )
    unspaced = joined_words({word: counts[word] for word in words})
    known = KnownWords(tokens, len(tokenizer), least, unspaced) if tokens or unspaced else None
    return StudentVocabulary(made, torch.cat([table, found.to(table)]), known)


def _mean_pieces(pieces: Mapping[str, Sequence[int]], counts: Counter[str]) -> float:
    total = sum(counts[word] for word in pieces)
    return sum(counts[word] * len(ids) for word, ids in pieces.items()) / max(total, 1)


def parse(setting: str) -> tuple[str, int | None]:
    """``words:20000`` as kind and size.

    Raises:
        UsageError: It is none of ``auto``, ``keep``, ``words``, ``words:N`` and ``new:SIZE``.
    """
    found = re.fullmatch(rf"({AUTO}|{KEEP}|{WORDS})|({WORDS}|{NEW}):([1-9][0-9]*)", setting)
    if not found:
        raise UsageError(
            f"--student-vocab {setting}: expected auto, keep, words, words:N or new:SIZE"
        )
    return found[1] or found[2], int(found[3]) if found[3] else None
