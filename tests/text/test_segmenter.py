"""Words of scripts without spaces."""

import random
import unicodedata
from collections import Counter

import pytest

from optical_cli.errors import InputError, UsageError
from optical_cli.text import words
from optical_cli.text.segment import JOINER
from optical_cli.text.segmenter import Segmenter, joined_words
from optical_cli.text.terms import terms

VOCABULARY = ["แมว", "กิน", "ปลา", "น้ำ", "หนังสือ", "โรงเรียน", "เด็ก", "อ่าน"]


@pytest.fixture(scope="module")
def texts():
    chance = random.Random(3)
    return ["".join(chance.choices(VOCABULARY, k=5)) for _ in range(600)]


@pytest.fixture(scope="module")
def segmenter(texts):
    return Segmenter.learned(texts, 60)


def test_joined_graphemes_are_one_word():
    joined = "แ\u2060ม\u2060วกิ\u2060น"
    assert words(joined) == ["แ\u2060ม\u2060ว", "กิ\u2060น"]
    assert words("แมวกิน") == ["แ", "ม", "ว", "กิ", "น"]
    for word in words(joined):
        assert words(word) == [word] == terms(word)


def test_a_letter_that_normal_forms_part_stays_one():
    assert len(terms("น้ำ")) == 1 and len(terms("ນ້ຳ")) == 1
    assert len(terms(f"ข{JOINER}น{JOINER}ม{JOINER}น้ำ")) == 1


def test_words_are_found_without_a_dictionary(segmenter, texts):
    found = [word.replace(JOINER, "") for text in texts for word in words(segmenter(text))]
    assert sum(word in VOCABULARY for word in found) / len(found) > 0.8


def test_nothing_but_joiners_is_changed(segmenter, texts):
    for text in (*texts[:20], "The แมวกินปลา (USB 3.0)!", "北京的水", "kitabu", "", "๓๔ แมว"):
        done = segmenter(text)
        assert done.replace(JOINER, "") == text
        assert segmenter(done) == done


def test_no_word_begins_with_a_sign(segmenter):
    """Not even where pieces end inside a grapheme, as they may in unknown words."""
    text = segmenter("ก็ที่นี่ผู้ใหญ่บ้าน" + "".join(VOCABULARY))
    assert JOINER in text
    for sign in "\u0e31\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49":
        assert JOINER + sign not in text


# Words of scripts without spaces, and what ends their sentences.
SCRIPTS = {
    "Burmese": (["စာ", "စာအုပ်", "သွား", "သော", "ရေ", "ကလေး", "ကျောင်း", "မြန်မာ"], "။"),
    "Khmer": (["ទឹក", "សៀវភៅ", "ខ្ញុំ", "សាលា", "កុមារ", "អាន", "ត្រី", "ឆ្មា"], "។"),
    "Lao": (["ນ້ຳ", "ປຶ້ມ", "ໂຮງຮຽນ", "ເດັກ", "ແມວ", "ກິນ", "ປາ", "ອ່ານ"], "."),
    "Thai": (VOCABULARY, "."),
    "Tibetan": (["ཆུ", "དེབ", "སློབ་གྲྭ", "བོད", "ཡིག", "མི", "ཉ", "ཞི"], "།"),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_was_learned_is_told_again(script):
    """Through all that a student does: its words are counted, and are all that it reads later."""
    vocabulary, end = SCRIPTS[script]
    chance = random.Random(3)
    texts = ["".join(chance.choices(vocabulary, k=6)) + end for _ in range(500)]
    learned = Segmenter.learned(texts, 60)
    joined = [learned(text) for text in texts]
    counts = Counter(word for text in joined for word in words(text))
    letters = [c for c in "".join(texts) if unicodedata.category(c)[0] in "LM"]
    kept = "".join(words("".join(joined))).replace(JOINER, "")
    assert kept == "".join(letters)
    known = Segmenter.of_words(joined_words(counts))
    again = Counter(word for text in texts for word in words(known.typed(text)))
    assert again.keys() <= counts.keys()
    assert again.total() <= counts.total() * 1.05


def test_typed_text_is_composed_first():
    segmenter = Segmenter.of_words({"น้ำ": 50, "ดื่ม": 50})
    parted = unicodedata.normalize("NFKC", "ดื่มน้ำ")
    assert parted != "ดื่มน้ำ"
    assert segmenter.typed(parted) == segmenter("ดื่มน้ำ")
    assert segmenter(parted).replace(JOINER, "") == parted


def test_other_scripts_have_nothing_to_learn():
    with pytest.raises(InputError, match="script without spaces"):
        Segmenter.learned(["kitabu na maji", "北京"], 100)


def test_too_few_pieces_are_refused(texts):
    with pytest.raises(UsageError, match="--pieces 3"):
        Segmenter.learned(texts, 3)


def test_known_words_are_told_as_they_were():
    """The likelier of two ways to part a run wins: by the counts, not by length alone."""
    segmenter = Segmenter.of_words({"แมว": 50, "กิน": 50, "ปลา": 50, "มวกิ": 1, "แ": 1, "น": 1})
    assert [word.replace(JOINER, "") for word in words(segmenter("แมวกินปลา"))] == [
        "แมว",
        "กิน",
        "ปลา",
    ]
    other = Segmenter.of_words({"แมวกิน": 1, "แมว": 900, "กิน": 900})
    assert [word.replace(JOINER, "") for word in words(other("แมวกิน"))] == ["แมว", "กิน"]


def test_what_no_known_word_spells_is_one_word():
    segmenter = Segmenter.of_words({"แมว": 5, "กิน": 5})
    assert [word.replace(JOINER, "") for word in words(segmenter("แมวหนูกิน"))] == ["แมว", "หนู", "กิน"]


def test_words_are_kept_only_where_joiners_told_them():
    told = {f"แ{JOINER}ม{JOINER}ว": 3, "ณ": 2, "kitabu": 4, "北": 1}
    assert joined_words(told) == {"แมว": 3, "ณ": 2}
    assert joined_words({"แ": 3, "ม": 2, "kitabu": 4}) == {}
