"""Every kind of dirt is what it says."""

import html
import re
import unicodedata

import pytest

from optical_cli.seeds import generator
from optical_cli.toy.chance import Chance
from optical_cli.toy.dirt import (
    BOILERPLATE,
    INVISIBLE,
    KINDS,
    OTHER_LANGUAGES,
    REPAIRABLE,
    own_pairs,
    soil,
    strew,
)

PAIRS = [
    (f"The farmer fed {n} cows.", f"Mkulima alilisha ng'ombe {n} wa kijiji.") for n in range(50)
]
CLEAN = [f"{source}\t{target}\n".encode() for source, target in PAIRS]


def made(kind, times=20):
    chance = Chance(generator(1, kind))
    return [KINDS[kind](chance, PAIRS) for _ in range(times)]


def sides(line):
    return line.decode().removesuffix("\n").split("\t")


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_ends_and_is_one_line(kind):
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in made(kind))


def test_empty_sides_of_either_kind():
    lines = made("empty-side")
    assert all(sorted(map(bool, sides(line))) == [False, True] for line in lines)
    assert len({bool(sides(line)[0]) for line in lines}) == 2


def test_duplicates_are_lines_of_the_file():
    assert set(made("duplicate")) <= set(CLEAN)


def test_untranslated_lines_have_equal_sides():
    assert all(one == other != "" for one, other in map(sides, made("untranslated")))


def test_misaligned_lines_join_two_pairs():
    for source, target in map(sides, made("misaligned")):
        assert source in dict(PAIRS) and dict(PAIRS)[source] != target
        assert target in dict(PAIRS).values()


def test_wrong_columns_are_too_few_or_too_many():
    assert {len(sides(line)) for line in made("wrong-columns")} == {1, 3}


def test_entities_unescape_to_the_pair():
    quoted = {(f'"{source}"', f'"{target}"') for source, target in PAIRS}
    for line in made("entities"):
        assert b"&" in line
        assert tuple(html.unescape(html.unescape(side)) for side in sides(line)) in quoted


def test_boilerplate_repeats():
    lines = made("boilerplate")
    assert len(set(lines)) < len(lines)
    assert {tuple(sides(line)) for line in lines} <= set(BOILERPLATE)


def test_over_long_lines_are_long_on_both_sides_but_readable():
    assert all(1500 <= len(side) < 10_000 for line in made("over-long") for side in sides(line))


def test_wrong_language_keeps_the_source():
    for source, target in map(sides, made("wrong-language")):
        assert source in dict(PAIRS) and target in OTHER_LANGUAGES


def test_invisible_characters_are_format_characters_inside_the_target():
    for _, target in map(sides, made("invisible")):
        hidden = [char for char in target if unicodedata.category(char) == "Cf"]
        assert len(hidden) == 1 and target[0] != hidden[0]
        assert target.replace(hidden[0], "") in dict(PAIRS).values()


def test_carriage_returns_stand_before_the_line_end():
    assert {line.replace(b"\r\n", b"\n") for line in made("carriage-return")} <= set(CLEAN)
    assert all(line.endswith(b"\r\n") for line in made("carriage-return"))


def test_invalid_bytes_are_no_utf_8():
    for line in made("invalid-bytes"):
        with pytest.raises(UnicodeDecodeError):
            line.decode()
        assert line.decode(errors="ignore").encode() in CLEAN


def soiled(dirty):
    chance = Chance(generator(1, "soil"))
    kinds = strew(chance, 60, dirty)
    return soil(chance, PAIRS[: own_pairs(kinds)], kinds), kinds


def test_kinds_take_turns():
    _, kinds = soiled(2 * len(KINDS))
    assert all(kinds.count(kind) == 2 for kind in KINDS)
    assert kinds.count("") == 60 - 2 * len(KINDS)


def test_clean_and_repairable_lines_hold_every_pair_once_in_order():
    lines, kinds = soiled(2 * len(KINDS))
    held = [line for line, kind in zip(lines, kinds, strict=True) if kind in REPAIRABLE]
    hidden = re.compile(f"[{''.join(INVISIBLE)}]|\r")
    repaired = [hidden.sub("", html.unescape(html.unescape(line.decode()))) for line in held]
    repaired = [line.replace('"', "").encode() for line in repaired]
    assert repaired == CLEAN[: own_pairs(kinds)]
    assert 60 - own_pairs(kinds) == 2 * (len(KINDS) - len(REPAIRABLE) + 1)


def test_no_dirt_leaves_the_file_clean():
    chance = Chance(generator(1, "soil"))
    assert soil(chance, PAIRS, strew(chance, len(PAIRS), 0)) == CLEAN
