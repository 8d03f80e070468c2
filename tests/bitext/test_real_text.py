"""Clean real text survives, real contamination does not."""

import json

import pytest

LANGUAGES = [
    "ar", "ceb", "cs", "de", "el", "es", "fr", "hi", "mr", "ro", "ru", "sw", "th", "tl", "tr", "vi",
    "zh",
]  # fmt: skip


@pytest.fixture
def report_of(optical_here, tmp_path):
    def run(*args):
        out = tmp_path / "clean"
        code, _, err = optical_here("prepare-bitext", *args, "-o", out, "--overwrite")
        assert code == 0, err
        return json.loads((out / "report.json").read_text(encoding="utf-8"))

    return run


@pytest.mark.parametrize(("preset", "allowed"), [("gentle", 0.01), ("standard", 0.03)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_pairs_survive(real_data, report_of, language, preset, allowed):
    path = real_data / "bitext_eval" / f"{language}-en.tatoeba-laser.tsv"
    options = ["--target-lang", language, "--columns", "2,1", "--preset", preset]
    found = report_of(path, *options)
    copies = sum(n for rule, n in found["rejected"].items() if rule.startswith("dup_"))
    rejected = found["read"] - found["kept"] - copies
    assert rejected <= allowed * found["read"], found["rejected"]
    assert copies <= 0.02 * found["read"], found["rejected"]


def test_passages_of_the_test_collection_are_kept_out(real_data, report_of):
    """TICO-19 holds sentences of Wikipedia that AfriQA has among its passages."""
    afriqa = real_data / "clir" / "afriqa"
    found = report_of(
        real_data / "bitext" / "sw-en.tsv.gz", "--target-lang", "sw", "--columns", "2,1",
        "--limit", "3000", "--exclude-overlap", afriqa / "collection.tsv",
    )  # fmt: skip
    assert 5 <= found["rejected"]["overlap"] <= 100
    for row in found["examples"]["overlap"]:
        assert row["query_id"].startswith("a") and row["value"] > 0.6
