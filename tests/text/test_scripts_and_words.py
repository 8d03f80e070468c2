"""Scripts, words and graphemes."""

import unicodedata

import pytest

from optical_cli.text import code_point_table, graphemes, main_script, script_of, words


@pytest.mark.parametrize(
    ("character", "script"),
    [("n", "Latin"), ("\u0446", "Cyrillic"), ("\u0915", "Devanagari"), ("\u4e2d", "Han"),
     ("1", None), (".", None), ("\u0301", None), ("\ua4d0", "Other")],
)  # fmt: skip
def test_script_of_a_character(character, script):
    assert script_of(character) == script


def test_main_script_is_that_of_most_letters():
    assert main_script("\u043f\u0440\u0438\u0432\u0435\u0442 ok 123") == "Cyrillic"
    assert main_script("123 !?") is None


def test_table_agrees_with_the_character_database():
    table = code_point_table(r"[\p{Mn}]")
    sample = [*range(0x3000), *range(0xE0100, 0xE01F0)]
    known = [point for point in sample if unicodedata.category(chr(point)) != "Cn"]
    wrong = [p for p in known if table[p] != (unicodedata.category(chr(p)) == "Mn")]
    assert wrong == []


def test_words_keep_inner_apostrophes_and_drop_punctuation():
    assert words("Ng'ombe wangu, haujambo?") == ["Ng'ombe", "wangu", "haujambo"]


def test_unsegmented_scripts_give_graphemes_and_mixed_text_both():
    assert words("\u0e19\u0e49\u0e33\u0e14\u0e37\u0e48\u0e21 USB") == [
        "\u0e19\u0e49\u0e33", "\u0e14\u0e37\u0e48", "\u0e21", "USB",
    ]  # fmt: skip
    assert words("\u6211\u4eec3\u4eba") == ["\u6211", "\u4eec", "3", "\u4eba"]


def test_devanagari_words_stay_whole():
    assert words("\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e") == [
        "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0926\u0941\u0928\u093f\u092f\u093e",
    ]  # fmt: skip


def test_graphemes_count_what_a_reader_counts():
    assert len(graphemes("e\u0301a\U0001f468\u200d\U0001f469\u200d\U0001f467")) == 3
