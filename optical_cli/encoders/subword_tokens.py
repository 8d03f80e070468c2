"""New subwords of the target language as tokens, beside a vocabulary that stays as it is.

`word_tokens` marks the beginning of each word that is to be read anew. Here such words are also
spelt out: a sign stands before each of their letters, so that their pieces, which hold the signs,
match inside these words and nowhere else, and no old piece matches inside them. The new pieces are
those of a SentencePiece unigram model of these words, as far as one uses them. All other words,
names and unseen ones, are split as before.

An old normaliser that drops vowel signs leaves their sign behind, so such words keep their length.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from tokenizers import Regex, Tokenizer, normalizers
from transformers import PreTrainedTokenizerBase

from optical_cli.encoders.scratch import SPACE_SIGN, train_pieces
from optical_cli.encoders.word_tokens import (
    IN_WORD,
    MARKERS,
    SIGN,
    Reader,
    added_tokens,
    extend,
    groups_of,
    like,
    mark,
)
from optical_cli.errors import UsageError

# Letters of a word at most: each one more is another branch of the look-behind, and a WordPiece
# model calls words of over 100 characters, signs included, unknown.
LONGEST = 40
# A word stands so often in the training text at most; one line holds all its copies.
COPIES = 10_000
MODELS = ("WordPiece", "Unigram")


def with_subwords(
    tokenizer: PreTrainedTokenizerBase, counts: Mapping[str, int], size: int
) -> tuple[PreTrainedTokenizerBase, dict[str, list[int]]]:
    """A tokenizer that reads the given words in new pieces, and all else as `tokenizer`.

    Args:
        tokenizer: Its ids keep their meaning; the new pieces' follow them.
        counts: The words, as `count_words` spells them, and how often each stands in the text.
        size: How many pieces are learned, at most.

    Returns:
        The new tokenizer, and the ids of the pieces of every word that is read in them. A word is
        left out if it is over 40 letters long, the old pre-tokenizer would part it, or one of its
        letters is too rare to be a piece.

    Raises:
        UsageError: The tokenizer is of a kind that cannot take pieces, or `size` is too small.
    """
    reader = Reader(tokenizer)
    kind = type(reader.backend.model).__name__
    if kind not in MODELS:
        raise UsageError(
            f"subwords cannot be added to a vocabulary of kind {kind}",
            hint="--student-vocab words adds whole words to it",
        )
    words = [word for word in counts if len(word) <= LONGEST]
    forms = _forms(_marked(reader, words), words)
    entries = _entries(_learned(forms, counts, size), reader, groups_of(reader, words))
    known = _readable(tokenizer, list(forms), entries)
    used = {piece for pieces in known.values() for piece in pieces}
    kept = {entry: score for entry, score in entries.items() if entry in used}
    made = _extended(tokenizer, list(known), kept)
    return made, {word: made.convert_tokens_to_ids(pieces) for word, pieces in known.items()}


def _readable(
    tokenizer: PreTrainedTokenizerBase, words: Sequence[str], entries: Mapping[str, float]
) -> dict[str, list[str]]:
    """The words that the entries suffice for, and their pieces.

    A word without its pieces would be unknown as a whole, so it is not marked; then another that
    looked the same takes its mark, so all are read again.
    """
    while True:
        made = _extended(tokenizer, words, entries)
        read = {word: made.tokenize(word) for word in words}
        words = [word for word in words if all(piece in entries for piece in read[word])]
        if len(words) == len(read):
            return read


def _marked(reader: Reader, words: Sequence[str]) -> Tokenizer:
    """The reader's tokenizer, whose normaliser marks and spells out `words`."""
    before = "|".join(f"[{''.join(MARKERS)}]{IN_WORD * count}" for count in range(LONGEST))
    signs = normalizers.Replace(Regex(rf"(?<={before})(?={IN_WORD})"), SIGN)
    mark(reader.backend, reader, groups_of(reader, words), signs)
    return reader.backend


def _forms(backend: Tokenizer, words: Sequence[str]) -> dict[str, str]:
    """Each word as the model gets it: a mark and its letters, signs only where one was dropped."""
    forms = {}
    for word in words:
        parts = backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(word))
        if len(parts) == 1:
            forms[word] = re.sub(f"{SIGN}([^{SIGN}])", r"\1", parts[0][0].lstrip(SPACE_SIGN))
    return forms


def _spelt(form: str) -> str:
    """A form or a piece of one with all its signs."""
    return re.sub(f"([^{SIGN}{''.join(MARKERS)}])", rf"{SIGN}\1", form)


def _learned(forms: Mapping[str, str], counts: Mapping[str, int], size: int) -> dict[str, float]:
    """The pieces of a unigram model of the forms without their marks, and their scores."""
    total: Counter[str] = Counter()
    for word, form in forms.items():
        total[form[1:]] += min(counts[word], COPIES)
    try:
        pieces = train_pieces([" ".join([form] * count) for form, count in total.items()], size)
    except UsageError as error:
        reason = str(error).partition(": ")[2]
        raise UsageError(f"--student-vocab new:{size}: {reason}") from None
    scores = {piece: score for piece, score in pieces if score < 0}
    # The model may spell a rare beginning as a space and a letter, which here is one piece.
    space = scores.pop(SPACE_SIGN, 0.0)
    for first in sorted({form[0] for form in total}):
        scores.setdefault(f"{SPACE_SIGN}{first}", space + scores[first])
    return scores


def _entries(
    pieces: Mapping[str, float], reader: Reader, groups: Sequence[object]
) -> dict[str, float]:
    """Vocabulary entries with their scores: a beginning once for each mark, all else once."""
    inner = "" if type(reader.backend.model).__name__ == "Unigram" else "##"
    before = SPACE_SIGN if SPACE_SIGN in str(reader.backend.pre_tokenizer) else ""
    scores: dict[str, float] = {}
    for piece, score in pieces.items():
        body = _spelt(piece.removeprefix(SPACE_SIGN))
        if piece.startswith(SPACE_SIGN):
            firsts = [f"{before}{mark}{body}" for mark in MARKERS[: len(groups)]]
            scores |= dict.fromkeys(firsts, score)
        else:
            scores[f"{inner}{body}"] = score
    return scores


def _extended(
    tokenizer: PreTrainedTokenizerBase, words: Sequence[str], entries: Mapping[str, float]
) -> PreTrainedTokenizerBase:
    """`tokenizer` with the entries, which are for `words` alone."""
    state = json.loads(_marked(Reader(tokenizer), words).to_str())
    extend(state["model"], [*added_tokens(tokenizer), *entries], entries)
    return like(tokenizer, Tokenizer.from_str(json.dumps(state)))
