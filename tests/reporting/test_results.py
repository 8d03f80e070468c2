import pytest

from optical_cli.errors import InputError
from optical_cli.formats.scores import Score, read_scores
from optical_cli.reporting.results import Variant, read_results
from optical_cli.reporting.table import main_tables
from tests.reporting.conftest import alignment_scores, gap_scores, mean_scores, query_scores


def test_records_survive_writing(write):
    scores = [*mean_scores(noise=0.2), *gap_scores(), *query_scores()]
    assert list(read_scores(write(scores))) == scores


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "scores.jsonl:2: not JSON"),
        ("[1]", "scores.jsonl:2: not a score: expected a JSON object"),
        ('{"run": "a", "measure": "AP"}', "scores.jsonl:2: not a score: system, value missing"),
        ('{"run": "a", "system": 3, "measure": "AP", "value": 1}', "system 3 is not a text"),
        (
            '{"run": "a", "system": "a", "measure": "AP", "value": true}',
            "value True is not a number",
        ),
        ('{"run": "a", "system": "a", "measure": "AP", "value": "x"}', "value 'x' is not a number"),
        (
            '{"run": "a", "system": "a", "measure": "AP", "value": NaN}',
            "value nan is not a finite number",
        ),
    ],
)
def test_a_malformed_score_is_named_with_its_place(write, line, fault):
    path = write(mean_scores()[:1])
    with open(path, "a") as stream:
        stream.write(line + "\n")
    with pytest.raises(InputError, match=fault.replace("[", r"\[")):
        list(read_scores(path))


def test_an_empty_file_is_an_error(write):
    with pytest.raises(InputError, match="is empty"):
        list(read_scores(write([])))


def test_languages_stand_by_group_english_first_and_the_mean_last(write):
    results = read_results([write([*mean_scores(), *gap_scores()])])
    assert results.languages == ["en", "de", "sw", "all"]
    assert results.groups == {"de": "high", "sw": "low"}
    assert results.variants[0] == Variant("mse")


def test_best_second_and_daggers(write):
    [table] = main_tables(read_results([write(mean_scores())]))
    cells = {
        (variant.label, column.name): cell
        for variant, row in table.rows
        for column, cell in zip(table.columns, row, strict=True)
    }
    assert [cells[s, "sw"].rank for s in ("ot", "mse", "zero")] == [1, 2, 0]
    assert [cells[s, "sw"].mark for s in ("ot", "mse", "zero")] == ["†", "", "‡"]
    assert cells["ot", "de"].rank == 1 and cells["ot", "de"].mark == ""
    assert cells["teacher", "en"].rank == 0 and cells["ot", "en"].score is None
    assert "Holm over 6 comparisons" in table.legend and "no difference shown" in table.legend


def test_equal_values_share_a_place_and_two_rivals_have_no_second(write):
    values = {"a": 0.5, "b": 0.5, "c": 0.4}
    scores = [Score(run=s, system=s, measure="AP", value=v) for s, v in values.items()]
    [table] = main_tables(read_results([write(scores)]))
    assert [row[0].rank for _, row in table.rows] == [1, 1, 2]
    [table] = main_tables(read_results([write(scores[1:])]))
    assert [row[0].rank for _, row in table.rows] == [1, 0]


def test_rivals_share_their_tags_and_the_axis_is_found(write):
    paths = [write(mean_scores(noise=level), f"{level}.jsonl") for level in (0.0, 0.5)]
    results = read_results(paths)
    assert results.axes == ["noise"]
    assert [v.label for v in results.variants[:2]] == ["mse (noise=0.0)", "ot (noise=0.0)"]
    [table] = main_tables(results)
    best = {variant.label for variant, row in table.rows if row[2].rank == 1}
    assert best == {"ot (noise=0.0)", "ot (noise=0.5)"}
    assert results.color_of(Variant("ot", (("noise", 0.5),))) == results.color_of(Variant("ot"))


def test_several_seeds_without_their_mean_are_averaged(write):
    scores = [
        Score(run=f"{n}", system="a", measure="AP", seed=n, value=v)
        for n, v in ((1, 0.2), (2, 0.4))
    ]
    assert read_results([write(scores)]).means[Variant("a"), None, "AP"].value == pytest.approx(0.3)
    over = Score(run="a", system="a", measure="AP", value=0.31, low=0.1, high=0.5)
    assert read_results([write([*scores, over])]).means[Variant("a"), None, "AP"] == over


def test_files_that_contradict_each_other_are_an_error(write):
    other = write([Score(run="x", system="ot", language="de", measure="AP", value=0.9)], "b.jsonl")
    with pytest.raises(InputError, match=r"ot/de: two values of AP, 0.61 and 0.9"):
        read_results([write(mean_scores()), other])


def test_a_measure_that_is_nowhere_is_an_error(write):
    with pytest.raises(InputError, match="no scores of RR@10: there are AP"):
        read_results([write(mean_scores())], ["RR@10"])


def test_alignment_is_kept_apart_from_retrieval(write):
    results = read_results([write([*mean_scores(), *alignment_scores()])])
    assert results.measures == ["AP"] and len(results.alignment) == 2
    assert Variant("after") not in results.variants
