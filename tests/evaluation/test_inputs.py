import pytest

from optical_cli.errors import UsageError
from optical_cli.evaluation.inputs import RunInput, parse_labelled, parse_runs, parse_tags


def test_a_label_gives_system_language_and_seed():
    assert parse_runs(["ot/sw/3=dir/x.run", "ot/sw=y.run", "ot=z.run", "dir/bm25.sw.run.gz"]) == [
        RunInput("dir/x.run", "ot", "sw", 3), RunInput("y.run", "ot", "sw"),
        RunInput("z.run", "ot"), RunInput("dir/bm25.sw.run.gz", "bm25.sw"),
    ]  # fmt: skip


def test_a_file_whose_name_has_an_equals_sign_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "beta=0.5.run").write_text("")
    assert parse_runs(["beta=0.5.run"]) == [RunInput("beta=0.5.run", "beta=0.5")]
    assert parse_runs(["a=beta=0.5.run"]) == [RunInput("beta=0.5.run", "a")]


@pytest.mark.parametrize("value", ["=x", "a/b/c/d=x", "a//3=x", "a/sw/one=x", "a/=x"])
def test_a_malformed_label_is_a_usage_error(value):
    with pytest.raises(UsageError, match="--run"):
        parse_runs([value])


def test_two_runs_of_one_name_are_a_usage_error():
    with pytest.raises(UsageError, match="more than one run is called ot"):
        parse_runs(["ot=a.run", "ot=b.run"])


def test_qrels_go_by_language():
    assert parse_labelled("--qrels", ["q.txt", "sw=sw.txt"]) == {None: "q.txt", "sw": "sw.txt"}
    with pytest.raises(UsageError, match="language sw is given twice"):
        parse_labelled("--qrels", ["sw=a", "sw=b"])


def test_tags_are_numbers_where_they_look_like_it():
    found = parse_tags(["noise=0.2", "pairs=8000", "kind=misalign", "beta=1.5e-3", "id=1.2.3"])
    assert found == {"noise": 0.2, "pairs": 8000, "kind": "misalign", "beta": 1.5e-3, "id": "1.2.3"}
    for bad in (["noise"], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(UsageError, match="--tag"):
            parse_tags(bad)
