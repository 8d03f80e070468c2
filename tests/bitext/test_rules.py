"""What each rule says of pairs that it is made for, and of clean ones."""

import numpy as np
import pytest

from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.profile import Profile, median_ratio
from optical_cli.bitext.rules import CORPUS_RULES, RULES, thresholds
from optical_cli.errors import UsageError

BY_NAME = {rule.name: rule for rule in RULES}
THAI = "\u0e19\u0e49\u0e33\u0e04\u0e37\u0e2d\u0e0a\u0e35\u0e27\u0e34\u0e15"
HINDI = "\u092a\u093e\u0928\u0940 \u0939\u0940 \u091c\u0940\u0935\u0928 \u0939\u0948\u0964"
CHINESE = "\u6211\u4eec\u53bb\u5e02\u573a\u4e70\u6c34\u679c\u3002"


def batch(pairs, profile):
    sources, targets = ([pair[side] for pair in pairs] for side in (0, 1))
    return PairBatch(
        Side(clean_all(sources), sources, profile.source_scripts),
        Side(clean_all(targets), targets, profile.target_scripts),
    )


def score(name, source, target, language="sw", ratio=1.0):
    """The score of one pair, in the middle of others so that rows cannot be mixed up."""
    profile = Profile("en", language, ratio)
    pairs = [("Before it.", "Kabla yake."), (source, target), ("After it.", "Baada yake.")]
    rule = BY_NAME[name]
    scores = rule.score(batch(pairs, profile), profile)
    assert scores.shape == (3,)
    return float(scores[1])


def accepted(name, *pair, preset="gentle", **options):
    rule = BY_NAME[name]
    value = np.array([score(name, *pair, **options)])
    return bool(rule.accept(value, rule.thresholds[preset])[0])


@pytest.mark.parametrize("language, target", [("th", THAI), ("hi", HINDI), ("zh", CHINESE)])
@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES if not rule.flags and rule.thresholds["strict"] is not None],
    ids=lambda rule: rule.name,
)
def test_clean_pairs_pass_every_rule(rule, language, target):
    source = "Water is life, they say."
    ratio = len(target) / len(source)
    assert accepted(rule.name, source, target, preset="strict", language=language, ratio=ratio)


def test_length_ratio_is_scaled_by_the_pair_of_languages():
    source = "We are going to the market to buy fruit."
    assert score("length_ratio", source, CHINESE, "zh", ratio=9 / 40) == pytest.approx(1.0)
    assert not accepted("length_ratio", source, CHINESE, language="zh", ratio=1.0)


def test_length_ratio_says_nothing_of_two_short_sides():
    assert np.isnan(score("length_ratio", "Yes.", "Ndiyo bwana."))
    assert not accepted("length_ratio", "A sentence that is long enough to tell.", "Fupi")


def test_median_ratio_leaves_blank_sides_out():
    assert median_ratio(["ab", "abcd", "", "x"], ["abcd", "abcd", "x", " "]) == 1.5
    assert median_ratio([], []) == 1.0


@pytest.mark.parametrize(
    ("name", "source", "target", "value"),
    [
        ("empty", "a b", "", 0),
        ("empty", "\u200b\u00ad", "maji", 0),
        ("too_long", "a" * 30, "b" * 40, 40),
        ("too_short", "a1!", "maji", 2),
        ("long_word", "one three fifteen", "a b c", 7),
        ("long_word", "x" * 9 + " b", "a", 9),
        ("letter_share", "abc 12.", "maji", 0.5),
        ("letter_share", "e\u0301\u0323", "maji", 1),
        ("digit_share", "a1", "maji 123 456", 0.6),
        ("punctuation_share", "ab!?", "maji", 0.5),
        ("script", "water", "\u0432\u043e\u0434\u0430 m", 0.2),
        ("identical", "Hello, WORLD", "hello world!", 1),
        ("identical", "hello", "jambo", 0),
        ("repetition", "no", "Read more now. " * 5, 5),
        ("repetition", "no", "no, no, no, no", 1),
        ("character_run", "so", "so" + "o" * 30, 31),
        ("markup", "<b>x</b>", "[[y]]", 4),
        ("markup", "a < b and c > d, 3 <3 {x}", "x & y", 0),
        ("numbers", "In 1,990 and 5", "Mwaka 1990", 0.5),
        ("numbers", "It is 12", "\u0967\u0968", 0),
        ("mojibake", "\ufffd", "x", 1),
    ],
)  # fmt: skip
def test_scores(name, source, target, value):
    assert score(name, source, target) == pytest.approx(value)


def test_words_of_a_script_without_spaces_are_not_long():
    assert accepted("long_word", "a b", THAI * 30, preset="strict", language="th")


def test_latin_names_do_not_outweigh_chinese():
    assert accepted("script", "Tommy left.", "Tommy \u8d70\u4e86\u3002", language="zh")
    assert not accepted(
        "script", "Christopher Robin left.", "Christopher Robin left.", language="zh"
    )


def test_repetition_without_spaces():
    assert score("repetition", "a", "\u70b9\u51fb\u8fd9\u91cc\u9605\u8bfb" * 5, "zh") == 5


def test_similar_sides_of_one_script_only():
    one, other = "The president of Tanzania", "The president of Tanzanias"
    assert score("similar", one, other) > 0.95
    assert np.isnan(score("similar", one, other, "hi"))
    assert np.isnan(score("similar", "Tom Paris", "Tom Parisi"))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "mac_roman", "cp437"])
def test_utf8_read_as_an_eight_bit_encoding_is_mojibake(encoding):
    text = "\u00c7a va tr\u00e8s bien, merci. C\u2019est l\u2019\u00e9t\u00e9 \u00e0 Z\u00fcrich."
    broken = text.encode().decode(encoding, errors="replace")
    assert accepted("mojibake", text, text)
    assert not accepted("mojibake", "x", broken)


def test_invisible_bytes_of_mojibake_count_although_they_are_stripped():
    assert not accepted("mojibake", "Garc\u00c3\u00ada", "x")
    assert not accepted("mojibake", "It\u00e2\u0080\u0099s", "x")


ENGLISH = "The government announced new measures to protect the rivers of the region."
GERMAN = "Die Regierung hat neue Maßnahmen zum Schutz der Flüsse der Region angekündigt."
SWAHILI = "Serikali ilitangaza hatua mpya za kulinda mito ya eneo hilo la kaskazini."


def test_another_language_is_told_with_many_letters_and_not_with_few():
    assert accepted("target_language", ENGLISH, SWAHILI)
    assert not accepted("target_language", ENGLISH, GERMAN)
    assert not accepted("source_language", GERMAN, SWAHILI)
    assert np.isnan(score("target_language", "The end", "Das Ende"))


def test_macrolanguages_are_one():
    assert accepted("target_language", ENGLISH, SWAHILI, language="swh")


def test_a_language_that_no_identifier_knows_is_never_rejected_for_it():
    assert np.isnan(score("target_language", ENGLISH, GERMAN, language="ceb"))


def test_thresholds_of_presets_and_changes():
    gentle = thresholds("gentle", ("too_long=99", "markup=off", "numbers=0.5"))
    assert gentle["too_long"] == 99 and gentle["numbers"] == 0.5
    assert "markup" not in gentle
    assert "numbers" not in thresholds("strict", ())
    assert thresholds("strict", ())["length_ratio"] < gentle["length_ratio"]


@pytest.mark.parametrize(
    "change", ["nosuch=1", "too_long", "too_long=", "too_long=nan", "too_long=x", "empty=off"]
)
def test_changes_that_make_no_sense(change):
    with pytest.raises(UsageError, match=change.split("=")[0]):
        thresholds("gentle", (change,))


def test_presets_grow_stricter():
    for rule in (*RULES, *CORPUS_RULES):
        values = [rule.thresholds[preset] for preset in ("gentle", "standard", "strict")]
        if values != [None] * 3:  # Off until asked for.
            assert values == sorted(values, reverse=rule.keep == "at most"), rule.name


def test_scores_do_not_depend_on_the_rest_of_the_batch():
    profile = Profile("en", "sw")
    pairs = [
        (ENGLISH, SWAHILI),
        ("<b>x</b>", "1 2 3"),
        ("aaaa" * 9, "b c " * 9),
        ("e\u0301", "\u00c3\u00a9"),
    ]
    for rule in RULES:
        together = rule.score(batch(pairs, profile), profile)
        alone = [rule.score(batch([pair], profile), profile)[0] for pair in pairs]
        np.testing.assert_allclose(together, alone, rtol=1e-6, err_msg=rule.name)


def test_scores_of_some_rows_are_those_of_all():
    profile = Profile("en", "sw")
    pairs = [
        (ENGLISH, SWAHILI),
        (GERMAN, GERMAN),
        ("aaaa" * 9, "b c " * 9),
        ("It\u00e2\u0080\u0099s", "1"),
    ]
    whole = batch(pairs, profile)
    for rule in RULES:
        rule.score(whole, profile)
    rows = np.array([1, 3])
    for rule in RULES:
        np.testing.assert_array_equal(
            rule.score(whole.take(rows), profile),
            rule.score(whole, profile)[rows],
            err_msg=rule.name,
        )
