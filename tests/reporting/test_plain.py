import csv
import io

from optical_cli.formats.scores import Score
from optical_cli.reporting.plain import comma_separated, latex, latex_text, markdown
from optical_cli.reporting.results import read_results
from tests.reporting.conftest import gap_scores, mean_scores, query_scores


def test_markdown_marks_best_second_and_differences(write):
    text = markdown(read_results([write(mean_scores())]), 3)
    lines = text.splitlines()
    assert lines[0] == "| AP | en | de (high) | sw (low) | mean |"
    assert lines[1] == "| --- | ---: | ---: | ---: | ---: |"
    assert "| ot | - | **0.610** | **0.400**† | **0.505**† |" in lines
    assert "| mse | - | *0.600* | *0.300* | *0.450* |" in lines
    assert "† better and ‡ worse than mse" in text


def test_markdown_and_latex_escape_names(write):
    scores = [Score(run="x", system="a_b|c*", measure="P(rel=2)@5", value=0.5)]
    results = read_results([write(scores)])
    assert r"a\_b\|c\*" in markdown(results, 2)
    assert r"a\_b|c*" in latex(results, 2)
    assert latex_text(r"50% & \{x}~^#$") == (
        r"50\% \& \textbackslash{}\{x\}\textasciitilde{}\textasciicircum{}\#\$"
    )


def test_latex_is_a_booktabs_table(write):
    text = latex(read_results([write(mean_scores())]), 3)
    assert r"\begin{tabular}{lrrrr}" in text and r"\bottomrule" in text
    assert r"ot & -- & \textbf{0.610} & \textbf{0.400}$^{\dagger}$ &" in text
    assert r"zero & -- & 0.500$^{\ddagger}$ & 0.100$^{\ddagger}$ &" in text
    assert r"\multicolumn{1}{c}{high}" in text
    assert all(line.count("&") == 4 for line in text.splitlines() if line.startswith(("ot", "mse")))


def test_csv_has_every_mean_with_all_digits_and_no_single_query(write):
    scores = [*mean_scores(noise=0.1 + 0.2), *gap_scores(), *query_scores()]
    rows = list(csv.DictReader(io.StringIO(comma_separated(read_results([write(scores)]), 3))))
    assert len(rows) == len(mean_scores()) + len(gap_scores())
    [row] = [r for r in rows if (r["system"], r["language"], r["statistic"]) == ("ot", "sw", "")]
    assert row["tags"] == "noise=0.30000000000000004" and row["shown"] == "True"
    assert float(row["p"]) == 0.003 and row["baseline"] == "mse"
