"""Language codes."""

import pytest

from optical_cli.text import (
    canonical,
    known_languages,
    language_name,
    same_language,
    scripts_of_language,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [("swa", "swh"), ("tgl", "fil"), ("ara", "arb"), ("zho", "cmn"), ("sw-KE", "SW"),
     ("zh_Hant", "yue"), ("iw", "heb"), ("nb", "nno")],
)  # fmt: skip
def test_codes_of_one_language_agree(one, other):
    assert same_language(one, other)


@pytest.mark.parametrize(("one", "other"), [("hr", "sr"), ("id", "ms"), ("hi", "mr")])
def test_neighbors_stay_apart(one, other):
    assert not same_language(one, other)


def test_every_alias_belongs_to_one_language():
    aliases = [alias for lang in known_languages().values() for alias in {lang.code, *lang.aliases}]
    assert len(aliases) == len(set(aliases))


def test_an_unknown_code_is_kept_and_has_no_script():
    assert canonical("QAA-x") == "qaa"
    assert language_name("qaa") == "qaa"
    assert scripts_of_language("qaa") == ()


def test_a_script_subtag_decides():
    assert scripts_of_language("sr") == ("Cyrillic", "Latin")
    assert scripts_of_language("sr-Latn") == ("Latin",)
    assert scripts_of_language("ja")[0] == "Hiragana"
