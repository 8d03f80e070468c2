import pytest

from optical_cli.errors import InputError, UsageError
from optical_cli.retrieval.fusion import (
    best_first,
    fuse_query,
    fuse_runs,
    normalized,
    read_runs,
    weights_of,
)
from optical_cli.retrieval.fusion_settings import FusionSettings


def test_reciprocal_rank_by_hand():
    first, second = {"a": 3.0, "b": 2.0, "c": 1.0}, {"c": 0.9, "d": 0.8}
    fused = fuse_query([first, second], [1, 2], FusionSettings())
    expected = {"a": 1 / 61, "b": 1 / 62, "c": 1 / 63 + 2 / 61, "d": 2 / 62}
    assert fused == pytest.approx(expected)


def test_reciprocal_rank_resolves_ties_by_doc_id_descending():
    fused = fuse_query([{"a": 1.0, "b": 1.0 + 1e-12}], [1], FusionSettings(k=0))
    assert fused == {"b": 1.0, "a": 0.5}


def test_weighted_by_hand():
    first, second = {"a": 10.0, "b": 5.0, "c": 0.0}, {"b": 0.2, "d": 0.1}
    how = FusionSettings(method="weighted")
    fused = fuse_query([first, second], [0.7, 0.3], how)
    assert fused == pytest.approx({"a": 0.7, "b": 0.35 + 0.3, "c": 0.0, "d": 0.0})


def test_unranked_passages_get_the_lowest_z_score():
    values, otherwise = normalized({"a": 3.0, "b": 1.0}, "zscore")
    assert values == pytest.approx({"a": 1.0, "b": -1.0}) and otherwise == -1.0


@pytest.mark.parametrize("normalization", ["minmax", "zscore"])
def test_equal_scores_say_nothing(normalization):
    assert normalized({"a": 2.0, "b": 2.0}, normalization) == ({"a": 0.0, "b": 0.0}, 0.0)


def test_scores_as_they_are():
    how = FusionSettings(method="weighted", normalization="none")
    assert fuse_query([{"a": 2.0}, {"a": 1.0, "b": 5.0}], [1, 10], how) == {"a": 12.0, "b": 50.0}


def test_a_query_that_one_run_lacks_is_fused_from_the_others():
    fused = fuse_runs([{"q1": {"a": 1.0}}, {"q2": {"b": 1.0}, "q1": {"a": 1.0}}], [1, 1],
                      FusionSettings())  # fmt: skip
    assert list(fused) == ["q1", "q2"]
    assert fused["q2"] == pytest.approx({"b": 1 / 61})


def test_best_first_follows_the_tie_rule():
    assert best_first({"a": 1.0, "c": 0.5, "b": 1.0 + 1e-12}) == ["b", "a", "c"]


def test_one_run_or_no_common_query_is_refused(tmp_path):
    one, two = tmp_path / "one.run", tmp_path / "two.run"
    one.write_text("q1 Q0 d1 1 0.9 t\n")
    two.write_text("q2 Q0 d1 1 0.9 t\n")
    with pytest.raises(UsageError, match="two runs or more"):
        read_runs([str(one)])
    with pytest.raises(InputError, match="no query is in two"):
        read_runs([str(one), str(two)])


def test_weights_are_as_many_as_runs():
    assert weights_of((), ["a", "b"]) == [1.0, 1.0]
    with pytest.raises(UsageError, match="3 times for 2 runs"):
        weights_of((1, 2, 3), ["a", "b"])
    with pytest.raises(UsageError, match="finite"):
        weights_of((1, float("nan")), ["a", "b"])
