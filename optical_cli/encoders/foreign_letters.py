"""Letters of the target language that a vocabulary knows as letters only, not as parts of words."""

from collections import Counter
from collections.abc import Mapping

from transformers import PreTrainedTokenizerBase

from optical_cli.text.romanize import romanized
from optical_cli.text.scripts import main_script, script_of

# A vocabulary that makes pieces of fewer letters than this out of a script's words spells them.
LETTERS_PER_PIECE = 2.0


def foreign_letters(tokenizer: PreTrainedTokenizerBase, counts: Mapping[str, int]) -> str:
    """The letters of scripts that `tokenizer` spells, or does not know, as they have Latin ones.

    Args:
        tokenizer: The old vocabulary.
        counts: How often each word stands in text of the target language.

    Returns:
        Each letter or sign that occurs in a word of such a script, in order.
    """
    letters: Counter[str | None] = Counter()
    pieces: Counter[str | None] = Counter()
    words = list(counts)
    for word, ids in zip(
        words, tokenizer(words, add_special_tokens=False)["input_ids"], strict=True
    ):
        script = main_script(word)
        letters[script] += counts[word] * len(word)
        # What is not known at all is worse than spelt.
        unknown = tokenizer.unk_token_id in ids
        pieces[script] += counts[word] * (len(word) if unknown else len(ids))
    spelt = {script for script in letters if letters[script] < LETTERS_PER_PIECE * pieces[script]}
    found = {letter for word in counts for letter in word if script_of(letter) in spelt}
    return "".join(sorted(letter for letter in found if romanized(letter) != letter))
