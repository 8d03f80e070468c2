import numpy as np
import pytest

from optical_cli.errors import InputError, UsageError
from optical_cli.evaluation.cells import Draws
from optical_cli.evaluation.gap import gaps
from optical_cli.evaluation.groups import PRESETS, Grouping, read_grouping
from optical_cli.text import canonical
from tests.evaluation.conftest import cell, noisy

GROUPS = Grouping("mine", "us", {"high": ("de", "es"), "low": ("sw", "so")})
MEANS = {"en": 0.8, "de": 0.6, "es": 0.7, "sw": 0.3, "so": 0.2}


def level(mean: float, size: int = 50) -> np.ndarray:
    return np.full(size, mean)


def found_gaps(cells, grouping=GROUPS, *, ceiling=None, baseline=None):
    draws = Draws(cells, resamples=300, seed=1)
    return gaps(cells, grouping, draws, ceiling=ceiling, baseline=baseline)


def numbers(gap):
    return {(f.statistic, f.group, f.language): f.figure.value for f in gap.figures}


def test_all_numbers_by_hand():
    cells = [cell("a", code, level(mean)) for code, mean in MEANS.items()]
    [gap] = found_gaps(cells)
    values = numbers(gap)
    assert gap.ceiling == "a/en"
    assert values["ratio", "high", "de"] == pytest.approx(0.75)
    assert values["ratio", "high", None] == pytest.approx((0.75 + 0.875) / 2)
    assert values["ratio", "low", None] == pytest.approx((0.375 + 0.25) / 2)
    assert values["low/high", None, None] == pytest.approx(0.25 / 0.65)
    assert values["high-low", None, None] == pytest.approx(0.4)
    assert values["max-min", None, None] == pytest.approx(0.5)
    assert values["std", None, None] == pytest.approx(np.std([0.6, 0.7, 0.3, 0.2]))
    assert values["worst", None, "so"] == pytest.approx(0.2)


def test_the_headline_never_stands_alone():
    [gap] = found_gaps([cell("a", code, level(mean)) for code, mean in MEANS.items()])
    assert {f.statistic for f in gap.figures} == {
        "ratio", "mean", "low/high", "high-low", "worst", "max-min", "std"
    }  # fmt: skip


def test_the_only_english_run_is_the_ceiling_of_every_system():
    cells = [cell("teacher", "en", level(0.9))]
    cells += [cell(s, code, level(MEANS[code])) for s in "ab" for code in ("de", "sw")]
    assert [gap.ceiling for gap in found_gaps(cells)] == ["teacher/en"] * 2


def test_without_a_ceiling_there_are_plain_means_and_the_same_low_over_high():
    with_top = [cell("a", code, level(mean)) for code, mean in MEANS.items()]
    [gap] = found_gaps(with_top[1:])
    assert gap.ceiling is None and not any(f.statistic == "ratio" for f in gap.figures)
    [top] = found_gaps(with_top)
    key = ("low/high", None, None)
    assert numbers(gap)[key] == pytest.approx(numbers(top)[key])


def test_an_unknown_ceiling_is_an_error():
    cells = [cell("a", code, level(mean)) for code, mean in MEANS.items()]
    with pytest.raises(UsageError, match="--ceiling b/en: not one of the runs"):
        found_gaps(cells, ceiling="b/en")


def test_the_change_has_the_paired_interval_of_parallel_queries():
    shared = noisy(1, 300)  # Hard queries are hard in every language and system.

    def cells(ids_of):
        made = []
        for system, gain in (("a", 0.0), ("b", 0.05)):
            for code, mean in (("de", 0.0), ("sw", -0.2)):
                lift = gain if code == "sw" else 0.0
                made.append(cell(system, code, shared + mean + lift, ids=ids_of(code)))
        return made

    parallel = found_gaps(cells(lambda code: [f"q{i:03d}" for i in range(300)]), baseline="a")
    change = {f.statistic: f.change for f in parallel[1].figures if f.change}["high-low"]
    assert change.value == pytest.approx(-0.05)
    low, high = change.interval
    assert high - low < 1e-6 and high < 0
    own = found_gaps(cells(lambda code: [f"{code}{i:03d}" for i in range(300)]), baseline="a")
    gap_low, gap_high = {f.statistic: f.figure for f in own[0].figures}["high-low"].interval
    assert gap_high - gap_low > 0.02


def test_systems_of_different_languages_have_no_change():
    cells = [cell("a", code, level(0.5)) for code in ("de", "sw")]
    cells += [cell("b", code, level(0.5)) for code in ("de", "so")]
    assert all(f.change is None for f in found_gaps(cells, baseline="a")[1].figures)


def test_no_language_in_a_group_is_an_error():
    with pytest.raises(UsageError, match="no system has languages in both high and low"):
        found_gaps([cell("a", "de", level(0.5)), cell("a", "es", level(0.5))])


def test_presets_name_their_source_and_their_codes_are_canonical():
    for name, grouping in PRESETS.items():
        codes = [code for members in grouping.groups.values() for code in members]
        assert "ACL 2020" in grouping.source and grouping.name == name
        assert len(codes) == len(set(codes)) and [canonical(code) for code in codes] == codes
    assert PRESETS["joshi2020"].group_of("swh") == "low"
    assert PRESETS["joshi2020"].group_of("tlh") is None


def test_reads_a_grouping_file_with_any_spelling_of_the_codes(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('source = "budget"\n[groups]\nhigh = ["deu"]\nlow = ["swa", "so"]\n')
    grouping = read_grouping(str(path))
    assert (grouping.name, grouping.source) == ("mine", "budget")
    assert grouping.group_of("sw") == "low" and grouping.group_of("de") == "high"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("high = [", "is not TOML"),
        ('[groups]\nhigh = ["de"]\n', "no languages in group low"),
        ('[groups]\nhigh = ["de"]\nlow = "sw"\n', "group low is not a list of codes"),
        ('[groups]\nhigh = ["de"]\nlow = ["deu"]\n', "de stands in more than one group"),
        ('groups = ["de"]\n', "expected name, source and a table"),
        ('level = 3\n[groups]\nhigh = ["de"]\nlow = ["sw"]\n', "expected name, source and a table"),
    ],
)
def test_a_malformed_grouping_is_an_error(tmp_path, text, fault):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=fault):
        read_grouping(str(path))


def test_neither_file_nor_preset_names_the_presets():
    with pytest.raises(UsageError, match=r"neither a file nor one of the presets joshi2020"):
        read_grouping("joshy2020")


def test_a_grouping_file_is_known_by_its_hash(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[groups]\nhigh = ["de"]\nlow = ["sw"]\n')
    label = read_grouping(str(path)).label
    assert label.startswith("mine@") and len(label) == len("mine@") + 8
    path.write_text('[groups]\nhigh = ["es"]\nlow = ["sw"]\n')
    assert read_grouping(str(path)).label != label
    assert PRESETS["joshi2020"].label == "joshi2020"
