import json

import pytest

QA = {"data": [{"title": "T", "paragraphs": [{"context": "Water boils.", "qas": [
    {"id": "q1", "question": "What boils?", "answers": [{"text": "Water", "answer_start": 0}]},
]}]}]}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "xquad.en.json").write_text(json.dumps(QA))
    (tmp_path / "copy" / "unrelated.txt").write_text("not read")
    return tmp_path


def test_import_of_a_copy(here, optical_here):
    code, out, err = optical_here("import", "xquad", "--from", "copy", "-o", "data")
    assert (code, out) == (0, "") and "queries.en.tsv" in err
    assert (here / "data/collection.tsv").read_text() == "p000\tWater boils.\n"
    assert "CC BY-SA 4.0" in (here / "data/LICENSE.txt").read_text()
    manifest = json.loads((here / "data/manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-import/1"
    assert manifest["what"]["counts"]["queries.en.tsv"] == 1
    # The manifest tells of what was read and not of what lay beside it.
    assert [entry["path"] for entry in manifest["lineage"]] == ["copy/xquad.en.json"]
    code, out, err = optical_here("inspect", "data")
    assert code == 0 and "xquad.en.json" in out + err


def test_equal_runs_write_equal_bytes(here, optical_here):
    for name in ("one", "two"):
        assert optical_here("import", "xquad", "--from", "copy", "-o", name)[0] == 0
    names = {p.name for p in (here / "one").iterdir()} - {"manifest.json"}
    assert all((here / "one" / n).read_bytes() == (here / "two" / n).read_bytes() for n in names)


def test_an_existing_output_stays(here, optical_here):
    (here / "data").mkdir()
    (here / "data" / "kept").write_text("kept")
    code, _, err = optical_here("import", "xquad", "--from", "copy", "-o", "data")
    assert code == 4 and "exists already" in err
    assert [p.name for p in (here / "data").iterdir()] == ["kept"]


def test_a_fault_leaves_nothing(here, optical_here):
    (here / "copy" / "xquad.en.json").write_text('{"data": [{"paragraphs": [{"qas": []}]}]}')
    code, _, err = optical_here("import", "xquad", "--from", "copy", "-o", "data")
    assert code == 3
    assert "copy/xquad.en.json: data[0].paragraphs[0].context: missing" in err
    assert not (here / "data").exists() and not (here / ".data.partial").exists()


def test_list_says_what_is_at_hand(here, optical_here):
    code, out, _ = optical_here("import", "--list", "--cache", "cache")
    rows = {line.split("  ")[0]: line for line in out.splitlines()}
    assert code == 0 and rows["name"].split("  ")[0] == "name"
    assert "to download" in rows["xquad"] and "122 languages" in rows["belebele"]
    assert "your copy, by agreement" in rows["clef[:NEWSPAPERS]"] and "refused" in rows["flores"]
    assert "bem hau ibo kin swa twi yor zul" in rows["afriqa"]


def test_list_counts_the_files_of_a_set_that_are_kept(here, optical_here):
    """What else lies in a folder, such as what an import left that failed, is no file of it."""
    from optical_cli.importers import registry
    from optical_cli.importers.dataset import Part
    from optical_cli.importers.fetching import kept_name

    def row(name):
        out = optical_here("import", "--list", "--cache", "cache")[1]
        return next(line for line in out.splitlines() if line.startswith(f"{name} "))

    for name in ("xquad", "xglue-wpr", "opus"):
        (here / "cache" / name).mkdir(parents=True)
        (here / "cache" / name / "first-hashes.json").write_text("{}")
        (here / "cache" / name / "left.zip").write_text("")
    assert "to download" in row("xquad") and "by agreement" in row("xglue-wpr")
    assert "to download" in row("opus:CORPUS/RELEASE")
    files = registry.known_sets()["xquad"].files(Part("xquad"))
    kept = [here / "cache" / "xquad" / kept_name(file) for file in files]
    kept[0].write_text("{}")
    assert "1 of 12 files" in row("xquad")
    for path in kept:
        path.write_text("{}")
    assert "yes" in row("xquad").split()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("xqad",), 2, "no data set xqad (did you mean xquad?)"),
        (("xglue",), 2, "no data set xglue; there are xglue-wpr, xglue-qadsm, xglue-qam"),
        ((), 2, "missing NAME"),
        (("xquad", "--lang", "sw"), 2, "xquad has no language sw; it has ar, de"),
        (("xquad:v2",), 2, "no parts to choose from"),
        (
            ("xquad", "--split", "x", "--field", "y"),
            2,
            "take --split, --field; it takes --lang, --p",
        ),
        (("mkqa", "--source-lang", "xx"), 2, "mkqa does not take --source-lang; it takes --lang"),
        (("irds:vaswani", "--from", "copy"), 2, "irds does not take --from; it takes none"),
        (("opus",), 2, "say which, as opus:CORPUS/RELEASE"),
        (("opus:TED2020", "--lang", "sw"), 2, "expected opus:CORPUS/RELEASE"),
        (("xglue-wpr",), 3, "agreed to by you, at https://microsoft.github.io/XGLUE/"),
        (("clef",), 3, "hint: get your copy there"),
        (("nway",), 3, "hint: give your copy with --from"),
        (("xquad", "--from", "nowhere"), 3, "nowhere: does not exist"),
        (("xquad", "--from", "ftp://host/x"), 2, "expected a path, or a URL with http"),
        (("xquad", "--from", "copy/unrelated.txt"), 3, "no files that are called as those"),
    ],
)
def test_what_cannot_be_imported(here, optical_here, words, code, told):
    found, _, err = optical_here("import", *words, "-o", "data", "--cache", "cache")
    assert found == code and told in err
    assert not (here / "data").exists()


@pytest.fixture
def no_network(monkeypatch):
    """A port of this very machine at which nobody listens stands for the network."""
    from optical_cli.importers import fetching, pins

    monkeypatch.setattr(pins, "RAW", "http://127.0.0.1:9")
    # A host that was never reached is not asked again.
    monkeypatch.setattr(fetching.time, "sleep", lambda seconds: pytest.fail("tries again"))


def test_without_a_network_it_says_what_to_fetch(here, optical_here, no_network):
    url = "http://127.0.0.1:9/MLQA_V1.zip"
    code, _, err = optical_here("import", "mlqa", "--from", url, "-o", "data", "--cache", "cache")
    assert code == 5 and f"{url}: cannot be fetched: no connection" in err
    assert "CC BY-SA 3.0" in err and "--from" in err and f"fetch {url}" in err
    assert "again" not in err and not (here / "data").exists()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("xquad",), [f"xquad.{lang}.json" for lang in ("ar", "en", "zh")]),
        (("ntrex", "--lang", "sw"), ["newstest2019-src.eng.txt", "newstest2019-ref.swa.txt"]),
    ],
)
def test_without_a_network_it_says_all_that_is_needed(
    here, optical_here, no_network, words, names
):  # fmt: skip
    code, _, err = optical_here("import", *words, "-o", "data", "--cache", "cache")
    wanted = [line for line in err.splitlines() if line.startswith("http://127.0.0.1:9/")]
    assert code == 5 and {line.rsplit("/", 1)[1] for line in wanted} >= set(names)
    assert len(wanted) == {"xquad": 12, "ntrex": 2}[words[0]]
    assert "into one folder, and give the folder with --from" in err
