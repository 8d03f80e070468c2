"""Whether a student gets the target language's words as tokens, and a student that has."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from optical_cli.bitext.backoff import BackOff
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders.adapt import with_vocabulary
from optical_cli.encoders.diagnostics import count_pieces
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.texts import read_texts
from optical_cli.encoders.word_tokens import count_words, takes_words
from optical_cli.formats.bitext import SentencePair
from optical_cli.formats.lexicon import Lexicon
from optical_cli.text.segment import JOINER
from optical_cli.text.segmenter import lacks_words
from optical_cli.text.terms import terms
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.students.lexicon import lexicon_of
from optical_cli.training.students.vocabulary import (
    BADLY_KNOWN,
    BADLY_SPLIT,
    build_student_vocabulary,
    parse,
)
from optical_cli.training.students.vocabulary_settings import (
    AUTO,
    KEEP,
    WORDS,
    StudentVocabularySettings,
)

log = logging.getLogger(__name__)

SAMPLED = 2000


def _some(bitext: Bitext) -> Iterator[SentencePair]:
    return islice(bitext.pairs(), SAMPLED)


class WordsFound(NamedTuple):
    """What the texts say of a student's words; all that is to be known of the files.

    Attributes:
        kind: What becomes of the vocabulary: keep, words or new.
        counts: How often each word stands in text of the target language; empty if it is kept.
        lexicon: Translations of words; empty where nothing asks for them.
    """

    kind: str
    counts: Counter[str]
    lexicon: Lexicon


@dataclass(frozen=True)
class StudentWords:
    """The words of a bitext's target side as a student's tokens.

    Attributes:
        settings: What is wanted.
        bitexts: Whose target sides.
        lexicon: Files of translations; without any they are learned from the bitexts.
        unknown: What answers for words that the lexicon lacks.
    """

    settings: StudentVocabularySettings
    bitexts: Sequence[Bitext]
    lexicon: Sequence[Path]
    unknown: BackOffSettings

    def found(self, student: LateInteractionEncoder, *, translate: bool = False) -> WordsFound:
        """Read the texts.

        Args:
            student: Whose vocabulary reads them well or badly.
            translate: A lexicon is asked for even if the vocabulary stays.

        Raises:
            UsageError: Words are wanted, and its tokenizer cannot take any.
            InputError: A text or lexicon is malformed.
        """
        sample = list(chain.from_iterable(map(_some, self.bitexts)))
        kind = self._kind(student, sample)
        _warn_of_script(kind, [pair.target for pair in sample])
        counts = Counter() if kind == KEEP else count_words(student.tokenizer, self._texts())
        asked = translate or kind != KEEP
        return WordsFound(kind, counts, lexicon_of(self.lexicon, self.bitexts) if asked else {})

    def given_to(
        self, student: LateInteractionEncoder, found: WordsFound
    ) -> LateInteractionEncoder:
        """The student with new tokens that start from the lexicon, or as it is.

        Raises:
            InputError: The lexicon has no translation of any word.
        """
        if found.kind == KEEP:
            return student
        made = build_student_vocabulary(
            student, found.counts, self._translate(found), self._resolved(found.kind)
        )
        return with_vocabulary(
            student, made.tokenizer, made.embeddings, known_words=made.known_words
        ).to(student.device)

    def _kind(self, student: LateInteractionEncoder, sample: Sequence[SentencePair]) -> str:
        """What becomes of the vocabulary; why is said in every case.

        Where nothing hangs on it, a process that says nothing measures nothing.
        """
        kind, _ = parse(self.settings.student_vocab)
        asked = kind == AUTO or log.isEnabledFor(logging.INFO)
        badly = asked and _reads_badly(student, sample)
        if kind == AUTO and badly and not takes_words(student.tokenizer):
            log.warning("the vocabulary stays, though it reads badly: it takes no words")
            return KEEP
        if kind == AUTO:
            kind = WORDS if badly else KEEP
        stays = kind == KEEP
        log.info("the vocabulary stays" if stays else "the target side gets tokens of its own")
        return kind

    def _resolved(self, kind: str) -> StudentVocabularySettings:
        wanted = self.settings.student_vocab
        return replace(self.settings, student_vocab=kind if wanted == AUTO else wanted)

    def _texts(self) -> Iterator[str]:
        for bitext in self.bitexts:
            yield from (pair.target for pair in bitext.pairs())
        yield from read_texts(self.settings.vocab_text)

    def _translate(self, found: WordsFound) -> BackOff:
        """The lexicon with its back-off; what is spelt as the source language has it is a name."""
        lexicon = found.lexicon
        copied = {source for entry in lexicon.values() for source in entry}
        translate = BackOff(lexicon, self.unknown, copied=copied)
        lacking = {t for word in found.counts for t in terms(word)} - lexicon.keys()
        translate.prepare(sorted(lacking))
        log.info(
            "the lexicon lacks %d words of the target text; %d of them are spelt like known ones",
            len(lacking), sum(bool(translate(term)) for term in lacking),
        )  # fmt: skip
        return translate


def _reads_badly(student: LateInteractionEncoder, pairs: Sequence[SentencePair]) -> bool:
    """Whether the target side falls to pieces, or into unknown ones; says by how much.

    Pieces are compared by text: white space parts words in some languages, syllables in
    Vietnamese, and phrases in Thai.
    """
    side = student.query_side()
    source = count_pieces(side, (pair.source for pair in pairs))
    target = count_pieces(side, (pair.target.replace(JOINER, "") for pair in pairs))
    times = target.pieces / max(source.pieces, 1)
    log.info(
        "the target side has %.2f times the source side's pieces, %.0f%% of them unknown",
        times, 100 * target.unknown_share,
    )  # fmt: skip
    return times >= BADLY_SPLIT or target.unknown_share >= BADLY_KNOWN


def _warn_of_script(kind: str, texts: Sequence[str]) -> None:
    """Words without spaces are told by joiners, which words that are tokens need."""
    if kind == KEEP and any(JOINER in text for text in texts):
        log.warning(
            "the vocabulary stays, and does not know what joiners are: distill from the bitext"
            " as it was before `optical segment`"
        )
    if kind != KEEP and lacks_words(texts):
        log.warning(
            "the target side has no spaces, so that each character becomes a word: distill"
            " from what `optical segment` makes of it"
        )
