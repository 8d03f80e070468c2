from optical_cli.training.foreign_letters import foreign_letters

from ..encoders.vocabularies import wordpiece


class Letters:
    """A vocabulary of single letters, but for words that it knows."""

    def __init__(self, *known):
        self.known = known

    def tokenize(self, word):
        return [word] if word in self.known else list(word)


def test_letters_of_scripts_that_are_spelt():
    counts = {"και": 3, "kitabu": 9, "水": 2}
    assert foreign_letters(Letters(), counts) == "αικ"


def test_a_script_whose_words_are_known_is_left_alone():
    assert foreign_letters(Letters("και"), {"και": 3}) == ""
    assert foreign_letters(Letters("και"), {"και": 3, "λόγος": 9}) == "αγικλοςό"


def test_how_often_words_stand_decides():
    known = Letters("και")
    assert foreign_letters(known, {"και": 100, "λόγος": 1}) == ""


def test_an_english_vocabulary_spells_nothing_in_english():
    assert foreign_letters(wordpiece(), {"kitabu": 1, "water": 2}) == ""
