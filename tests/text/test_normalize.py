"""Stored form and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optical_cli.text import clean, fold, key, strip_invisible, unescape_entities


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("e\u0301cole", "\u00e9cole"),
        ("a\u200bb\ufeffc\u00add\u202ee", "abcde"),
        ("  a \u00a0 b\u2028c\td ", "a b c d"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("&amp;lt;b&amp;gt;", "<b>"),
        ("fish &copying; AT&T &nosuch;", "fish &copying; AT&T &nosuch;"),
        ("be\x07ll\x01", "bell"),
        ("\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e33"),
        ("\u00bd cup of \ufb01ne", "\u00bd cup of \ufb01ne"),
    ],
    ids=["nfc", "invisible", "space", "twice", "tags", "no-entity", "control", "thai", "compat"],
)
def test_clean_gives_the_stored_form(raw, stored):
    assert clean(raw) == stored


def test_entities_are_resolved_twice_and_no_more():
    assert unescape_entities("&amp;amp;amp;") == "&amp;"


def test_joiners_stay_between_letters_and_go_elsewhere():
    persian = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    marathi = "\u0930\u094d\u200d\u092f"
    assert strip_invisible(persian) == persian
    assert strip_invisible(marathi) == marathi
    assert strip_invisible("\u200cword\u200d next\u200c") == "word next"


def test_an_emoji_family_stays_one():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert clean(family) == family


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing_more_without_entities(text):
    text = text.replace("&", "")
    assert clean(clean(text)) == clean(text)


def test_key_ignores_case_space_and_punctuation():
    assert key("\u00a1Hola, MUNDO!") == key("hola mundo")
    assert key("Stra\u00dfe") == key("STRASSE")
    assert key("\uff21\uff11") == "a1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u1ecdk\u1ecd\u0301", "oko"),
        ("b\u1ea1n", "ban"),
        ("\u0915\u093f", "\u0915\u0940"),
        ("\u0e01\u0e34", "\u0e01\u0e35"),
    ],
    ids=["yoruba", "vietnamese", "hindi", "thai"],
)
def test_marks_stay_in_keys(one, other):
    assert key(one) != key(other)


@given(st.text(max_size=40))
def test_fold_is_idempotent(text):
    assert fold(fold(text)) == fold(text)
