from optical_cli.text.romanize import romanized


def test_letters_of_other_scripts_become_latin_ones():
    assert romanized("Денвер") == "Denver"
    assert romanized("ντένβερ") == "ntenver"
    assert romanized("दिल्ली 2016") == "dilli 2016"


def test_latin_letters_digits_and_scripts_without_spaces_stay():
    for text in ("Zürich, Łódź 3!", "北京", "กรุงเทพ", "", "🙂"):
        assert romanized(text) == text


def test_a_word_stays_a_word():
    """What would be an apostrophe or a mark would part it."""
    for word in ("только", "объём", "ҳаво", "سماء", "عرب", "ደኅና", "გიორგი", "Հայ"):
        assert romanized(word).isalnum(), word
    assert romanized("только") == "tolko"


def test_case_is_that_of_the_letter():
    """The table spells Hangul with capitals inside a word."""
    assert romanized("서울") == "seoul"
    assert romanized("Волга") == "Volga"
