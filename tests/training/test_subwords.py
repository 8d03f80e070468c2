"""New subwords of the target language beside the old vocabulary."""

import pytest
import torch

from optical_cli.bitext.backoff import BackOff
from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.encoders import new_encoder, with_vocabulary
from optical_cli.encoders.subword_tokens import with_subwords
from optical_cli.encoders.vocabulary import load_tokenizer, save_tokenizer
from optical_cli.encoders.word_tokens import count_words
from optical_cli.errors import UsageError
from optical_cli.training.data.word_types import WordTypes
from optical_cli.training.students.vocabulary import build_student_vocabulary
from optical_cli.training.students.vocabulary_settings import StudentVocabularySettings
from optical_cli.training.students.word_starts import piece_starts

from ..encoders.vocabularies import byte_level, unigram, wordpiece
from .test_vocabulary import LEXICON

STEMS = ["tabu", "somo", "toto", "limu", "kapu"]
WORDS = {f"{prefix}{stem}": 9 - len(prefix) for stem in STEMS for prefix in ("ki", "vi", "wa", "")}


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_words_are_read_in_new_pieces_and_all_else_as_before(make):
    old = make()
    made, pieces = with_subwords(old, WORDS, 36)
    assert set(pieces) == set(WORDS)
    assert all(min(ids) >= len(old) for ids in pieces.values())
    assert 1 < sum(map(len, pieces.values())) / len(pieces) <= 2.5
    assert len(made) - len(old) == len({piece for ids in pieces.values() for piece in ids})
    text = "(kitabu) watoto?"
    ids = made(text, add_special_tokens=False)["input_ids"]
    inside = [i for i in ids if i >= len(old)]
    assert inside == [*pieces["kitabu"], *pieces["watoto"]]
    for text in ("the kenya books!", "kita tabuni kitabuni", "", "k it"):
        assert made(text)["input_ids"] == old(text)["input_ids"], text


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_pieces_are_shared_among_words_and_belong_to_one_word(make):
    old = make()
    made, pieces = with_subwords(old, WORDS, 36)
    used = [i for ids in pieces.values() for i in set(ids)]
    assert len(set(used)) < len(used)
    [encoding] = made.backend_tokenizer.encode_batch(["kitabu vitabu"], add_special_tokens=False)
    first = len(pieces["kitabu"])
    assert len(set(encoding.word_ids[:first])) == 1
    assert encoding.word_ids[first] != encoding.word_ids[0]


@pytest.mark.parametrize("make", [wordpiece, unigram])
def test_what_is_saved_is_what_is_loaded(make, tmp_path):
    made, _ = with_subwords(make(), WORDS, 36)
    save_tokenizer(made, tmp_path)
    loaded = load_tokenizer(tmp_path)
    for text in ("Kitabu kenya", "(watoto)?"):
        assert loaded(text)["input_ids"] == made(text)["input_ids"]


def test_words_that_the_old_normaliser_confuses_stay_apart():
    """BERT drops these vowel signs: both become the same letter, with different marks."""
    old = wordpiece()
    made, pieces = with_subwords(old, {"कु": 5, "के": 4, "नकु": 3}, 40)
    assert set(pieces) == {"कु", "के", "नकु"} and pieces["कु"] != pieces["के"]
    assert made("के", add_special_tokens=False)["input_ids"] == pieces["के"]
    assert made("कै")["input_ids"] == old("कै")["input_ids"]


def test_a_rare_beginning_is_a_piece(monkeypatch):
    from optical_cli.encoders import subword_tokens

    learn = subword_tokens.train_pieces
    monkeypatch.setattr(  # as a model may leave it: no beginning longer than the space
        subword_tokens, "train_pieces",
        lambda *given: [(p, s) for p, s in learn(*given) if p == "▁" or p[0] != "▁"],
    )  # fmt: skip
    _, pieces = with_subwords(wordpiece(), WORDS, 36)
    assert set(pieces) == set(WORDS)


def test_long_words_and_other_vocabularies():
    _, pieces = with_subwords(wordpiece(), WORDS | {"a" * 60: 1}, 60)
    assert "a" * 60 not in pieces
    with pytest.raises(UsageError, match="BPE"):
        with_subwords(byte_level(), WORDS, 60)
    with pytest.raises(UsageError, match="--student-vocab new:3"):
        with_subwords(wordpiece(), WORDS, 3)


def test_pieces_start_from_the_words_that_hold_them():
    starts = {"a": torch.tensor([1.0, 0.0]), "b": torch.tensor([0.0, 1.0])}
    rows = piece_starts(starts, {"a": [10, 11], "b": [11, 11]}, {"a": 3, "b": 1}, 10, 3)
    assert rows[:2].tolist() == [[1.0, 0.0], [0.75, 0.25]]
    torch.testing.assert_close(rows[2], torch.tensor([6.0, 1.0]) / 7)


def test_a_student_over_new_pieces_reads_words_and_knows_which_they_are():
    teacher = new_encoder(wordpiece(), layers=1, hidden=32, max_length=32, seed=3)
    counts = count_words(teacher.tokenizer, ["kitabu na maji kitabu kenya"] * 3)
    settings = StudentVocabularySettings(student_vocab="new:40")
    tokenizer, embeddings, _ = build_student_vocabulary(
        teacher, counts, BackOff(LEXICON, BackOffSettings()), settings
    )
    assert len(embeddings) == len(tokenizer) > len(teacher.tokenizer)
    assert tokenizer.tokenize("kenya") == teacher.tokenizer.tokenize("kenya")
    student = with_vocabulary(teacher, tokenizer, embeddings)
    rows = student.query_side(length=32).rows(["kitabu kenya"])
    types = WordTypes(student, {"kitabu": 0, "kenya": 1})(rows, len(rows[0].ids))
    known = [kind for kind in types[0].tolist() if kind >= 0]
    assert known == sorted(known) and set(known) == {0, 1}
