from optical_cli.translation.gloss import Gloss
from optical_cli.translation.settings import GlossSettings

LEXICON = {
    "ng'ombe": {"cow": 0.8, "cattle": 0.2},
    "maji": {"water": 1.0},
    "水": {"water": 1.0},
    "火": {"fire": 1.0},
}


def gloss(**settings):
    return Gloss(lambda term: LEXICON.get(term, {}), GlossSettings(**settings))


def test_words_are_replaced_and_the_rest_stays():
    translate = gloss()
    assert translate("Ng'ombe wa  Nairobi, maji?") == "cow wa Nairobi, water?"
    assert (translate.known, translate.unknown) == (2, 2)


def test_parts_of_a_hyphenated_word_are_looked_up_one_by_one():
    assert gloss()("Maji-Maji") == "water water"
    assert gloss()("Maji-Nairobi FORD-Kenya") == "water nairobi FORD-Kenya"


def test_more_translations_a_word():
    assert gloss(best=2)("ng'ombe maji") == "cow cattle water"
    assert gloss(best=2, min_translation=0.3)("ng'ombe") == "cow"


def test_scripts_without_spaces_are_glossed_with_spaces():
    assert gloss()("水火。") == "water fire。"


def test_nothing_to_translate():
    assert gloss()("?!") == "?!"


def test_unknown_words_are_copied_as_they_are_told_to_be():
    translate = Gloss(lambda term: LEXICON.get(term, {}), GlossSettings(), written=str.upper)
    assert translate("maji wa Maji-Nairobi") == "water WA water NAIROBI"
