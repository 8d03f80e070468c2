"""Whether a student gets the target language's words as tokens, and a student that has."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from optical_cli.bitext.backoff import BackOff
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders.adapt import with_vocabulary
from optical_cli.encoders.diagnostics import count_pieces
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.texts import read_texts
from optical_cli.encoders.word_tokens import count_words
from optical_cli.errors import UsageError
from optical_cli.formats.bitext import SentencePair
from optical_cli.formats.lexicon import Lexicon
from optical_cli.text.segment import JOINER
from optical_cli.text.terms import terms
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.vocabulary import (
    AUTO,
    BADLY_KNOWN,
    BADLY_SPLIT,
    KEEP,
    WORDS,
    build_student_vocabulary,
    parse,
)
from optical_cli.training.vocabulary_settings import StudentVocabularySettings

log = logging.getLogger(__name__)

SAMPLED = 2000


def _some(bitext: Bitext) -> Iterator[SentencePair]:
    return islice(bitext.pairs(), SAMPLED)


@dataclass(frozen=True)
class StudentWords:
    """The words of a bitext's target side as a student's tokens.

    Attributes:
        settings: What is wanted.
        bitexts: Whose target sides.
        lexicon: Translations; empty for none.
        unknown: What answers for words that the lexicon lacks.
    """

    settings: StudentVocabularySettings
    bitexts: Sequence[Bitext]
    lexicon: Lexicon
    unknown: BackOffSettings

    def given_to(self, student: LateInteractionEncoder) -> LateInteractionEncoder:
        """The student with new tokens that start from the lexicon, or as it is.

        Raises:
            UsageError: Words are wanted and there is no lexicon.
        """
        kind = self._kind(student)
        if kind == KEEP:
            if self.lexicon:
                self._warn_of_joiners()
            return student
        if not self.lexicon:
            raise UsageError(
                f"--student-vocab {self.settings.student_vocab} needs --lexicon",
                hint="optical lexicon --bitext FILE -o lexicon.tsv",
            )
        counts = count_words(student.tokenizer, self._texts())
        made = build_student_vocabulary(
            student, counts, self._translate(counts), self._resolved(kind)
        )
        return with_vocabulary(
            student, made.tokenizer, made.embeddings, known_words=made.known_words
        ).to(student.device)

    def _kind(self, student: LateInteractionEncoder) -> str:
        """What becomes of the vocabulary; why is said in every case.

        Without a lexicon nothing hangs on it, so that a process that says nothing measures nothing.
        """
        kind, _ = parse(self.settings.student_vocab)
        asked = bool(self.lexicon) or log.isEnabledFor(logging.INFO)
        badly = asked and self._reads_badly(student)
        if kind == AUTO:
            kind = WORDS if badly and self.lexicon else KEEP
        if kind != KEEP:
            log.info("the target side gets tokens of its own")
        elif badly and not self.lexicon:
            log.info(
                "the vocabulary stays, which reads the target side badly: words become tokens"
                " where there is a --lexicon"
            )
        else:
            log.info("the vocabulary stays")
        return kind

    def _warn_of_joiners(self) -> None:
        if any(JOINER in pair.target for bitext in self.bitexts for pair in _some(bitext)):
            log.warning(
                "the vocabulary stays, and does not know what joiners are: distill from the bitext"
                " as it was before `optical segment`"
            )

    def _resolved(self, kind: str) -> StudentVocabularySettings:
        wanted = self.settings.student_vocab
        return replace(self.settings, student_vocab=kind if wanted == AUTO else wanted)

    def _reads_badly(self, student: LateInteractionEncoder) -> bool:
        """Whether the target side falls to pieces, or into unknown ones; says by how much.

        Pieces are compared by text: white space parts words in some languages, syllables in
        Vietnamese, and phrases in Thai.
        """
        side = student.query_side()
        pairs = list(chain.from_iterable(map(_some, self.bitexts)))
        source = count_pieces(side, (pair.source for pair in pairs))
        target = count_pieces(side, (pair.target.replace(JOINER, "") for pair in pairs))
        times = target.pieces / max(source.pieces, 1)
        log.info(
            "the target side has %.2f times the source side's pieces, %.0f%% of them unknown",
            times, 100 * target.unknown_share,
        )  # fmt: skip
        return times >= BADLY_SPLIT or target.unknown_share >= BADLY_KNOWN

    def _texts(self) -> Iterator[str]:
        for bitext in self.bitexts:
            yield from (pair.target for pair in bitext.pairs())
        yield from read_texts(self.settings.vocab_text)

    def _translate(self, counts: Counter[str]) -> BackOff:
        """The lexicon with its back-off; what is spelt as the source language has it is a name."""
        copied = {source for entry in self.lexicon.values() for source in entry}
        translate = BackOff(self.lexicon, self.unknown, copied=copied)
        lacking = {t for word in counts for t in terms(word)} - self.lexicon.keys()
        translate.prepare(sorted(lacking))
        log.info(
            "the lexicon lacks %d words of the target text; %d of them are spelt like known ones",
            len(lacking), sum(bool(translate(term)) for term in lacking),
        )  # fmt: skip
        return translate
