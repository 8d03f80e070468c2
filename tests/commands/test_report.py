import html.parser
import json
import re

import pytest

from optical_cli.formats.plans import SamplePlan, write_plans
from optical_cli.formats.scores import Score
from tests.reporting.conftest import (
    alignment_scores,
    gap_scores,
    mean_scores,
    query_scores,
    write,
)

__all__ = ["write"]  # A fixture of the room next door.


class Page(html.parser.HTMLParser):
    """Tags in balance, what is linked, and the text."""

    VOID = ("meta", "br", "link", "img", "input", "hr")

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.sources, self.words = [], [], [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.sources += [v for k, v in found.items() if k in ("src", "srcset", "data", "action")]
        assert not any(name.startswith("on") for name in found)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def everything(write, tmp_path):
    """Arguments for a page with every panel on it."""
    scores = [*mean_scores(noise=0.0), *gap_scores(noise=0.0), *alignment_scores()]
    paths = [
        write(scores, "clean.jsonl"),
        write([*mean_scores(noise=0.5), *gap_scores(noise=0.5)], "noisy.jsonl"),
    ]
    plan = SamplePlan(pair_id="p1", system="ot", language="hi", rows=["the", "<i>"],
                      cols=["मकई", "&"], plan=[[0.5, 0.0], [0.0, 0.5]], cost=0.25)  # fmt: skip
    with open(tmp_path / "plans.jsonl", "wb") as stream:
        write_plans(stream, [plan])
    (tmp_path / "metrics.jsonl").write_text(
        '{"step": 0, "agreement": 0.1}\n{"step": 1, "loss": 0.5, "lr": 1}\n'
        '{"step": 2, "loss": 0.4, "lr": 1}\n{"step": 2, "agreement": 0.2}\n'
    )
    return [
        *paths,
        "--plans",
        tmp_path / "plans.jsonl",
        "--metrics",
        f"ot={tmp_path}/metrics.jsonl",
    ]


def test_the_page_has_every_panel_and_fetches_nothing(everything, optical_here, tmp_path):
    code, out, err = optical_here("report", *everything, "-o", tmp_path / "report.html")
    assert (code, out) == (0, ""), err
    text = (tmp_path / "report.html").read_text()
    page = Page(text)
    panels = {
        "scores",
        "languages",
        "gap",
        "curves",
        "differences",
        "alignment",
        "tokens",
        "provenance",
    }
    assert panels <= set(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert page.sources == [] and all(link.startswith("#") for link in page.links)
    assert not re.search(r"https?://|@import|url\(", text)
    assert (
        "default-src 'none'" in text
        and "prefers-color-scheme: dark" in text
        and "@media print" in text
    )
    assert "AP: ot (noise=0.0) against mse: better in sw, on average over languages" in page.text
    assert "no difference shown in de" in page.text
    assert "Joshi et al." in page.text and "as a share of the ceiling, teacher/en" in page.text
    assert "have collapsed: uniformity -0.20 against the teacher's -3.00" in page.text
    assert text.count("<polyline") >= 8


def test_the_queries_that_win_and_lose_most_have_their_texts(write, optical_here, tmp_path):
    for code, word in (("sw", "swali"), ("en", "question")):
        (tmp_path / f"{code}.tsv").write_text(
            "".join(f"q{n}\t{word} {n} <script>\n" for n in range(5))
        )
    path = write([*mean_scores(), *query_scores()])
    code, _, err = optical_here(
        "report", path, "--queries", f"sw={tmp_path}/sw.tsv", "--queries", f"en={tmp_path}/en.tsv",
        "--examples", "2", "-o", tmp_path / "r.html",
    )  # fmt: skip
    assert code == 0, err
    text = (tmp_path / "r.html").read_text()
    page = Page(text)
    assert "queries" in page.ids and "<script" not in text
    assert "swali 4 <script>" in page.text and "question 4 <script>" in page.text
    assert "Largest wins" in page.text and "Largest losses" in page.text
    assert "+0.300" in page.text and "-0.100" in page.text


def test_all_text_is_escaped(write, optical_here, tmp_path):
    evil = "<img src=x onerror=alert(1)>\"'&"
    names = dict.fromkeys(("run", "system", "language", "measure"), evil)
    scores = [
        Score(**names, value=value, signature=f"{evil}|a:b", tags={evil: 1}, seed=seed)
        for seed, value in ((1, 0.5), (2, 0.6))
    ]
    other = Score(run="x", system="plain", language="sw", measure=evil, value=0.4)
    code, _, err = optical_here(
        "report", write([*scores, other]), "--title", evil, "-o", tmp_path / "r.html"
    )
    assert code == 0, err
    text = (tmp_path / "r.html").read_text()
    assert "<img" not in text and Page(text).sources == []
    assert text.count("&lt;img src=x onerror=alert(1)&gt;") >= 5


def test_the_footer_has_commands_versions_and_hashes(optical_here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qrels.txt").write_text("q1 0 d1 1\nq2 0 d2 1\n")
    (tmp_path / "a.run").write_text("q1 Q0 d1 1 2 t\nq2 Q0 d9 1 2 t\n")
    arguments = ["--qrels", "qrels.txt", "--run", "my system=a.run", "--measure", "AP"]
    assert optical_here("evaluate", *arguments, "-o", "scores.jsonl")[0] == 0
    assert optical_here("report", "scores.jsonl", "-o", "report.html")[0] == 0
    manifest = json.loads((tmp_path / "scores.jsonl.manifest.json").read_text())
    page = Page((tmp_path / "report.html").read_text())
    assert "optical evaluate --qrels qrels.txt --run 'my system=a.run' --measure AP" in page.text
    assert manifest["lineage"][0]["sha256"][:12] in page.text
    assert "AP|lib:ir-measures-" in page.text and "python 3." in page.text
    own = json.loads((tmp_path / "report.html.manifest.json").read_text())
    assert own["what"]["format"] == "optical-report/1"
    assert [entry["path"] for entry in own["lineage"]] == ["scores.jsonl"]


def test_the_same_scores_give_the_same_bytes_and_existing_pages_stay(
    everything, optical_here, tmp_path
):
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    for path in (first, second):
        assert optical_here("report", *everything, "-o", path)[0] == 0
    assert first.read_bytes() == second.read_bytes()
    assert optical_here("report", *everything, "--title", "x", "-o", first)[0] == 4
    assert first.read_bytes() == second.read_bytes()
    assert optical_here("report", *everything, "--title", "x", "--overwrite", "-o", first)[0] == 0


@pytest.mark.parametrize(
    ("name", "start"), [("t.md", "| AP |"), ("t.tex", "% Bold"), ("t.csv", "system,tags,language")]
)
def test_the_suffix_chooses_the_format(write, optical_here, tmp_path, name, start):
    assert optical_here("report", write(mean_scores()), "-o", tmp_path / name)[0] == 0
    assert (tmp_path / name).read_text().startswith(start)


def test_stdout_takes_the_format_that_is_named(write, optical_here):
    code, out, _ = optical_here("report", write(mean_scores()), "--format", "md", "-o", "-")
    assert code == 0 and out.startswith("| AP |")


@pytest.mark.parametrize(
    ("make", "code", "fault"),
    [
        (lambda f: [f / "none.jsonl"], 3, "none.jsonl: cannot be read"),
        (lambda f: [f / "bad.jsonl"], 3, "bad.jsonl:1: not JSON"),
        (lambda f: [f / "good.jsonl", "--measure", "nDCG@10"], 3, "no scores of nDCG@10"),
        (lambda f: [f / "good.jsonl", "--plans", f / "bad.jsonl"], 3, "is no token alignment"),
        (lambda f: [f / "good.jsonl", "--metrics", f / "bad.jsonl"], 3, "is no line of metrics"),
        (lambda f: [f / "good.jsonl", "--queries", "a", "--queries", "b"], 2, "is given twice"),
        (lambda f: [], 2, ""),
    ],
)
def test_mistakes_are_one_plain_error(write, optical_here, tmp_path, make, code, fault):
    write(mean_scores(), "good.jsonl")
    (tmp_path / "bad.jsonl").write_text("nonsense\n")
    found, out, err = optical_here("report", *make(tmp_path), "-o", tmp_path / "r.html")
    assert (found, out) == (code, "") and fault in err and "Traceback" not in err
    assert not (tmp_path / "r.html").exists()
