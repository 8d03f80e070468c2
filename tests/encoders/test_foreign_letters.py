from transformers import PreTrainedTokenizerFast

from optical_cli.encoders.foreign_letters import foreign_letters


class Letters:
    """A vocabulary of single letters, but for words that it knows."""

    unk_token_id = 0

    def __init__(self, *known, unknown=()):
        self.known, self.unknown = known, unknown

    def __call__(self, words, *, add_special_tokens):
        assert not add_special_tokens
        return {"input_ids": [self._ids(word) for word in words]}

    def _ids(self, word):
        return [0] if word in self.unknown else [1] if word in self.known else [1] * len(word)


def test_letters_of_scripts_that_are_spelt():
    counts = {"και": 3, "kitabu": 9, "水": 2}
    assert foreign_letters(Letters(), counts) == "αικ"


def test_a_script_whose_words_are_known_is_left_alone():
    assert foreign_letters(Letters("και"), {"και": 3}) == ""
    assert foreign_letters(Letters("και"), {"και": 3, "λόγος": 9}) == "αγικλοςό"


def test_a_script_that_is_not_known_at_all_is_no_better():
    assert foreign_letters(Letters(unknown=["και"]), {"και": 3, "kitabu": 9}) == "αικ"


def test_how_often_words_stand_decides():
    known = Letters("και")
    assert foreign_letters(known, {"και": 100, "λόγος": 1}) == ""


def test_a_vocabulary_spells_the_script_that_it_does_not_know():
    """Of real pieces: Cyrillic words are whole, Greek ones are letters."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    pieces = ["[UNK]", "вода", "школа", *"λόγοςφ", *(f"##{letter}" for letter in "λόγοςφ")]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]")
    assert foreign_letters(tokenizer, {"вода": 2, "школа": 1, "λόγος": 3}) == "γλοςό"
