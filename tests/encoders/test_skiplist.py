"""Punctuation by Unicode category, and never the unknown token."""

import string
import unicodedata

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from optical_cli.encoders.skiplist import punctuation_pieces, skipped_ids


def word_pieces(vocabulary):
    backend = Tokenizer(
        models.WordPiece({p: i for i, p in enumerate(vocabulary)}, unk_token="[UNK]")
    )
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]")


def test_marks_of_all_scripts_count_and_symbols_do_not():
    vocabulary = ["[UNK]", "[PAD]", ",", "##।", "...", "$", "+", "a,", "。", "##", "##ing", "٪"]
    assert punctuation_pieces(word_pieces(vocabulary)) == (",", "##।", "...", "。", "##", "٪")


def test_no_entry_of_a_trained_vocabulary_with_a_letter_digit_or_mark_is_skipped(tokenizer):
    skipped = punctuation_pieces(tokenizer)
    assert {",", "?", "।", "。"} <= {piece.strip("▁") for piece in skipped}
    characters = "".join(skipped).replace("▁", "")
    assert {unicodedata.category(char)[0] for char in characters} == {"P"}


def test_a_small_vocabulary_that_maps_marks_to_unknown_skips_nothing():
    tokenizer = word_pieces(["[UNK]", "[PAD]", "a", "."])
    assert tokenizer.convert_tokens_to_ids(list("!?;")) == [0, 0, 0]
    assert skipped_ids(tokenizer, tuple(string.punctuation)) == [3]
    assert skipped_ids(tokenizer, ("[UNK]",)) == []


def test_byte_level_pieces_are_read_as_the_text_that_they_stand_for():
    vocabulary = {"<unk>": 0, "Ġ": 1, "Ġ,": 2, "Ã©": 3, "à¥¤": 4, "a": 5, "à¥": 6}
    backend = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>")
    assert punctuation_pieces(tokenizer) == ("Ġ,", "à¥¤")  # the second is the danda
