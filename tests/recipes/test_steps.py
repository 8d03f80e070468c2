"""What recipes ask of `optical`, and what they refuse first: a stand-in notes the calls."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[2] / "recipes"

# Stands for `optical` and `python`: notes what was asked for, and makes an output of it.
STAND_IN = """#!/usr/bin/env bash
echo "$(basename "$0") $*" >> calls
out="${!#}"
case "$1 $2" in
    "prepare-bitext "*) mkdir -p "$out"; printf 'One\\tMoja\\n' > "$out/train.tsv" ;;
    "import "*) cp -r "$2" "$out" ;;
    evaluate*) ;;
    *) touch "$out" ;;
esac
"""


@pytest.fixture
def asked(tmp_path) -> Callable[..., tuple[list[str], subprocess.CompletedProcess]]:
    """Run a recipe with the stand-in; give the calls, and how it ended."""
    for name in ("optical", "python"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(STAND_IN)
        (tmp_path / "bin" / name).chmod(0o755)

    def asked(recipe, **variables):
        path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
        (tmp_path / "calls").write_text("")
        result = subprocess.run(
            ["bash", RECIPES / recipe], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PATH": path, "WORK": "work", "MODEL": "model", **variables},
        )  # fmt: skip
        return (tmp_path / "calls").read_text().splitlines(), result

    return asked


@pytest.fixture
def lay(tmp_path):
    """Write files; their folders appear with them."""

    def lay(files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode())

    return lay


MINE = {"LANGUAGE": "so", "BITEXT": "pairs", "PASSAGES": "texts"}
GOOD = {"pairs/a.tsv": "One\tMoja\n", "texts/a.tsv": "1\tA passage.\n"}


@pytest.mark.parametrize(
    ("files", "variables", "line"),
    [
        ({"pairs/.hidden": "x"}, {}, "BITEXT: there is no file in a folder pairs"),
        (GOOD, {"PASSAGES": "none"}, "PASSAGES: there is no .txt or .tsv file in a folder none"),
        ({"pairs/a.tsv": "", "texts/a.pdf": "x"}, {},
         "PASSAGES: there is no .txt or .tsv file in a folder texts"),
        (GOOD | {"texts/a.tsv": ""}, {}, "PASSAGES: the files in texts are empty"),
        (GOOD | {"texts/b.tsv": "2\tOne.\nA line alone.\n"}, {},
         "texts/b.tsv:2: expected an id without spaces, a tab and a text"),
        (GOOD | {"texts/b.tsv": "1\tAnother.\n"}, {},
         "work/passages.tsv:2: the id 1 is that of another line, too"),
        (GOOD, {"QUERIES": "asked.tsv"}, "asked.tsv: is not there, or is empty"),
        (GOOD | {"asked.tsv": "no id\r\n"}, {"QUERIES": "asked.tsv"},
         "asked.tsv:1: expected an id without spaces, a tab and a text"),
    ],
)  # fmt: skip
def test_a_new_language_stops_before_it_trains(asked, lay, files, variables, line):
    lay(files)
    calls, result = asked("new-language.sh", **MINE | variables)
    assert (calls, result.returncode) == ([], 3)
    assert result.stderr == f"{line}\n"


def test_files_from_windows_are_read_as_they_look(asked, lay, tmp_path):
    lay(GOOD | {
        "texts/a.tsv": "\ufeff1\tOne.\r\n2\tTwo.",
        "texts/b c.TXT": "\ufeffA passage\r\nof two lines.\r\n\r\n \t\r\nAnother one.\r\n",
        "asked.tsv": "\ufeffq1\tNani?\r\n",
    })  # fmt: skip
    calls, result = asked("new-language.sh", **MINE, QUERIES="asked.tsv")
    assert result.returncode == 0, result.stderr
    rows = (tmp_path / "work/collection.tsv").read_text(encoding="utf-8").split("\n")
    assert [row.rstrip(" ") for row in rows] == [
        "1\tOne.", "2\tTwo.", "b_c-1\tA passage of two lines.", "b_c-2\tAnother one.", ""
    ]  # fmt: skip
    assert (tmp_path / "work/questions.tsv").read_bytes() == b"q1\tNani?\n"
    assert "optical encode --model work/student --queries work/questions.tsv" in "\n".join(calls)


def test_the_papers_judgements_are_of_english_documents(asked, lay, tmp_path):
    lay({
        "clef/collection.tsv": "GH1\tTitle\tText.\nLA1\tTitle\tText.\n",
        "clef/qrels.en.txt": "C001 0 GH1 1\nC001 0 GH9 1\n"
        "C002 0 LA1 1\nC002 0 GH1 0\nC003 0 LA1 0\nC003 0 LA9 1\n",
        "irds:msmarco-passage/train/triples-small/collection.tsv": "",
        "pairs/sw-en.tsv.gz": "",
    })  # fmt: skip
    calls, result = asked("optical-paper.sh", CLEF="copy", BITEXT="pairs", LANGS="sw")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "work/qrels.txt").read_text() == (
        "C001 0 GH1 1\nC002 0 LA1 1\nC002 0 GH1 0\n"
    )
    assert "judgements: 3 written; left out 2 of documents that" in result.stderr
    assert "and 1 topics without a relevant one there" in result.stderr
    groups = RECIPES / "optical-paper.toml"
    assert all(f"--groups {groups}" in call for call in calls if call.startswith("optical eval"))


def test_pickles_are_allowed_by_name(asked, lay):
    afriqa = ("queries.swa.test.tsv", "queries.swa.test.en-translated.tsv", "collection.tsv")
    lay({f"data/clir/afriqa/{name}": "q\ttext\n" for name in afriqa})
    known, other = "facebook/nllb-200-distilled-600M", "my/model"
    for named in (known, other):
        calls, result = asked("mt-baseline.sh", DATA="data", NMT=named, WORK=f"work-{named[:2]}",
                              DENSE="BAAI/bge-m3 intfloat/multilingual-e5-base")  # fmt: skip
        assert result.returncode == 0, result.stderr
        allowed = {call.split(" --model ")[1].split()[0] for call in calls if "--allow-" in call}
        assert allowed == {"BAAI/bge-m3", known} - {other if named == known else known}


def test_xglue_ranks_the_candidates_of_each_query(asked, lay, tmp_path):
    tasks = {"wpr": 3, "qadsm": 2, "qam": 2}
    for task, candidates in tasks.items():
        judged = [f"{q} 0 {q}-d{i} 1\n" for q in ("q1", "q2") for i in range(candidates)]
        lay({f"xglue-{task}/queries.en.dev.tsv": "q1\ta\nq2\tb\n",
             f"xglue-{task}/collection.en.dev.tsv": "", 
             f"xglue-{task}/qrels.en.dev.txt": "".join(judged)})  # fmt: skip
    calls, result = asked("contrastive-xglue.sh", DATA="data", XGLUE="copy")
    assert result.returncode == 0, result.stderr
    for task, candidates in tasks.items():
        run = f"work/{task}/candidates.en.trec"
        searches = [call for call in calls if f"retrieve --queries work/{task}/" in call]
        assert len(searches) == 1 and f"--candidates {run}" in searches[0]
        rows = [line.split() for line in (tmp_path / run).read_text().splitlines()]
        assert [(r[0], r[2]) for r in rows] == [
            (q, f"{q}-d{i}") for q in ("q1", "q2") for i in range(candidates)
        ]
