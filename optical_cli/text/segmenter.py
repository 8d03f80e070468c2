"""Words of scripts that are written without spaces, learned from text in them.

A unigram model of pieces (Kudo 2018) is learned from the runs of such scripts, and a run's most
probable pieces are its words. U+2060, the word joiner, which nobody sees, is put between the
graphemes of each, and `words` reads what it joins as one word. No dictionary is needed, so any
language will do of which there is text.

Han and kana stay as they are: their characters mean something one by one, and pieces learned from
little text translate worse.
"""

import logging
import math
from collections.abc import Collection, Iterable, Mapping

import regex
from tokenizers import Tokenizer, models

from optical_cli.errors import InputError
from optical_cli.text.scripts import UNSEGMENTED, script_class
from optical_cli.text.segment import JOINER, composed, graphemes
from optical_cli.text.unigram import train_unigram

log = logging.getLogger(__name__)

ALPHABETS = UNSEGMENTED - {"Han", "Hiragana", "Katakana"}
_RUN = regex.compile(
    rf"[{script_class(sorted(ALPHABETS))}&&[\p{{L}}\p{{M}}]]+", flags=regex.VERSION1
)


class Segmenter:
    """Joins the graphemes of each word.

    Args:
        scores: The logarithm of each word's probability. A run is parted into the words whose
            product is largest; what no word spells is one word.
    """

    def __init__(self, scores: Mapping[str, float]):
        unknown = ("", 0.0)
        pieces = [unknown, *scores.items()]
        self._model = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))

    @classmethod
    def learned(cls, texts: Iterable[str], pieces: int) -> "Segmenter":
        """Learn what is a word.

        Args:
            texts: In the language; only runs of scripts without spaces are learned from.
            pieces: Different words and parts of words at most, single characters included.

        Raises:
            InputError: The texts have no such run.
            UsageError: There are more characters than `pieces`.
        """
        runs = [run for text in texts for run in _RUN.findall(text.replace(JOINER, ""))]
        if not runs:
            raise InputError(
                f"no text in a script without spaces ({', '.join(sorted(ALPHABETS))})",
                hint="other scripts need no segmentation",
            )
        model = train_unigram(
            runs, pieces, option="--pieces", add_dummy_prefix=False, split_by_unicode_script=False
        )
        ids = range(model.get_piece_size())
        special = {i for i in ids if model.is_unknown(i) or model.is_control(i)}
        return cls({model.id_to_piece(i): model.get_score(i) for i in ids if i not in special})

    @classmethod
    def of_words(cls, counts: Mapping[str, int]) -> "Segmenter":
        """Words as they are known, and how often each was seen, at least once."""
        total = sum(counts.values())
        return cls({word: math.log(count / total) for word, count in counts.items()})

    def __call__(self, text: str) -> str:
        """`text` with joiners inside its words; what was joined is joined anew."""
        return _RUN.sub(lambda run: self._joined(run[0]), text.replace(JOINER, ""))

    def typed(self, text: str) -> str:
        """The same for text as people type it, which is composed first, as known words are."""
        return self(composed(text))

    def state(self) -> str:
        """All that decides what a word is, as JSON."""
        return self._model.to_str()

    def _joined(self, run: str) -> str:
        ends = {end for _, end in self._model.encode(run).offsets}
        joined, place = [], 0
        # A boundary inside a grapheme is none: a vowel sign does not begin a word.
        for grapheme in graphemes(run):
            joined += [grapheme] if place == 0 or place in ends else [JOINER, grapheme]
            place += len(grapheme)
        return "".join(joined)


def joined_words(counts: Mapping[str, int]) -> dict[str, int]:
    """The words of scripts without spaces, without their joiners, and how often each was seen.

    Empty unless joiners have told some of them: single graphemes alone are no words.
    """
    if not any(JOINER in word for word in counts):
        return {}
    bare = {word.replace(JOINER, ""): count for word, count in counts.items()}
    return {word: count for word, count in bare.items() if _RUN.fullmatch(word)}


def lacks_words(texts: Collection[str]) -> bool:
    """Whether some text is in a script without spaces, and no joiner tells words in any."""
    return any(map(_RUN.search, texts)) and not any(JOINER in text for text in texts)


def warn_if_unsegmented(queries: Collection[str], lexicon: Iterable[str]) -> None:
    """Warn if joiners tell the words of `lexicon` and not those of `queries`."""
    if any(JOINER in word for word in lexicon) and lacks_words(queries):
        log.warning(
            "the lexicon's words were told by `optical segment`, those of the queries were not:"
            " hardly one will be found. Segment them, too, with --learn-from the lexicon's bitext"
        )
