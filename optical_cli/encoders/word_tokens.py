"""Whole words as tokens of a vocabulary that goes on splitting everything else as before.

Putting words into a WordPiece vocabulary is not enough: the longest match wins, so a new word also
becomes the beginning of every longer word, names and English included. Here the normaliser puts a
marker before each word that is to be one token, and the vocabulary's entry holds the marker, so
that the entry matches that word and nothing else. Which words those are stands in the normaliser
as one pattern; the result is an ordinary fast tokenizer, saved and loaded like any other.

The pattern reads the text before the old normaliser does, which in lower-casing vocabularies drops
accents and vowel signs. Words that differ only in those become the same behind it and get
different markers. Graphemes of scripts without spaces are words, and so are those that a word
joiner joins.

Where the old vocabulary spells a script letter by letter, its letters can be read as Latin ones:
a name that is no token then has the pieces of its romanised form, which English text shares.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from optical_cli.encoders.trie import trie_pattern
from optical_cli.errors import UsageError
from optical_cli.text.romanize import romanized_letter
from optical_cli.text.scripts import UNSEGMENTED
from optical_cli.text.segment import JOINER, PARTED_AM

log = logging.getLogger(__name__)

# Syllables of Linear A: letters to every normaliser and pre-tokenizer, and in nobody's text.
MARKERS = [chr(code) for code in range(0x10600, 0x10640)]
# Another one; see `subword_tokens`.
SIGN = chr(0x10640)
_SIGNS = {*MARKERS, SIGN}
MODELS = ("WordPiece", "Unigram", "BPE")
IN_WORD = rf"[\p{{L}}\p{{M}}\p{{N}}{JOINER}]"
_UNSEGMENTED = "".join(rf"\p{{{script}}}" for script in sorted(UNSEGMENTED))
# A joiner joins letters of scripts without spaces; elsewhere it came with copied text.
_UNSPACED_LETTER = rf"[{_UNSEGMENTED}&&[\p{{L}}\p{{M}}]]"
_STRAY = rf"(?<!{_UNSPACED_LETTER}){JOINER}|{JOINER}(?!{_UNSPACED_LETTER})"
# Joiners have told which words are there.
UNJOINED = normalizers.Replace(JOINER, "")
_IDEOGRAPHS = ('"handle_chinese_chars":true', '"handle_chinese_chars":false')
# Where a grapheme ends inside a run of letters; Thai and Lao AM belong to the letter before.
_GRAPHEME_END = (
    rf"(?<=[{_UNSEGMENTED}])(?=[\p{{L}}\p{{N}}&&[^\u0e33\u0eb3]])"
    rf"|(?<=[\p{{L}}\p{{M}}\p{{N}}&&[^{_UNSEGMENTED}]])(?=[\p{{L}}\p{{N}}&&[{_UNSEGMENTED}]])"
)


def unmarked(text: str) -> str:
    """Text of tokens without the markers that tell words apart from pieces."""
    return "".join(char for char in text if char not in _SIGNS)


class Reader:
    """What the pattern of words reads: text composed, and in lower case if case is lost anyway."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, romanize: str = ""):
        """Read what `tokenizer` will read.

        Args:
            tokenizer: The old vocabulary.
            romanize: Letters that it shall see as Latin ones.

        Raises:
            UsageError: It is no fast tokenizer of a kind that can take words.
        """
        kind = _kind(tokenizer)
        if kind not in MODELS:
            raise UsageError(
                f"words cannot be added to a vocabulary of kind {kind}",
                hint=f"it takes one of {', '.join(MODELS)}, or --student-vocab keep",
            )
        # BERT's normaliser would space ideographs out from their markers, and `steps` does it.
        state = tokenizer.backend_tokenizer.to_str()
        self.backend = Tokenizer.from_str(state.replace(*_IDEOGRAPHS))
        self.old = _romanizing(romanize, self.backend.normalizer)
        composed = [normalizers.NFC(), *(normalizers.Replace(*am) for am in PARTED_AM.items())]
        cased = [normalizers.Lowercase()] if self.behind("A") == self.behind("a") else []
        ends = [(_STRAY, ""), (_GRAPHEME_END, " ")]
        self.steps = [
            *composed, *cased, *(normalizers.Replace(Regex(at), new) for at, new in ends)
        ]  # fmt: skip
        self._words = pre_tokenizers.Split(Regex(rf"[^\p{{L}}\p{{M}}\p{{N}}{JOINER}]+"), "removed")

    def words(self, text: str) -> list[str]:
        """The words of `text`, as the pattern would see them."""
        for step in self.steps:
            text = step.normalize_str(text)
        return [word for word, _ in self._words.pre_tokenize_str(text)]

    def count(self, texts: Iterable[str]) -> Counter[str]:
        """How often each word stands in `texts`."""
        return Counter(word for text in texts for word in self.words(text))

    def behind(self, text: str) -> str:
        """`text` behind the old normaliser."""
        return self.old.normalize_str(text) if self.old else text


def _romanizing(letters: str, old: normalizers.Normalizer | None) -> normalizers.Normalizer | None:
    """`old` behind the romanisation of `letters`."""
    if not letters:
        return old
    steps = [normalizers.Replace(letter, romanized_letter(letter)) for letter in letters]
    return normalizers.Sequence([*steps, old] if old else steps)


def _kind(tokenizer: PreTrainedTokenizerBase) -> str:
    return type(tokenizer.backend_tokenizer.model).__name__ if tokenizer.is_fast else "slow"


def takes_words(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether `with_words` can add words to it."""
    return _kind(tokenizer) in MODELS


def count_words(tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> Counter[str]:
    """How often each word stands in `texts`, spelt as `with_words` wants it."""
    return Reader(tokenizer).count(texts)


def with_words(
    tokenizer: PreTrainedTokenizerBase, words: Sequence[str], *, romanize: str = ""
) -> tuple[PreTrainedTokenizerBase, list[str]]:
    """A tokenizer in which each of `words` is one token, and all else is as in `tokenizer`.

    Args:
        tokenizer: Its ids keep their meaning.
        words: As `count_words` spells them.
        romanize: Letters that are read as Latin ones wherever they stand in other words.

    Returns:
        The new tokenizer, and the words that are tokens now, in the order of their ids, which
        follow the old ones. A word that the old pre-tokenizer would part is left out.

    Raises:
        UsageError: The tokenizer is of a kind that cannot take words.
    """
    reader = Reader(tokenizer, romanize=romanize)
    mark(reader.backend, reader, groups_of(reader, words))
    return _extended(tokenizer, reader.backend, words)


def with_more_words(
    tokenizer: PreTrainedTokenizerBase, words: Sequence[str], reader: Reader | None = None
) -> tuple[PreTrainedTokenizerBase, list[str]]:
    """A tokenizer that `with_words` made, in which more words are tokens.

    Args:
        tokenizer: Its ids keep their meaning.
        words: As `count_words` spells them with `tokenizer`; none that is a token already.
        reader: The tokenizer's, if there is one; to make one takes as long as the rest.

    Returns:
        As `with_words` does.
    """
    reader = reader or Reader(tokenizer)
    state = json.loads(reader.backend.to_str())
    steps = state["normalizer"]["normalizers"]
    last = max(place for place, step in enumerate(steps) if _is_mark(step))
    free = MARKERS[sum(map(_is_mark, steps)) :]
    marks = [
        {"type": "Replace", "pattern": {"Regex": _before(group)}, "content": f" {marker}"}
        for marker, group in zip(free, groups_of(reader, words), strict=False)
    ]
    steps[last + 1 : last + 1] = marks
    return _extended(tokenizer, Tokenizer.from_str(json.dumps(state)), words)


def _is_mark(step: Mapping) -> bool:
    return step.get("content", "").strip() in MARKERS


def _extended(
    tokenizer: PreTrainedTokenizerBase, backend: Tokenizer, words: Sequence[str]
) -> tuple[PreTrainedTokenizerBase, list[str]]:
    """`tokenizer` as `backend` reads, with entries for those of `words` that stay whole."""
    entries = _entries(backend, words)
    state = json.loads(backend.to_str())
    extend(state["model"], [*added_tokens(tokenizer), *entries])
    return like(tokenizer, Tokenizer.from_str(json.dumps(state))), list(entries.values())


def groups_of(reader: Reader, words: Iterable[str]) -> list[list[str]]:
    """The words that each marker marks: no two that are the same behind the old normaliser."""
    groups: list[list[str]] = []
    seen: Counter[str] = Counter()
    for word in words:
        place = seen[form := reader.behind(word)]
        seen[form] += 1
        if place == len(groups):
            groups.append([])
        groups[place].append(word)
    return groups[: len(MARKERS)]


def mark(
    backend: Tokenizer,
    reader: Reader,
    groups: Sequence[Sequence[str]],
    *more: normalizers.Normalizer,
) -> None:
    """Let the normaliser mark the words, and the pre-tokenizer keep them whole.

    Args:
        backend: Changed in place.
        reader: What the words are read by.
        groups: See `groups_of`.
        more: Steps between the marks and the old normaliser.
    """
    marks = [
        normalizers.Replace(Regex(_before(group)), f" {marker}")
        for marker, group in zip(MARKERS, groups, strict=False)
    ]
    # An insertion before the first character would leave offsets that make the library panic, so
    # the text begins with a space while it is marked. Byte-level vocabularies keep it: without it
    # the first word would be written differently from the same word elsewhere.
    byte_level = "ByteLevel" in str(backend.pre_tokenizer)
    ends = [] if byte_level else [normalizers.Strip(left=True, right=False)]
    old = [reader.old] if reader.old else []
    backend.normalizer = normalizers.Sequence(
        [normalizers.Prepend(" "), *reader.steps, *marks, UNJOINED, *more, *ends, *old]
    )
    # A vocabulary that marks spaces does so with U+2581.
    marked = rf"\u2581?[{''.join(MARKERS)}]{IN_WORD}+"
    parts = [backend.pre_tokenizer] if backend.pre_tokenizer else []
    parts.append(pre_tokenizers.Split(Regex(marked), "isolated"))
    backend.pre_tokenizer = pre_tokenizers.Sequence(parts)


def _before(words: Iterable[str]) -> str:
    """A pattern for the place before each of `words`, and the spaces there."""
    return rf" *(?<!{IN_WORD})(?=(?:{trie_pattern(words)})(?!{IN_WORD}))"


def _entries(backend: Tokenizer, words: Iterable[str]) -> dict[str, str]:
    """The vocabulary entry of every word that stays in one piece."""
    longest = getattr(backend.model, "max_input_chars_per_word", None)
    entries: dict[str, str] = {}
    for word in words:
        parts = backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(word))
        if len(parts) == 1 and len(entry := parts[0][0]) <= (longest or len(entry)):
            entries.setdefault(entry, word)
    return entries


def added_tokens(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The tokens, such as query markers, whose ids follow the model's own.

    They become entries of the model, since a token that is none would move behind the new words.
    """
    size = tokenizer.backend_tokenizer.get_vocab_size(with_added_tokens=False)
    return tokenizer.convert_ids_to_tokens(range(size, len(tokenizer)))


def extend(
    model: dict, entries: Sequence[str], scores: Mapping[str, float] = MappingProxyType({})
) -> None:
    """Put `entries` behind the vocabulary of a model as tokenizer.json has it.

    Args:
        model: Changed in place.
        entries: In the order of their ids.
        scores: Of a unigram model's entries, where they compete with each other.
    """
    if model["type"] == "Unigram":
        # Nothing else matches a marker, so any score but the unknown token's wins.
        model["vocab"] += [[entry, scores.get(entry, 0.0)] for entry in entries]
        return
    size = len(model["vocab"])
    model["vocab"].update(zip(entries, range(size, size + len(entries)), strict=True))
    if model["type"] == "BPE":
        model["ignore_merges"] = True  # A piece that is an entry is a token without any merge.


def like(old: PreTrainedTokenizerBase, backend: Tokenizer) -> PreTrainedTokenizerBase:
    """A fast tokenizer over `backend` with the special tokens and settings of `old`."""
    names = [*old.SPECIAL_TOKENS_ATTRIBUTES, "model_max_length", "model_input_names"]
    settings = {name: value for name in names if (value := getattr(old, name, None))}
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, padding_side=old.padding_side, **settings
    )
