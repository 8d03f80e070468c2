"""What a vocabulary makes of a language, counted by hand."""

from optical_cli.encoders import count_pieces
from optical_cli.encoders.diagnostics import stripped_words


def test_counts_are_those_of_the_tokenizer(encoder):
    texts = ["the children", "☃ ♞ books", "the first railway was built in England"]
    report = count_pieces(encoder.query_side(length=12), iter(texts))
    pieces = [encoder.tokenizer.tokenize(text) for text in texts]
    assert report.texts == 3 and report.words == 2 + 3 + 7
    assert report.pieces == sum(map(len, pieces))
    assert report.unknown == 2
    assert report.cut == sum(len(p) > 12 - 3 for p in pieces) == 1
    assert report.unknown_share == 2 / report.pieces and report.cut_share == 1 / 3
    assert report.pieces_per_word == report.pieces / 12
    assert report.stripped is None and report.stripped_share == 0


def test_no_texts_divide_by_nothing(encoder):
    report = count_pieces(encoder.query_side(), [])
    assert (report.texts, report.unknown_share, report.pieces_per_word, report.cut_share) == (
        0, 0, 0, 0)  # fmt: skip


def test_stripped_marks_are_found_with_an_example(tokenizer):
    import copy

    from tokenizers import normalizers

    stripping = copy.deepcopy(tokenizer)
    stripping.backend_tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    assert list(stripped_words(stripping, "a café é")) == [("café", "cafe"), ("é", "e")]
    assert next(stripped_words(stripping, "मेरे दादा हूँ"))[0] == "मेरे"
    for text in ("a café", "हूँ", "e\u0301", "İ", "plain"):
        assert not list(stripped_words(tokenizer, text)), text
