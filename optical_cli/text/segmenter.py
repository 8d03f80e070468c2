"""Words of scripts that are written without spaces, learned from text in them.

A unigram model of pieces (Kudo 2018) is learned from the runs of such scripts, and a run's most
probable pieces are its words. U+2060, the word joiner, which nobody sees, is put between the
graphemes of each, and `words` reads what it joins as one word. No dictionary is needed, so any
language will do of which there is text.

Han and kana stay as they are: their characters mean something one by one, and pieces learned from
little text translate worse.
"""

from collections.abc import Iterable
from itertools import accumulate

import regex

from optical_cli.errors import InputError
from optical_cli.text.scripts import UNSEGMENTED, script_class
from optical_cli.text.segment import JOINER, graphemes
from optical_cli.text.unigram import train_unigram

ALPHABETS = UNSEGMENTED - {"Han", "Hiragana", "Katakana"}
_RUN = regex.compile(f"[{script_class(sorted(ALPHABETS))}--\\p{{N}}]+", flags=regex.VERSION1)
_SPACE = "\u2581"


class Segmenter:
    """Joins the graphemes of each word."""

    def __init__(self, texts: Iterable[str], pieces: int):
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
        self._model = train_unigram(
            runs, pieces, option="--pieces", add_dummy_prefix=False, split_by_unicode_script=False
        )

    def __call__(self, text: str) -> str:
        """`text` with joiners inside its words; what was joined is joined anew."""
        return _RUN.sub(lambda run: self._joined(run[0]), text.replace(JOINER, ""))

    def _joined(self, run: str) -> str:
        pieces = self._model.encode(run, out_type=str)
        lengths = (len(piece.removeprefix(_SPACE)) for piece in pieces)
        ends = set(accumulate(lengths, initial=0))
        joined, place = [], 0
        # A boundary inside a grapheme is none: a vowel sign does not begin a word.
        for grapheme in graphemes(run):
            joined += [grapheme] if place in ends else [JOINER, grapheme]
            place += len(grapheme)
        return "".join(joined)
