import itertools
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

from optical_cli.formats.plans import SamplePlan
from optical_cli.reporting.charts.curves import Point, Series, curves
from optical_cli.reporting.charts.differences import sorted_differences
from optical_cli.reporting.charts.heatmap import TOKENS_SHOWN, heatmap
from optical_cli.reporting.charts.scatter import Spot, scatter
from optical_cli.reporting.charts.strips import bar, dumbbell
from optical_cli.reporting.scale import Scale, round_step, scale_for, tick_label

SCRIPTS = ["मकई", "ข้าวโพด", "玉米", "ذرة", "በቆሎ", "𝒳", "<b>&\"'"]


def parsed(markup):
    """The drawing as a tree; malformed or unescaped text does not parse."""
    return ElementTree.fromstring(str(markup))


def numbers(tree) -> list[float]:
    text = " ".join(value for node in tree.iter() for value in node.attrib.values())
    return [float(found) for found in re.findall(r"-?\d+\.?\d*", text)]


def texts(tree) -> list[str]:
    return [node.text or "" for node in tree.iter() if node.tag == "text"]


@pytest.mark.parametrize(
    ("rough", "step"), [(0.07, 0.1), (0.021, 0.025), (3, 5), (1, 1), (1400, 2000)]
)
def test_ticks_are_round(rough, step):
    assert round_step(rough) == pytest.approx(step)


def test_ticks_lie_within_the_scale():
    for low, high in ((0, 1), (-3.2, -0.4), (0.30, 0.31), (0, 1e6)):
        scale = Scale(low, high, 0, 100)
        ticks = scale.ticks()
        assert (
            3 <= len(ticks) <= 7
            and low - 1e-9 <= min(ticks)
            and max(ticks) <= high * (1 + 1e-9) + 1e-9
        )
        assert all(scale(tick) + 1e-6 >= 0 and scale(tick) <= 100 + 1e-6 for tick in ticks)


def test_a_scale_of_one_value_has_room_around_it():
    scale = scale_for([0.5], 0, 100)
    assert scale.low < 0.5 < scale.high
    assert scale_for([0.0], 0, 100).high > 0
    assert scale_for([0.4, 0.5], 0, 100, floor=0.0).low == 0.0
    assert (tick_label(-0.5), tick_label(-0.0), tick_label(0.30000000000000004)) == (
        "−0.5",
        "0",
        "0.3",
    )


def test_curves_put_values_where_they_belong():
    points = [Point(0, 0.2, 0.1, 0.3), Point(0.5, 0.4, 0.3, 0.5), Point(1, 0.6, 0.5, 0.7)]
    tree = parsed(curves([Series("a", 0, points)], "noise", "AP", floor=0.0))
    [line] = [node for node in tree.iter() if node.tag == "polyline"]
    places = [tuple(map(float, place.split(","))) for place in line.attrib["points"].split()]
    assert places[1][0] == pytest.approx((places[0][0] + places[2][0]) / 2, abs=0.02)
    assert places[1][1] == pytest.approx((places[0][1] + places[2][1]) / 2, abs=0.02)
    assert places[0][1] > places[2][1]  # Up is more.
    assert any(node.tag == "polygon" for node in tree.iter())
    assert {"0", "0.5", "1"} <= set(texts(tree))


def test_no_chart_breaks_on_scripts_markup_or_degenerate_values():
    spots = [Spot(0.0, 0.0, label, label, place) for place, label in enumerate(SCRIPTS)]
    drawings = [
        scatter(spots, "<x>", "<y>", reference=(0.0, "<r>"), paths=[spots]),
        scatter(spots[:1], "x", "y"),
        curves([Series(SCRIPTS[-1], 0, [Point(1, 0.0)])], "<x>", "<y>"),
        sorted_differences([0.0, 0.0], "<says>"),
        bar(0.0, None, None, 0.0, 0),
        dumbbell(0.0, 0.0, 0.0, 9),
    ]
    for drawing in drawings:
        tree = parsed(drawing)
        assert all(math.isfinite(number) for number in numbers(tree))
        assert "nan" not in str(drawing).lower().replace("name", "")


def test_labels_of_a_scatter_do_not_overlap():
    tree = parsed(scatter([Spot(1, 1, f"l{n}", "s", n) for n in range(6)], "x", "y"))
    labels = [node for node in tree.iter() if node.tag == "text" and "spot" in node.attrib["class"]]
    heights = sorted(float(node.attrib["y"]) for node in labels)
    assert all(b - a >= 11.9 for a, b in itertools.pairwise(heights))


def test_sorted_differences_fill_gains_above_and_losses_below():
    tree = parsed(sorted_differences([0.5, -0.25, 0.0, 0.1], "says"))
    paths = {node.attrib["class"]: node.attrib["d"] for node in tree.iter() if node.tag == "path"}
    assert paths["gain"].count("H") == 2 and paths["loss"].count("H") == 1
    assert "4 queries, sorted" in texts(tree)


def plan(rows, cols):
    mass = [[1 / len(rows) / len(cols)] * len(cols) for _ in rows]
    return SamplePlan(
        pair_id="<p>", system="s", language="th", rows=rows, cols=cols, plan=mass, cost=0.1
    )


def test_a_heat_map_has_a_cell_per_share_and_all_tokens_as_text():
    tree = parsed(heatmap(plan(["the", "maize"], SCRIPTS)))
    cells = [node for node in tree.iter() if node.attrib.get("class") == "heat"]
    assert len(cells) == 2 * len(SCRIPTS)
    assert all(cell.attrib["fill-opacity"] == "0.500" for cell in cells)
    assert set(SCRIPTS) <= set(texts(tree))


def test_a_long_sentence_is_cut():
    tree = parsed(heatmap(plan(["a"] * 60, ["b"] * 200)))
    assert len(texts(tree)) == 2 * TOKENS_SHOWN
