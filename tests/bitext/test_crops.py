"""Crops of a pair whose words are linked by hand."""

import pytest

from optical_cli.bitext.crop_settings import CropSettings
from optical_cli.bitext.crops import Cropper, Words, source_span, word_links
from optical_cli.errors import UsageError
from optical_cli.formats.bitext import SentencePair
from optical_cli.settings import require_within

LEXICON = {
    "mkulima": {"farmer": 1.0}, "anauza": {"sells": 0.9, "buys": 0.1}, "mahindi": {"maize": 1.0},
    "sokoni": {"market": 0.8}, "leo": {"today": 1.0}, "asubuhi": {"morning": 1.0},
    "ananunua": {"buys": 1.0}, "samaki": {"fish": 1.0},
}  # fmt: skip
PAIR = SentencePair(
    "This morning the farmer sells maize at the market, and buys fish.",
    "Asubuhi hii mkulima anauza mahindi sokoni, na ananunua samaki.", "p1",
)  # fmt: skip


def cropped(pair=PAIR, seed=13, **settings):
    return list(Cropper(LEXICON, CropSettings(**settings), seed)([pair]))


def links_of(pair):
    return word_links(Words.of(pair.source), Words.of(pair.target), LEXICON, 4.0)


def test_words_are_linked_to_their_translations_and_unknown_ones_to_themselves():
    # asubuhi hii mkulima anauza mahindi sokoni na ananunua samaki
    assert links_of(PAIR) == {0: 1, 2: 3, 3: 4, 4: 5, 5: 8, 7: 10, 8: 11}
    names = SentencePair("Amina met Juma", "Juma alikutana na Amina", "p2")
    assert links_of(names) == {0: 2, 3: 0}


def test_of_two_equal_words_the_nearer_one_is_linked():
    pair = SentencePair("fish and more fish", "samaki na samaki", "p3")
    assert links_of(pair) == {0: 0, 2: 3}


def test_every_crop_is_consistent_and_of_the_size_asked_for():
    seen = set()
    for seed in range(40):
        for crop in cropped(seed=seed, whole=0, min_words=2, max_words=4):
            seen.add(crop[:2])
            assert 2 <= len(crop.target.split()) <= 4
            assert crop.source in PAIR.source and crop.target in PAIR.target
            # Whatever the lexicon translates stands on both sides of a crop or on neither.
            for number, link in links_of(PAIR).items():
                target = Words.of(PAIR.target).crop(number, number)
                source = Words.of(PAIR.source).crop(link, link)
                assert (target in crop.target.split()) <= (source in crop.source)
    assert ("farmer sells maize", "mkulima anauza mahindi") in seen


def test_a_span_into_which_a_word_outside_is_linked_is_no_crop():
    crossing = {0: 0, 1: 3, 2: 1}
    assert source_span(crossing, 0, 1, 0.5) is None
    assert source_span(crossing, 0, 2, 0.5) == (0, 3)
    assert source_span({0: 0, 5: 9}, 0, 5, 0.1) == (0, 9)
    assert source_span({0: 0, 1: 9}, 0, 1, 0.5) is None  # far longer than its translation
    assert source_span({0: 0}, 0, 3, 0.1) is None  # one link holds nothing together


def test_short_pairs_stay_whole_and_ids_tell_whose_crop_it_is():
    made = cropped(min_words=2)
    assert made[0] is PAIR and {crop.pair_id for crop in made[1:]} <= {"p1.1", "p1.2"}
    assert PAIR not in cropped(min_words=2, whole=8)
    cropper = Cropper(LEXICON, CropSettings(min_words=2), 13)
    assert (len(list(cropper([PAIR]))), cropper.pairs, cropper.whole) == (len(made), 1, 1)
    assert cropper.crops == len(made) - 1


def test_a_crop_depends_on_seed_and_id_not_on_its_neighbours():
    other = PAIR._replace(pair_id="p9")
    alone = cropped(whole=0, min_words=2)
    both = list(Cropper(LEXICON, CropSettings(whole=0, min_words=2), 13)([other, PAIR]))
    assert both[-len(alone) :] == alone
    assert any(cropped(seed=seed, whole=0, min_words=2) != alone for seed in range(9))


def test_scripts_without_spaces_are_cut_between_graphemes():
    lexicon = {"水": {"water": 1.0}, "鱼": {"fish": 1.0}, "大": {"big": 1.0}}
    pair = SentencePair("big fish water deep", "大鱼水深", "z")
    found = {
        crop[:2]
        for seed in range(20)
        for crop in Cropper(lexicon, CropSettings(whole=0, min_words=2, max_words=2), seed)([pair])
    }
    assert {("big fish", "大鱼"), ("fish water", "鱼水")} <= found


@pytest.mark.parametrize(
    "wrong", [{"min_words": 0}, {"min_words": 4, "max_words": 3}, {"crops": 0}]
)
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(UsageError):
        require_within(CropSettings(**wrong))
