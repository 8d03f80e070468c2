"""Whole words as tokens of an old vocabulary."""

import pytest
from tokenizers import Regex, Tokenizer, models, normalizers
from transformers import PreTrainedTokenizerFast

from optical_cli.encoders.diagnostics import stripped_words
from optical_cli.encoders.trie import trie_pattern
from optical_cli.encoders.vocabulary import load_tokenizer, save_tokenizer
from optical_cli.encoders.word_tokens import count_words, with_more_words, with_words
from optical_cli.errors import UsageError

from .vocabularies import byte_level, unigram, wordpiece


@pytest.mark.parametrize("make", [wordpiece, unigram, byte_level])
def test_words_are_single_tokens_wherever_they_stand(make):
    old = make()
    made, words = with_words(old, ["kitabu", "na"])
    assert words == ["kitabu", "na"] and len(made) == len(old) + 2
    first, second = len(old), len(old) + 1
    for text in ("kitabu na", " (kitabu) na?", "na: kitabu!"):
        ids = made(text, add_special_tokens=False)["input_ids"]
        assert ids.count(first) == 1 and ids.count(second) == 1, text
    ids = made("kitabu na kitabu", add_special_tokens=False)["input_ids"]
    assert ids == [first, second, first]


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_everything_else_is_split_as_before(make):
    """New words do not become the beginning of longer ones, of names or of English."""
    old = make()
    made, _ = with_words(old, ["kita", "ken", "na", "boo"])
    for text in ("kitabu kenya", "books nakuru", "the book!", "", "?!", "kitaa-kenyaa (tanaa)"):
        assert made(text)["input_ids"] == old(text)["input_ids"], text


@pytest.mark.parametrize("make", [wordpiece, unigram, byte_level])
def test_what_is_saved_is_what_is_loaded(make, tmp_path):
    made, _ = with_words(make(), ["kitabu", "maji"])
    save_tokenizer(made, tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert len(loaded) == len(made)
    for text in ("Kitabu kenya maji", "maji", "(kitabu)?"):
        assert loaded(text)["input_ids"] == made(text)["input_ids"]
    assert (loaded.cls_token, loaded.pad_token_id) == (made.cls_token, made.pad_token_id)


def test_vowel_signs_that_the_old_normaliser_strips_tell_words_apart():
    old = wordpiece()
    counts = count_words(old, ["की कु की"])
    made, words = with_words(old, list(counts))
    assert counts == {"की": 2, "कु": 1} and words == ["की", "कु"]
    first, second = made("कु की", add_special_tokens=False)["input_ids"]
    assert (first, second) == (len(old) + 1, len(old))
    homographs = ["tá", "ta", "tà"]
    made, words = with_words(old, homographs)
    ids = made("ta tà tá", add_special_tokens=False)["input_ids"]
    assert [words[i - len(old)] for i in ids] == ["ta", "tà", "tá"]


def test_words_that_are_tokens_have_not_lost_their_marks():
    old = wordpiece()
    made, _ = with_words(old, ["की", "tá", "ta"])
    assert [word for word, _ in stripped_words(old, "की कु tá ta")] == ["कु", "tá"]
    assert [word for word, _ in stripped_words(made, "की कु tá ta")] == ["कु"]


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_graphemes_of_scripts_without_spaces_are_words(make):
    old = make()
    counts = count_words(old, ["水火水a", "กำลัง"])
    assert counts["水"] == 2 and counts["火"] == 1 and counts["a"] == 1 and counts["กำ"] == 1
    made, words = with_words(old, ["水", "กำ"])
    ids = made("水火水", add_special_tokens=False)["input_ids"]
    assert words == ["水", "กำ"] and ids.count(len(old)) == 2 and len(ids) >= 3


def test_added_tokens_keep_their_ids_and_words_follow_them():
    old = wordpiece()
    old.add_tokens(["[Q] ", "[D] "], special_tokens=True)
    marker = old.convert_tokens_to_ids("[Q] ")
    made, _ = with_words(old, ["kitabu"])
    assert made.convert_tokens_to_ids("[Q] ") == marker == len(old) - 2
    assert made("kitabu", add_special_tokens=False)["input_ids"] == [len(old)]


def test_vocabularies_of_other_kinds_are_refused():
    backend = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    with pytest.raises(UsageError, match="WordLevel"):
        with_words(PreTrainedTokenizerFast(tokenizer_object=backend), ["a"])


def test_pattern_of_words_matches_them_alone():
    words = ["a", "ab", "abc", "b.c", "b-d", "x]y", "x^y", "&&", "bac"]
    matched = normalizers.Replace(Regex(rf"^(?:{trie_pattern(words)})$"), "yes")
    assert [matched.normalize_str(word) for word in words] == ["yes"] * len(words)
    for other in ("", "c", "bxc", "abcd", "b", "ba", "&", "x", "b-", "xy"):
        assert matched.normalize_str(other) == other


@pytest.mark.parametrize("make", [wordpiece, unigram, byte_level])
def test_more_words_join_those_that_are_there(make):
    made, _ = with_words(make(), ["kitabu", "na"])
    more, words = with_more_words(made, ["vitabu", "kenyako"])
    assert words == ["vitabu", "kenyako"] and len(more) == len(made) + 2
    ids = more("vitabu na (kenyako) kitabu?", add_special_tokens=False)["input_ids"]
    assert [i - len(made) for i in ids if i >= len(made)] == [0, 1]
    for text in ("kitabu kenya na", "vita kenyakoo", "", "(na) kitabuu!"):
        assert more(text)["input_ids"] == made(text)["input_ids"], text


def test_more_words_that_look_like_those_that_are_there_get_marks_of_their_own():
    made, _ = with_words(wordpiece(), ["tá", "ta"])
    more, words = with_more_words(made, ["tà"])
    ids = more("ta tà tá", add_special_tokens=False)["input_ids"]
    assert words == ["tà"] and ids == [len(made) - 1, len(made), len(made) - 2]


def test_letters_can_be_read_as_latin_ones_outside_of_words():
    old = wordpiece()
    made, words = with_words(old, ["κιτ"], romanize="ικτυάόα")
    ids = made("κιτ κιτάυ", add_special_tokens=False)["input_ids"]
    assert words == ["κιτ"] and ids[0] == len(old)
    assert ids[1:] == old("kitay", add_special_tokens=False)["input_ids"]
    assert made("kitabu maji")["input_ids"] == old("kitabu maji")["input_ids"]


def test_words_that_are_the_same_in_latin_letters_stay_different():
    old = wordpiece()
    made, words = with_words(old, ["και", "κέι", "kai"], romanize="καιέ")
    ids = made("kai κέι και", add_special_tokens=False)["input_ids"]
    assert [words[i - len(old)] for i in ids] == ["kai", "κέι", "και"]


def test_signs_without_a_latin_letter_do_not_part_words():
    old = wordpiece()
    made, words = with_words(old, ["битъ"], romanize="битъ")
    assert words == ["битъ"] and made.tokenize("битъ") != made.tokenize("бит")


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_joined_graphemes_are_words(make):
    old = make()
    text = "กิ\u2060นน้ำ\u2060ปลา กิน"
    counts = count_words(old, [text])
    assert list(counts) == ["กิ\u2060น", "น้ำ\u2060ป", "ล", "า", "กิ", "น"]
    made, _ = with_words(old, ["กิ\u2060น", "น้ำ\u2060ป"])
    ids = made(text, add_special_tokens=False)["input_ids"]
    assert ids[:2] == [len(old), len(old) + 1] and len(old) not in ids[1:]
    longer = made("กิ\u2060น\u2060น้ำ", add_special_tokens=False)["input_ids"]
    assert not set(longer) & {len(old), len(old) + 1}
    assert made("kitabu")["input_ids"] == old("kitabu")["input_ids"]


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_a_joiner_in_copied_text_joins_nothing(make):
    made, _ = with_words(make(), ["kitabu", "maji"])
    read = made("kitabu\u2060, maji\u2060 \u2060(maji)", add_special_tokens=False)["input_ids"]
    assert read == made("kitabu, maji (maji)", add_special_tokens=False)["input_ids"]


def test_thai_am_is_one_however_it_is_typed():
    made, words = with_words(wordpiece(), ["น\u0e49\u0e33"])
    for text in ("น\u0e49\u0e33", "น\u0e49\u0e4d\u0e32"):
        assert made(text, add_special_tokens=False)["input_ids"] == [len(made) - 1], text
        assert list(count_words(made, [text])) == words
