import pytest
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from optical_cli.encoders import new_encoder, with_head, with_vocabulary
from optical_cli.encoders.diagnostics import stripped_words
from optical_cli.encoders.vocabulary import load_tokenizer, save_tokenizer
from optical_cli.errors import InputError, UsageError
from optical_cli.training.lexicon_start import LexiconStart
from optical_cli.training.trie import trie_pattern
from optical_cli.training.vocabulary import build_student_vocabulary, parse
from optical_cli.training.vocabulary_settings import StudentVocabularySettings
from optical_cli.training.word_tokens import MARKERS, count_words, with_words

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = "the book books water a k na i t u kit ken ##ya ##a ##b ##i ##k ##o ##r ##t ##u ##y ##abu"
LEXICON = {
    "kitabu": {"book": 0.75, "books": 0.25}, "maji": {"water": 1.0}, "na": {"a": 1.0},
    "kenya": {"kenya": 1.0}, "की": {"the": 1.0}, "कि": {"a": 1.0}, "水": {"water": 1.0},
    "zote": {"zzz": 1.0},
}  # fmt: skip
TEXTS = ["Kitabu na maji, kitabu!", "Kenya: की कि", "水", "zote hakuna"]


def fast(backend):
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), SPECIALS, strict=True))
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, **{f"{name}_token": token for name, token in names.items()}
    )


def wordpiece():
    """BERT's normaliser, pre-tokenizer and model over a few pieces."""
    signs = list("?!,:.()'")
    pieces = [*SPECIALS, *PIECES.split(), *signs]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    return fast(backend)


def unigram():
    """A SentencePiece vocabulary, every space a sign before the word."""
    pieces = [*SPECIALS, "▁", *"abeiknorstuy?!,:.()'", "▁kit", "▁the", "▁book"]
    backend = Tokenizer(models.Unigram([(piece, -3.0) for piece in pieces], unk_id=1))
    backend.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    backend.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    return fast(backend)


def byte_level():
    """GPT-2's and ModernBERT's kind."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*SPECIALS, *alphabet, "Ġk", "it"]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    backend = Tokenizer(models.BPE(vocabulary, [("Ġ", "k"), ("i", "t")], unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return fast(backend)


def pieces(tokenizer, text):
    return tokenizer.tokenize(text)


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


@pytest.fixture(scope="module")
def teacher():
    return new_encoder(wordpiece(), layers=1, hidden=32, max_length=32, seed=3)


def build(teacher, setting="words", texts=TEXTS, lexicon=LEXICON, best=5):
    settings = StudentVocabularySettings(student_vocab=setting, start_translations=best)
    counts = count_words(teacher.tokenizer, texts)
    return build_student_vocabulary(teacher, counts, lambda t: lexicon.get(t, {}), settings)


def test_new_rows_are_weighted_means_of_translations(teacher):
    tokenizer, embeddings = build(teacher)
    old = teacher.tokenizer
    table = teacher.backbone.get_input_embeddings().weight.detach()
    assert torch.equal(embeddings[: len(old)], table[: len(old)])
    row = embeddings[tokenizer("kitabu", add_special_tokens=False)["input_ids"]]
    book, books = (table[old.convert_tokens_to_ids(word)] for word in ("book", "books"))
    torch.testing.assert_close(row, (0.75 * book + 0.25 * books)[None])


def test_names_and_words_without_known_translations_keep_the_old_pieces(teacher):
    tokenizer, embeddings = build(teacher)
    assert len(tokenizer) == len(embeddings) == len(teacher.tokenizer) + 6
    for text in ("kenya", "zote", "hakuna"):
        assert pieces(tokenizer, text) == pieces(teacher.tokenizer, text)
    assert tokenizer.tokenize("na")[0][0] == MARKERS[0]


def test_size_keeps_the_most_frequent_words(teacher):
    tokenizer, _ = build(teacher, "words:1")
    assert len(tokenizer) == len(teacher.tokenizer) + 1
    assert len(tokenizer.tokenize("kitabu")) == 1
    assert pieces(tokenizer, "maji") == pieces(teacher.tokenizer, "maji")


def test_keep_is_the_teachers_own(teacher):
    tokenizer, embeddings = build(teacher, "keep")
    assert tokenizer is teacher.tokenizer and len(embeddings) == len(tokenizer)


def test_a_student_over_it_reads_a_translation_where_the_teacher_reads_pieces(teacher):
    """With one translation, p = 1, the student's word is the teacher's English word."""
    encoder = with_head(teacher, dim=8, query_length=12, passage_length=12, seed=5)
    tokenizer, embeddings = build(encoder, best=1)
    student = with_vocabulary(encoder, tokenizer, embeddings)
    [foreign], [english] = student.encode_queries(["maji"]), encoder.encode_queries(["water"])
    torch.testing.assert_close(torch.tensor(foreign), torch.tensor(english))


def test_translations_of_several_terms_are_those_of_all(teacher):
    table = teacher.backbone.get_input_embeddings().weight.detach()
    start = LexiconStart(lambda t: LEXICON.get(t, {}), teacher.tokenizer, table, best=2)
    assert start.translations("maji-kitabu") == {"water": 1.0, "book": 0.75}
    assert start("kenya") is None and start("zote") is None and start("hakuna") is None


def test_nothing_to_start_from_is_an_error(teacher):
    with pytest.raises(InputError, match="no translation"):
        build(teacher, lexicon={})


@pytest.mark.parametrize("setting", ["word", "words:0", "words:", "new", "new:0", "keep:3", ""])
def test_malformed_settings_are_refused(setting):
    with pytest.raises(UsageError, match="--student-vocab"):
        parse(setting)
