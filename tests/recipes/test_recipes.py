"""The recipes run as a user runs them, and the toy world keeps its promise."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def run(recipe: str, folder: Path, *args: str, **variables: str) -> str:
    """Run a recipe with this interpreter's `optical` first on the path; give its output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)} | variables
    result = subprocess.run(
        ["bash", ROOT / "recipes" / recipe, *args],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def table(file: Path) -> dict[str, dict[str, float]]:
    with open(file, newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return {row.pop("system"): {name: float(value) for name, value in row.items()} for row in rows}


def test_quickstart_distills_most_of_the_ceiling(tmp_path):
    out = run("quickstart.sh", tmp_path)
    summary = tmp_path / "work" / "quickstart" / "summary.tsv"
    assert summary.read_text().splitlines()[0] == "system\tAP\tRR@10"
    scores = table(summary)
    assert set(scores) == {"zero-shot", "distilled", "ceiling"}
    ceiling = scores["ceiling"]["AP"]
    assert ceiling >= 0.6
    assert scores["zero-shot"]["AP"] <= 0.35 * ceiling
    assert scores["distilled"]["AP"] >= 0.8 * ceiling
    assert "summary.tsv" in out


def test_afriqa_recipe_runs_on_a_few_pairs(tmp_path, real_data, optical):
    base = tmp_path / "base"
    text = real_data / "clir" / "afriqa" / "collection.tsv"
    made = optical("init-model", "--text", text, "--vocab-size", 2000, "--layers", 1,
                   "--hidden", 32, "-o", base)  # fmt: skip
    assert made.returncode == 0, made.stderr
    run("afriqa-swahili.sh", tmp_path, MODEL=str(base), DATA=str(real_data), LIMIT="100")
    scores = table(tmp_path / "work" / "afriqa-swahili" / "summary.tsv")
    assert set(scores) == {"bm25", "zero-shot", "psq", "gloss", "distilled", "ceiling"}
    assert 0.2 < scores["bm25"]["AP"] < scores["psq"]["AP"]
