"""Vectors of words in their sentences."""

import numpy as np
import pytest

from optical_cli.encoders import with_head
from optical_cli.encoders.word_vectors import LENGTH, contextual_cosines, term_vectors
from optical_cli.errors import InputError
from optical_cli.text.terms import placed_terms, terms

from .test_reading import student_of


def test_a_term_is_the_mean_of_its_pieces_by_their_characters(encoder):
    """Of two pieces of three and two characters, the first counts three fifths."""
    text = "ab Watoto"
    batch = encoder.tokenize_queries([text], expand=False)
    [rows] = encoder.vectors(batch)
    words = batch.words[0].tolist()
    pieces = encoder.tokenizer.convert_ids_to_tokens(batch.input_ids[0].tolist())
    [found] = term_vectors(encoder, [text], dtype="float32")
    for term, vector in zip(("ab", "watoto"), found, strict=True):
        own = [i for i, word in enumerate(words) if word == ("ab", "watoto").index(term)]
        sizes = np.array([len(pieces[i].replace("##", "").replace("\u2581", "")) for i in own])
        assert sizes.sum() == len(term)
        mean = sizes @ rows.numpy()[own]
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_there_is_a_vector_for_each_term_in_any_script(encoder, texts):
    texts = [*texts, "", "?!", "FORD-Kenya's", "\u03ba\u03b1\u03c4\u0384 \u03ad\u03c4\u03bf\u03c2."]
    found = list(term_vectors(encoder, texts))
    assert [len(vectors) for vectors in found] == [len(terms(text)) for text in texts]
    for text, vectors in zip(texts, found, strict=True):
        assert len(placed_terms(text)[1]) == len(vectors)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)


def test_a_new_word_is_read_as_those_it_is_spelt_like():
    """As `reading` has it: *majini* is like *maji* alone."""
    new, known = term_vectors(student_of(), ["majini na kitabu", "maji na kitabu"])
    np.testing.assert_allclose(new, known, atol=1e-5)


def test_what_is_cut_is_zero(encoder):
    assert LENGTH > 64  # The encoder reads 64 tokens.
    [found] = term_vectors(encoder, ["the children " * 60])
    assert np.abs(found[0]).sum() > 0 and not found[-1].any()


def test_cosines_are_of_what_the_teacher_and_the_student_read(encoder, plain, texts):
    other = with_head(plain, dim=16, query_length=24, passage_length=48, seed=8)
    pairs = contextual_cosines(other, encoder, texts[:2], texts[4:6], dtype="float32")
    sources = term_vectors(other, texts[:2], dtype="float32")
    targets = term_vectors(encoder, texts[4:6], dtype="float32")
    for pair, source, target in zip(pairs, sources, targets, strict=True):
        np.testing.assert_allclose(pair, source @ target.T, atol=1e-5)


def test_terms_that_were_cut_are_as_near_as_others_are_on_average(encoder):
    [pair] = contextual_cosines(encoder, encoder, ["the children"], ["the children " * 60])
    read = np.abs(pair - pair[:, -1:]).max(axis=0) > 0
    assert 10 < read.sum() < 120 and not read[-1]
    np.testing.assert_allclose(pair[:, ~read], pair[:, read].mean(), atol=1e-3)


def test_parted_letters_are_read_where_they_stand(encoder):
    """A combining accent, and Thai AM in two: as long as typed, not as long as read."""
    parted, whole = "cafe\u0301 e\u0301te\u0301 maji", "caf\u00e9 \u00e9t\u00e9 maji"
    for first, second in zip(*(term_vectors(encoder, [t]) for t in (parted, whole)), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-6)
    assert placed_terms("\u2103 \u0e19\u0e49\u0e4d\u0e32")[0].endswith("\u0e19\u0e49\u0e33")


def test_encoders_of_other_widths_are_an_error(encoder, plain):
    with pytest.raises(InputError, match="16 wide, the teacher's 32"):
        list(contextual_cosines(plain, encoder, ["a"], ["b"]))
