from collections import Counter

import pytest

from optical_cli.bitext.code_switch_settings import CodeSwitchSettings
from optical_cli.bitext.code_switching import CodeSwitcher, choices_of, count_terms
from optical_cli.errors import UsageError
from optical_cli.settings import require_within

LEXICON = {
    "mkulima": {"farmer": 1.0}, "wakulima": {"farmer": 0.5, "farmers": 0.5},
    "anauza": {"sells": 0.8, "sell": 0.2}, "anachuuza": {"sells": 1.0},
}  # fmt: skip
COUNTS = Counter({"mkulima": 6, "wakulima": 4, "anauza": 5, "anachuuza": 1})


def switched(*texts, seed=13, **settings):
    how = CodeSwitchSettings(**{"share": 1.0} | settings)
    switcher = CodeSwitcher(choices_of(LEXICON, COUNTS, how.choices), how, seed)
    return switcher, list(switcher(enumerate(texts, 1)))


def test_words_become_what_stands_for_them_and_the_rest_stays():
    switcher, pairs = switched("Which farmer, Juma, sells maize?", choices=1)
    assert pairs == [
        ("Which farmer, Juma, sells maize?", "Which mkulima, Juma, anauza maize?", "1.1")
    ]
    assert (switcher.texts, switcher.words, switcher.switched) == (1, 5, 2)


def test_a_capital_stays_one_and_a_possessive_is_the_word():
    _, pairs = switched("Farmer's maize", choices=1)
    assert pairs[0].target == "Mkulima maize"


def test_words_are_drawn_as_often_as_they_stand_for_the_source_word():
    """6 occurrences that all mean farmer against 4 of which half do; 5 * 0.8 against 1."""
    drawn = Counter()
    for seed in range(400):
        drawn.update(switched("farmer sells", seed=seed)[1][0].target.split())
    assert drawn["mkulima"] / 400 == pytest.approx(6 / 8, abs=0.07)
    assert drawn["anauza"] / 400 == pytest.approx(4 / 5, abs=0.07)
    assert set(drawn) == {"mkulima", "wakulima", "anauza", "anachuuza"}


def test_a_share_of_the_words_with_a_translation_is_switched():
    switcher, _ = switched(*["farmer sells maize"] * 500, share=0.3)
    assert switcher.switched / 1000 == pytest.approx(0.3, abs=0.05)


def test_copies_differ_and_hang_on_seed_and_id_alone():
    _, pairs = switched("farmer sells farmer sells farmer", copies=4)
    assert [pair.pair_id for pair in pairs] == ["1.1", "1.2", "1.3", "1.4"]
    assert len({pair.target for pair in pairs}) > 1
    assert switched("a farmer", "farmer sells", seed=5)[1][1] == switched(
        "the farmer", "farmer sells", seed=5
    )[1][1]  # fmt: skip


def test_texts_without_a_known_word_are_left_out():
    switcher, pairs = switched("who is Juma", "farmer")
    assert [pair.source for pair in pairs] == ["farmer"] and switcher.texts == 2


def test_words_that_the_bitext_lacks_are_no_choice():
    choices = choices_of(LEXICON, Counter({"anauza": 1}), 5)
    assert {source: list(words) for source, (words, _) in choices.items()} == {
        "sells": ["anauza"], "sell": ["anauza"]
    }  # fmt: skip


def test_terms_are_counted_as_the_lexicon_has_them():
    assert count_terms(["Mkulima anauza.", "mkulima"]) == {"mkulima": 2, "anauza": 1}


@pytest.mark.parametrize("wrong", [{"share": 0.0}, {"share": 1.1}, {"choices": 0}, {"copies": 0}])
def test_impossible_settings(wrong):
    with pytest.raises(UsageError, match=f"--{next(iter(wrong))}"):
        require_within(CodeSwitchSettings(**wrong))
