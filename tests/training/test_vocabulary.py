"""A student's vocabulary, and what its words start from."""

import pytest
import torch

from optical_cli.bitext.backoff import BackOff
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders import new_encoder, with_head, with_vocabulary
from optical_cli.encoders.word_tokens import MARKERS, count_words
from optical_cli.errors import InputError, UsageError
from optical_cli.training.students.vocabulary import build_student_vocabulary, parse
from optical_cli.training.students.vocabulary_settings import StudentVocabularySettings
from optical_cli.training.students.word_starts import LexiconStart

from ..encoders.vocabularies import wordpiece

LEXICON = {
    "kitabu": {"book": 0.75, "books": 0.25}, "maji": {"water": 1.0}, "na": {"a": 1.0},
    "kenya": {"kenya": 1.0}, "की": {"the": 1.0}, "कि": {"a": 1.0}, "水": {"water": 1.0},
    "zote": {"zzz": 1.0},
}  # fmt: skip
TEXTS = ["Kitabu na maji, kitabu!", "Kenya: की कि", "水", "zote hakuna"]


def pieces(tokenizer, text):
    return tokenizer.tokenize(text)


@pytest.fixture(scope="module")
def teacher():
    return new_encoder(wordpiece(), layers=1, hidden=32, max_length=32, seed=3)


def build(teacher, setting="words", texts=TEXTS, lexicon=LEXICON, best=5, **unknown):
    settings = StudentVocabularySettings(student_vocab=setting, start_translations=best)
    counts = count_words(teacher.tokenizer, texts)
    translate = BackOff(lexicon, BackOffSettings(**unknown))
    return build_student_vocabulary(teacher, counts, translate, settings)


def test_new_rows_are_weighted_means_of_translations(teacher):
    tokenizer, embeddings, _ = build(teacher)
    old = teacher.tokenizer
    table = teacher.backbone.get_input_embeddings().weight.detach()
    assert torch.equal(embeddings[: len(old)], table[: len(old)])
    row = embeddings[tokenizer("kitabu", add_special_tokens=False)["input_ids"]]
    book, books = (table[old.convert_tokens_to_ids(word)] for word in ("book", "books"))
    torch.testing.assert_close(row, (0.75 * book + 0.25 * books)[None])


def test_names_and_words_without_known_translations_keep_the_old_pieces(teacher):
    tokenizer, embeddings, _ = build(teacher)
    assert len(tokenizer) == len(embeddings) == len(teacher.tokenizer) + 6
    for text in ("kenya", "zote", "hakuna"):
        assert pieces(tokenizer, text) == pieces(teacher.tokenizer, text)
    assert tokenizer.tokenize("na")[0][0] == MARKERS[0]


def test_size_keeps_the_most_frequent_words(teacher):
    tokenizer, *_ = build(teacher, "words:1")
    assert len(tokenizer) == len(teacher.tokenizer) + 1
    assert len(tokenizer.tokenize("kitabu")) == 1
    assert pieces(tokenizer, "maji") == pieces(teacher.tokenizer, "maji")


def test_keep_is_the_teachers_own(teacher):
    tokenizer, embeddings, _ = build(teacher, "keep")
    assert tokenizer is teacher.tokenizer and len(embeddings) == len(tokenizer)


def test_a_student_over_it_reads_a_translation_where_the_teacher_reads_pieces(teacher):
    """With one translation, p = 1, the student's word is the teacher's English word."""
    encoder = with_head(teacher, dim=8, query_length=12, passage_length=12, seed=5)
    tokenizer, embeddings, _ = build(encoder, best=1)
    student = with_vocabulary(encoder, tokenizer, embeddings)
    [foreign], [english] = student.encode_queries(["maji"]), encoder.encode_queries(["water"])
    torch.testing.assert_close(foreign, english)


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


def test_words_are_known_and_say_how_alike_others_must_be(teacher):
    made = build(teacher, min_similarity=0.3)
    first = len(teacher.tokenizer)
    assert made.known_words.first == first and made.known_words.min_similarity == 0.3
    for place, word in enumerate(made.known_words.words):
        assert made.tokenizer(word, add_special_tokens=False)["input_ids"] == [first + place]
    assert build(teacher, back_off="none").known_words.min_similarity is None
    assert build(teacher, "keep").known_words is build(teacher, "new:40").known_words is None


def test_words_of_a_script_that_is_spelt_are_read_in_latin_letters(teacher):
    texts = ["κιτ κιτάβυ", "κιτ"]
    lexicon = {"κιτ": {"book": 1.0}}
    read, kept = (build(teacher, "words", texts, lexicon, romanize=r) for r in ("auto", "none"))
    assert pieces(read.tokenizer, "κιτάβυ") == pieces(teacher.tokenizer, "kitavy")
    assert pieces(kept.tokenizer, "κιτάβυ") == pieces(teacher.tokenizer, "κιτάβυ")
    assert read.tokenizer.tokenize("κιτ")[0][0] == MARKERS[0]
