"""Letters of the target language that a vocabulary knows as letters only, not as parts of words."""

from collections import Counter
from collections.abc import Mapping

from transformers import PreTrainedTokenizerBase

from optical_cli.text.romanize import romanized
from optical_cli.text.scripts import main_script, script_of

# A vocabulary that makes pieces of fewer letters than this out of a script's words spells them.
LETTERS_PER_PIECE = 2.0


def foreign_letters(tokenizer: PreTrainedTokenizerBase, counts: Mapping[str, int]) -> str:
    """The letters of scripts that `tokenizer` spells, and that can be written in Latin ones.

    Args:
        tokenizer: The old vocabulary.
        counts: How often each word stands in text of the target language.

    Returns:
        Each letter or sign that occurs in a word of such a script, in order.
    """
    letters: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for word, count in counts.items():
        script = main_script(word)
        letters[script] += count * len(word)
        pieces[script] += count * len(tokenizer.tokenize(word))
    spelt = {script for script in letters if letters[script] < LETTERS_PER_PIECE * pieces[script]}
    found = {letter for word in counts for letter in word if script_of(letter) in spelt}
    return "".join(sorted(letter for letter in found if romanized(letter) != letter))
