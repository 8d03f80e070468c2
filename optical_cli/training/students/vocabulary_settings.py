"""What a student's vocabulary is made of."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.bounds import COUNT
from optical_cli.settings import option

KEEP, WORDS, NEW, AUTO = "keep", "words", "new", "auto"


@dataclass(frozen=True, kw_only=True)
class StudentVocabularySettings:
    """The student's vocabulary and how it starts."""

    student_vocab: str = option(
        AUTO,
        help="keep is the teacher's; words adds every word of the bitext's target side as a token"
        " that starts from its translations, words:N the N most frequent; new:SIZE reads"
        " these words in so many new subwords, which start from the words that hold them; auto is"
        " words where the teacher's vocabulary reads the target side badly (half as many tokens"
        " again as the source side has, or a tenth of them unknown), else keep.",
        metavar="auto|keep|words[:N]|new:SIZE",
    )
    vocab_text: tuple[Path, ...] = option(
        (),
        help="More text in the target language, such as questions that nobody translated: its words"
        " become tokens, too, where the lexicon or its --back-off knows them. Lines or a table,"
        " whose columns of ids are left out. Repeatable.",
        metavar="FILE",
    )
    start_translations: int = option(
        5,
        help="Translations that a new token's embedding is the weighted mean of.",
        within=COUNT,
    )
