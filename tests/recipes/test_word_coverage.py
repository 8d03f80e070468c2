"""recipes/word-coverage.py: means by what the pairs know of a question's words."""

import sys

import pytest


@pytest.fixture
def table(load, tmp_path, monkeypatch, capsys):
    """Run the script; give its rows."""
    pairs = ["the river\tmto", "a long river\tmto mrefu", "the river Nile\tmto Naili"]
    questions = {"q1": "mto Nile", "q2": "mto mrefu", "q3": "mto mpana", "q4": "mrefu mpana"}
    values = ["a\tsw\tmean\t9", "a\tsw\tq1\t1.0", "a\tsw\tq2\t0.5", "a\tsw\tq3\t0.25",
              "a\tsw\tq4\t0.75", "b\tsw\tq1\t0.125"]  # fmt: skip
    for name, lines in (("pairs", pairs), ("queries", map("\t".join, questions.items())),
                        ("values", ["system\tlanguage\tquery_id\tAP", *values])):  # fmt: skip
        (tmp_path / f"{name}.tsv").write_text("".join(f"{line}\n" for line in lines))

    def table(*options):
        files = [f"--{name}={tmp_path / name}.tsv" for name in ("queries", "values")]
        words = ["word-coverage", f"--bitext={tmp_path}/pairs.tsv", *files, *options]
        monkeypatch.setattr(sys, "argv", words)
        load("word-coverage").main()
        return [line.split("\t") for line in capsys.readouterr().out.splitlines()]

    return table


def test_questions_by_their_least_known_word(table):
    assert table() == [
        ["system", "known", "values", "rare", "values", "unseen", "values"],
        ["a", "1.0000", "1", "0.5000", "1", "0.5000", "2"],
        ["b", "0.1250", "1", "-", "0", "-", "0"],
    ]
    assert table("--often", "1")[1] == ["a", "0.7500", "2", "-", "0", "0.5000", "2"]
