import logging
import re

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders import new_encoder
from optical_cli.errors import UsageError
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.students.vocabulary_settings import StudentVocabularySettings
from optical_cli.training.students.words import StudentWords

from ..encoders.vocabularies import SPECIALS, fast, wordpiece
from .test_vocabulary import pieces

LEXICON = {"kitabu": {"book": 1.0}, "maji": {"water": 1.0}}


@pytest.fixture(scope="module")
def teacher():
    return new_encoder(wordpiece(), layers=1, hidden=32, max_length=32, seed=3)


@pytest.fixture
def bitext(tmp_path):
    path = tmp_path / "train.tsv"
    path.write_text("the book\tkitabu\nwater\tmaji\n")
    return Bitext("", path)


def student_of(teacher, bitext, *texts, lexicon=LEXICON, vocab="words", **unknown):
    settings = StudentVocabularySettings(student_vocab=vocab, vocab_text=texts)
    words = StudentWords(settings, [bitext], (), BackOffSettings(**unknown))
    return words.given_to(teacher, words.found(teacher)._replace(lexicon=lexicon))


@pytest.mark.parametrize(
    "vocab, then",
    [("auto", "the target side gets tokens of its own"),
     ("words", "the target side gets tokens of its own"), ("keep", "the vocabulary stays")],
)  # fmt: skip
def test_how_the_target_side_is_split_is_said_in_every_case(teacher, bitext, caplog, vocab, then):
    with caplog.at_level(logging.INFO, logger="optical_cli"):
        student_of(teacher, bitext, vocab=vocab)
    split, verdict, *_ = [r.message for r in caplog.records if r.name.endswith("students.words")]
    assert re.fullmatch(
        r"the target side has \d\.\d\d times the source side's pieces, \d+% of them unknown", split
    )
    assert verdict.endswith(then)


def start_of(student, word):
    [token] = student.tokenizer(word, add_special_tokens=False)["input_ids"]
    return student.backbone.get_input_embeddings().weight[token].tolist()


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "questions.tsv"
    path.write_text("q1\tkitabuni\nq2\tzzz book\n")
    return path


def test_words_of_more_text_inherit_from_words_spelt_alike(teacher, bitext, text):
    student = student_of(teacher, bitext, text)
    assert start_of(student, "kitabuni") == start_of(student, "kitabu") != start_of(student, "maji")


def test_names_and_words_like_none_keep_the_old_pieces(teacher, bitext, text):
    student = student_of(teacher, bitext, text, lexicon=LEXICON | {"booki": {"water": 1.0}})
    for word in ("zzz", "book", "q1"):
        assert pieces(student.tokenizer, word) == pieces(teacher.tokenizer, word)


def test_without_back_off_and_with_a_higher_bar_they_keep_them_too(teacher, bitext, text):
    for unknown in ({"back_off": "none"}, {"min_similarity": 0.99}):
        student = student_of(teacher, bitext, text, **unknown)
        assert pieces(student.tokenizer, "kitabuni") == pieces(teacher.tokenizer, "kitabuni")
        assert len(student.tokenizer) == len(teacher.tokenizer) + 2


@pytest.mark.parametrize(
    ("pairs", "anew"),
    [
        ("the book of water\tthe kitabu\n", False),
        ("the book\tk i t a b\n", True),  # syllables apart: white space parts them
        ("the book of the book of the book\tหนังสือ\n", True),  # one piece, and it is unknown
    ],
)
def test_words_become_tokens_where_the_vocabulary_reads_the_target_badly(
    teacher, tmp_path, pairs, anew
):
    (tmp_path / "train.tsv").write_text(pairs)
    bitext = Bitext("", tmp_path / "train.tsv")
    target = pairs.split("\t")[1].split()
    lexicon = {word: {"water": 1.0} for word in [*target, *(target[0])]}
    vocabulary = student_of(teacher, bitext, lexicon=lexicon, vocab="auto").tokenizer
    assert (len(vocabulary) > len(teacher.tokenizer)) == anew


JOINED = {
    "แ\u2060ม\u2060ว": {"book": 1.0},
    "กิ\u2060น": {"water": 1.0},
    "ป\u2060ล\u2060า": {"books": 1.0},
}


@pytest.fixture
def segmented(tmp_path):
    (tmp_path / "th.tsv").write_text("book water books\t" + "".join(JOINED) + "\n")
    return Bitext("", tmp_path / "th.tsv")


@pytest.mark.parametrize(
    "vocab, target, warned",
    [("words", "แมว", "each character becomes a word"), ("words", "".join(JOINED), ""),
     ("keep", "".join(JOINED), "does not know what joiners are"), ("keep", "แมว", "")],
)  # fmt: skip
def test_joiners_go_with_words_that_are_tokens(teacher, tmp_path, caplog, vocab, target, warned):
    (tmp_path / "th.tsv").write_text(f"book\t{target}\n")
    lexicon = JOINED | {"ม": {"book": 1.0}}
    student_of(teacher, Bitext("", tmp_path / "th.tsv"), lexicon=lexicon, vocab=vocab)
    said = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == bool(warned) and all(warned in message for message in said)


@pytest.mark.parametrize("vocab", ["words", "new:16"])
def test_a_student_tells_words_as_its_bitext_did(teacher, segmented, vocab):
    student = student_of(teacher, segmented, lexicon=JOINED, vocab=vocab)
    side = student.query_side()
    assert side.pieces(["แมวกินปลา"]) == side.pieces(["".join(JOINED)])
    ids, words = side.pieces(["แมวกินปลา"])[0]
    assert min(ids) >= len(teacher.tokenizer) and len(set(words)) == 3


def test_a_tokenizer_that_takes_no_words_keeps_its_own(tmp_path, caplog):
    words = {word: place for place, word in enumerate([*SPECIALS, "the", "book"])}
    backend = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    teacher = new_encoder(fast(backend), layers=1, hidden=32, max_length=32, seed=3)
    (tmp_path / "train.tsv").write_text("the book\tki ta bu\n")
    assert student_of(teacher, Bitext("", tmp_path / "train.tsv"), vocab="auto") is teacher
    assert "it takes no words" in caplog.text
    with pytest.raises(UsageError, match="WordLevel"):
        student_of(teacher, Bitext("", tmp_path / "train.tsv"), vocab="words")
