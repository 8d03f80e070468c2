"""Each kind does what its definition says, on scripts with spaces and without."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise import KINDS
from optical_cli.noise.chance import Chance, content_hash
from optical_cli.noise.kind import Noise
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request
from optical_cli.text import graphemes, unit_spans

SWAHILI = "Mtoto anasoma kitabu kipya shuleni kwetu leo asubuhi."
THAI = "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e04\u0e23\u0e31\u0e1a\u0e17\u0e38\u0e01\u0e04\u0e19"
SENTENCES = st.lists(st.text("abcdeéọ̀ńñ'-", min_size=1, max_size=6), min_size=1, max_size=12)


def edited(kind, target, *, source="the child reads", intensity=None, number=0, side="target",
           material=None, row=None):  # fmt: skip
    """What a kind makes of a target (or of the source)."""
    noise = Noise.of(KINDS[kind], Request(kind, 1.0, intensity, side))
    editor = noise.kind.editor(noise.request, material or Material(), 13)
    pair = SentencePair(source, target, "p1")
    chance = Chance(13, kind, content_hash(source, f"{target}{number}"))
    return editor(row or BitextRow(1, pair, (0, 1), 2), pair, chance)


def target_of(kind, text, **more):
    return edited(kind, text, **more).pair.target


def units(text):
    return [text[start:stop] for start, stop in unit_spans(text)]


def test_a_unit_of_a_script_without_spaces_is_what_joiners_join():
    assert units("แ\u2060ม\u2060วกิ\u2060น! a b") == ["แ\u2060ม\u2060ว", "กิ\u2060น", "!", "a", "b"]
    assert units("စာ") == ["စာ"]


@pytest.mark.parametrize("text", [SWAHILI, THAI, "我们今天去北京 BMW 车展。"])
def test_misorder_moves_units_and_loses_none(text):
    for number in range(20):
        after = target_of("misorder", text, number=number)
        assert after != text
        assert sorted(after) == sorted(text)
        if text == SWAHILI:  # elsewhere units that come to stand together read as one
            assert sorted(units(after)) == sorted(units(text))


def test_misorder_keeps_grapheme_clusters_whole():
    after = target_of("misorder", THAI)
    assert sorted(graphemes(after)) == sorted(graphemes(THAI))
    assert len(graphemes(THAI)) < len(THAI), "or the test would show nothing"


def test_misorder_leaves_what_has_no_order():
    assert target_of("misorder", "peke") == "peke"
    assert target_of("misorder", "ndio ndio ndio") == "ndio ndio ndio"
    assert target_of("misorder", "a b") == "b a"


@given(SENTENCES, st.integers(0, 99))
def test_misorder_at_a_low_intensity_moves_few_words(words, number):
    text = " ".join(words)
    before, after = units(text), units(target_of("misorder", text, intensity=0.01, number=number))
    moved = sum(one != other for one, other in zip(before, after, strict=True))
    assert moved in (0, 2) or (moved > 2 and len(before) > 30)


@pytest.mark.parametrize(
    ("text", "intensity", "expected"),
    [
        ("one two three four", 0.5, "one two"),
        ("one two three", 0.5, "one"),
        ("one two three", 0.01, "one two"),
        ("one two three", 1.0, "one"),
        ("one", 0.5, "one"),
        ("one two, ", 0.5, "one"),
        (THAI, 0.5, "".join(graphemes(THAI)[:5])),  # of 11
    ],
)
def test_truncate_cuts_the_share_rounded_up_and_never_the_first(text, intensity, expected):
    assert target_of("truncate", text, intensity=intensity) == expected


@given(SENTENCES, st.floats(0.01, 1), st.integers(0, 99))
def test_drop_words_leaves_a_subsequence_that_is_shorter_and_not_empty(words, intensity, number):
    text = " ".join(words)
    before = units(text)
    after = units(target_of("drop-words", text, intensity=intensity, number=number))
    rest = iter(before)
    assert all(word in rest for word in after), "in the order of the text"
    assert 1 <= len(after) <= max(len(before) - 1, 1)


def test_a_higher_intensity_drops_what_a_lower_one_does_and_more():
    text = " ".join(f"w{n}" for n in range(60))
    levels = [set(units(target_of("drop-words", text, intensity=i))) for i in (0.1, 0.3, 0.6)]
    assert levels[0] > levels[1] > levels[2]
    assert 45 < len(levels[0]) < 60 and 12 < len(levels[2]) < 36


def edit_distance(one: str, other: str) -> int:
    """Levenshtein distance over grapheme clusters, by its own recurrence."""
    a, b = graphemes(one), graphemes(other)
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (x != y)))
    return row[-1]


@pytest.mark.parametrize("text", [SWAHILI, THAI, "Các Đại biểu lo lắng", "नमस्ते दुनिया"])
def test_typos_change_few_letters_and_no_script(text):
    letters = sum(cluster[0].isalpha() for cluster in graphemes(text))
    for number in range(20):
        after = target_of("typos", text, intensity=0.05, number=number)
        assert after != text
        # A swap counts twice; more than a fifth of the letters at 5% would be chance run wild.
        assert 1 <= edit_distance(text, after) <= max(2, 0.4 * letters)
        assert set(graphemes(after)) <= set(graphemes(text)), "letters come from the sentence"


def test_typos_at_full_intensity_hit_most_letters_and_leave_what_is_no_letter():
    assert target_of("typos", "123 .,!") == "123 .,!"
    after = target_of("typos", SWAHILI, intensity=1.0)
    assert edit_distance(SWAHILI, after) > len(SWAHILI) / 3
    assert after.count(" ") == SWAHILI.count(" ") and after.endswith(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Cộng hòa Đức", "Cong hoa Đuc"), ("über señor", "uber senor"), ("ọ̀rọ̀", "oro"), ("abc", "abc"),
     ("ελληνικά", "ελληνικα"), ("한국어", "한국어")],
)  # fmt: skip
def test_strip_diacritics_takes_the_marks(text, expected):
    assert target_of("strip-diacritics", text) == expected
    assert target_of("strip-diacritics", unicodedata.normalize("NFD", text)) in (
        expected, unicodedata.normalize("NFD", expected),
    )  # fmt: skip


def test_encoding_damage_is_what_ftfy_undoes():
    import ftfy

    for text in ("Cộng hòa Đức", "naïve café", "Größe"):
        damaged = target_of("encoding", text)
        assert damaged != text and ftfy.fix_encoding(damaged) == text
    assert target_of("encoding", SWAHILI) == SWAHILI


@given(st.text())
def test_encoding_damage_can_be_read_back_byte_by_byte(text):
    damaged = target_of("encoding", text)
    back = b"".join(
        bytes([ord(c)]) if 0x80 <= ord(c) < 0xA0 else c.encode("cp1252") for c in damaged
    )
    assert back.decode() == text


def test_untranslated_copies_either_side():
    assert edited("untranslated", "mtoto anasoma").pair[:2] == ("the child reads",) * 2
    assert edited("untranslated", "mtoto", side="source").pair[:2] == ("mtoto",) * 2
    sides = {edited("untranslated", "mtoto", side="either", number=n).pair.source
             for n in range(20)}  # fmt: skip
    assert sides == {"the child reads", "mtoto"}


@pytest.fixture
def material(tmp_path):
    from optical_cli.noise.material import ForeignPairs, Words

    other, crawl, lexicon = (tmp_path / name for name in ("other", "crawl", "lexicon"))
    other.write_text("The child, reads\tdas Kind liest\nwater\tWasser\n")
    crawl.write_text("click here\tbofya hapa\nlog in\tingia\n")
    lexicon.write_text("child\tmtoto\t0.9\nkid\tmtoto\t0.1\nreads\tanasoma\t1\nbook\tkitabu\t.5\n"
                       "book\tvitabu\t0.8\n")  # fmt: skip
    return Material(ForeignPairs(other, "1,2"), ForeignPairs(crawl, "1,2"), Words(lexicon))


def test_wrong_language_prefers_the_same_source_and_says_so(material):
    edit = edited("wrong-language", "mtoto anasoma", material=material)
    assert (edit.pair.target, edit.how, edit.origin) == (
        "das Kind liest", "translation", "other:1",
    )  # fmt: skip
    edit = edited("wrong-language", "nyumba", source="the house", material=material)
    assert edit.how == "random" and edit.pair.target in ("das Kind liest", "Wasser")
    assert edit.pair.source == "the house"


def test_crawl_replaces_both_sides_by_one_line(material):
    drawn = {edited("crawl", "mtoto", material=material, number=n).pair[:2] for n in range(20)}
    assert drawn == {("click here", "bofya hapa"), ("log in", "ingia")}


def test_code_switch_takes_the_most_probable_translation(material):
    assert target_of("code-switch", "Mtoto anasoma, sasa!", intensity=1.0, material=material) == (
        "Child reads, sasa!"
    )
    after = edited("code-switch", "x", source="a new book", side="source", material=material)
    assert after.pair.source == "a new vitabu"
    assert target_of("code-switch", "hakuna neno", material=material) == "hakuna neno"
    one = target_of("code-switch", "mtoto anasoma kitabu", intensity=0.01, material=material)
    assert sum(word in one for word in ("child", "reads", "book")) == 1


def test_draws_do_not_depend_on_earlier_pairs():
    first = target_of("typos", SWAHILI)
    np.random.seed(0)
    target_of("typos", THAI)
    assert target_of("typos", SWAHILI) == first
