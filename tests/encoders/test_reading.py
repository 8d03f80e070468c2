"""Words that an encoder meets for the first time."""

import pytest
import torch

from optical_cli.encoders import load, new_encoder, with_head, with_token_weights, with_vocabulary
from optical_cli.encoders.known_words import KnownWords
from optical_cli.encoders.word_tokens import with_words
from optical_cli.errors import InputError

from .vocabularies import byte_level, unigram, wordpiece

WORDS = ["kitabu", "kitanda", "maji", "nyumba", "watoto", "shule", "habari", "kazi"]


def student_of(least=0.3, weights=None, words=WORDS, tokenizer=None, **known):
    """A head, markers, and eight words as tokens."""
    plain = new_encoder(tokenizer or wordpiece(), layers=1, hidden=32, max_length=32, seed=3)
    teacher = with_head(plain, dim=8, query_length=16, passage_length=16, seed=5)
    tokenizer, words = with_words(teacher.tokenizer, words)
    first = len(teacher.tokenizer)
    rows = torch.randn(len(words), 32, generator=torch.Generator().manual_seed(1))
    table = teacher.backbone.get_input_embeddings().weight.detach()[:first]
    known = KnownWords(tuple(words), first, least, **known)
    student = with_vocabulary(teacher, tokenizer, torch.cat([table, rows]), known_words=known)
    return with_token_weights(student, weights, share_word_mass=True).eval()


@pytest.fixture(scope="module")
def student():
    return student_of()


def row_of(encoder, word):
    [token] = encoder.tokenizer(word, add_special_tokens=False)["input_ids"]
    return encoder.backbone.get_input_embeddings().weight[token]


def test_neighbors_are_tokens_and_their_shares_make_one(student):
    found = student.known_words.neighbors(["kitabuni", "kitabu", "zzz", "kitanda", "majini"])
    assert list(found) == ["kitabuni", "majini"]
    best = max(found["kitabuni"], key=lambda neighbor: neighbor.share)
    assert student.known_words[best.id] == "kitabu"
    for neighbors in found.values():
        assert sum(share for _, share in neighbors) == pytest.approx(1)


def test_a_new_word_is_the_mean_of_the_words_it_is_spelt_like(student):
    reader = student.reading(["Kitabuni (majini)?"])
    table = student.backbone.get_input_embeddings().weight
    for word, neighbors in student.known_words.neighbors(["kitabuni", "majini"]).items():
        expected = sum(share * table[token] for token, share in neighbors)
        torch.testing.assert_close(row_of(reader, word), expected)


def test_one_neighbor_alone_is_what_a_word_means(student):
    """A word like one token only has that token's vectors, context included."""
    new, known = student.encode_queries(["majini na kitabu", "maji na kitabu"])
    assert torch.equal(new, known)


def test_weights_of_new_words_are_means_too():
    weights = torch.rand(200, generator=torch.Generator().manual_seed(2))
    plain = student_of()
    student = student_of(weights=weights[: len(plain.tokenizer)])
    reader = student.reading(["kitabuni"])
    [neighbors] = student.known_words.neighbors(["kitabuni"]).values()
    [token] = reader.tokenizer("kitabuni", add_special_tokens=False)["input_ids"]
    expected = sum(share * weights[i] for i, share in neighbors)
    torch.testing.assert_close(reader.piece_weights[token], expected)


def test_what_a_word_means_does_not_depend_on_other_texts(student):
    alone = student.encode_queries(["kitabuni"])[0]
    among = student.encode_queries(["watotoni shuleni", "kitabuni", "habarini"])[1]
    torch.testing.assert_close(alone, among)


@pytest.mark.parametrize("text", ["zzz books", "the book", "kitabu maji", "", "?!"])
def test_other_texts_are_read_as_before(student, text):
    assert student.reading([text]) is student


def test_single_pieces_of_the_old_vocabulary_stay():
    """They are what English has, such as names, however they are spelt."""
    student = student_of(least=0.01)
    assert student.known_words.neighbors(["kit"])
    assert student.reading(["kit"]) is student


def test_weights_are_shared_and_the_encoder_stays_as_it_was(student):
    before = student.signature()
    reader = student.reading(["kitabuni"])
    own, others = (dict(e.backbone.named_parameters()) for e in (student, reader))
    apart = [name for name in own if own[name] is not others[name]]
    assert len(apart) == 1 and "word_embeddings" in apart[0]
    assert len(reader.tokenizer) == len(student.tokenizer) + 1
    assert student.signature() == before and reader.family == student.family


def test_it_follows_training():
    student = student_of()
    before = row_of(student.reading(["majini"]), "majini").clone()
    with torch.no_grad():
        student.backbone.get_input_embeddings().weight += 1.0
    torch.testing.assert_close(row_of(student.reading(["majini"]), "majini"), before + 1)


def test_encoders_without_words_read_as_ever(encoder):
    assert encoder.known_words is None and encoder.reading(["kitabuni"]) is encoder
    silent = student_of(least=None)
    assert silent.reading(["kitabuni"]) is silent


def test_known_words_are_saved_and_are_part_of_the_signature(student, tmp_path):
    student.save(tmp_path)
    loaded = load(tmp_path)
    assert loaded.known_words == student.known_words
    assert loaded.signature() == student.signature() != student_of(least=0.5).signature()
    new = [e.encode_queries(["kitabuni"])[0] for e in (loaded, student)]
    assert torch.equal(*new)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"words": "kitabu", "first": 9, "min_similarity": 0.4}', "words: expected"),
        ('{"words": ["kitabu"], "first": null, "min_similarity": 0.4}', "first: expected"),
        ('{"words": ["kitabu"], "first": 9, "min_similarity": "x"}', "min_similarity: expected"),
        ('{"words": ["kitabu"], "first": 9000, "min_similarity": 0.4}', "from id 9000"),
        (
            '{"words": ["maji"], "first": 9, "min_similarity": 0.4, "unspaced": {"น้ำ": 0}}',
            "unspaced: expected",
        ),
    ],
)
def test_a_file_of_another_kind_is_refused(student, tmp_path, text, fault):
    student.save(tmp_path)
    (tmp_path / "known_words.json").write_text(text)
    with pytest.raises(InputError, match=fault):
        load(tmp_path)


THAI = ["แ\u2060ม\u2060ว", "กิ\u2060น", "ป\u2060ล\u2060า", "ข\u2060น\u2060ม\u2060ปั\u2060ง"]


@pytest.fixture(scope="module")
def thai():
    bare = [word.replace("\u2060", "") for word in THAI]
    return student_of(words=THAI, unspaced=dict.fromkeys(bare, 5))


def test_words_without_spaces_are_told_as_in_training(thai, tmp_path):
    assert thai.segmenter("แมวกินปลา") == "".join(THAI[:3])
    plain, joined = thai.encode_queries(["แมวกินปลา", "".join(THAI[:3])])
    assert torch.equal(plain, joined)
    read = thai.tokenize_queries(["แมวกินปลา"]).input_ids[0].tolist()
    assert [thai.known_words[i] for i in read if thai.known_words[i]] == THAI[:3]
    thai.save(tmp_path)
    assert load(tmp_path).signature() == thai.signature()
    assert torch.equal(load(tmp_path).encode_queries(["แมวกินปลา"])[0], plain)
    assert thai.signature() != student_of(words=THAI).signature()


def test_a_reader_of_new_words_tells_words_too(thai):
    reader = thai.reading(["แมวกินขนมปัม"])
    assert reader is not thai and reader.segmenter is not None
    new, known = thai.encode_queries(["แมวกินขนมปัม", "แมวกินขนมปัง"])
    torch.testing.assert_close(new, known)


@pytest.mark.parametrize("kind", [wordpiece, byte_level])
def test_words_that_cannot_become_tokens_are_split_as_before(kind):
    student = student_of(tokenizer=kind())
    texts = ["kitabu" * 20, "kitabu2"] if kind is wordpiece else ["kitabu2"]
    for text in texts:
        assert student.known_words.neighbors([text])
        parts = student.encode_queries([text])[0]
        assert len(parts) == len(student.tokenize_queries([text]).input_ids[0])


@pytest.mark.parametrize("kind", [byte_level, unigram])
def test_other_kinds_of_vocabularies_read_new_words(kind):
    student = student_of(tokenizer=kind())
    new, known = student.encode_queries(["majini na kitabu", "maji na kitabu"])
    assert torch.equal(new, known)
