import json

SMALL = ["--passages", 60, "--queries", 20, "--triples", 40, "--pairs", 120, "--alignments", 10]
FILES = {
    "collection.tsv": 60, "queries.en.tsv": 20, "queries.sw.tsv": 20, "triples.tsv": 40,
    "bitext.tsv": 120, "alignment.jsonl": 10,
}  # fmt: skip


def test_writes_every_file_in_its_format(tmp_path, optical_here):
    assert optical_here("toy", "-o", tmp_path / "toy", *SMALL)[0] == 0
    lines = {name: (tmp_path / "toy" / name).read_bytes().split(b"\n") for name in FILES}
    assert {name: len(found) - 1 for name, found in lines.items()} == FILES
    rows = [line.split(b"\t") for line in lines["queries.en.tsv"][:-1]]
    assert all(len(row) == 2 for row in rows)
    swahili = [line.split(b"\t")[0] for line in lines["queries.sw.tsv"][:-1]]
    assert [row[0] for row in rows] == swahili
    assert all(len(line.split(b"\t")) == 3 for line in lines["triples.tsv"][:-1])
    docs = {line.split(b"\t")[0] for line in lines["collection.tsv"][:-1]}
    for line in (tmp_path / "toy" / "qrels.txt").read_bytes().splitlines():
        query, zero, doc, relevance = line.split()
        assert query in swahili and zero == b"0" and doc in docs and relevance == b"1"


def test_alignment_lines_give_words_and_links(tmp_path, optical_here):
    assert optical_here("toy", "-o", tmp_path / "toy", *SMALL)[0] == 0
    for line in (tmp_path / "toy" / "alignment.jsonl").read_text().splitlines():
        pair = json.loads(line)
        spaced = " ".join(pair["source_words"])
        assert spaced.replace(" .", ".").replace(" ?", "?") == pair["source"]
        assert all(
            0 <= i < len(pair["source_words"]) and 0 <= j < len(pair["target_words"])
            for i, j in pair["links"]
        )


def test_the_manifest_counts_the_dirt_and_knows_every_file(tmp_path, optical_here):
    optical_here("toy", "-o", tmp_path / "toy", *SMALL, "--dirt", "0.1")
    what = json.loads((tmp_path / "toy" / "manifest.json").read_text())["what"]
    assert what["format"] == "optical-toy/1"
    assert sum(n for name, n in what["counts"].items() if name.startswith("dirt.")) == 12
    assert set(what["files"]) == {*FILES, "qrels.txt"}


def test_same_seed_same_identity(tmp_path, optical_here):
    for name in ("one", "two"):
        optical_here("toy", "-o", tmp_path / name, *SMALL, "--seed", 7)
    one, two = (
        json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("one", "two")
    )
    assert one["what"] == two["what"]


def test_an_existing_output_is_refused_and_left_alone(tmp_path, optical_here):
    optical_here("toy", "-o", tmp_path / "toy", *SMALL)
    before = {path.name: path.read_bytes() for path in (tmp_path / "toy").iterdir()}
    code, _, err = optical_here("toy", "-o", tmp_path / "toy", *SMALL, "--seed", 8)
    assert code == 4 and "--overwrite" in err
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "toy").iterdir()}
    assert optical_here("toy", "-o", tmp_path / "toy", *SMALL, "--seed", 8, "--overwrite")[0] == 0
    assert before["bitext.tsv"] != (tmp_path / "toy" / "bitext.tsv").read_bytes()


def test_impossible_sizes_leave_nothing_behind(tmp_path, optical_here):
    code, _, err = optical_here("toy", "-o", tmp_path / "toy", "--passages", 3)
    assert code == 2 and "ask for more --passages" in err
    assert list(tmp_path.iterdir()) == []
    code, _, err = optical_here("toy", "-o", tmp_path / "toy", "--dirt", "2")
    assert code == 2 and "--dirt" in err


def test_our_own_readers_take_the_files(tmp_path, optical_here):
    from optical_cli.formats.tables import read_table
    from optical_cli.formats.trec import read_qrels

    optical_here("toy", "-o", tmp_path / "toy", *SMALL)
    assert len(read_qrels(tmp_path / "toy" / "qrels.txt")) == 20
    assert len(list(read_table(tmp_path / "toy" / "collection.tsv", fields=2))) == 60
    assert len(list(read_table(tmp_path / "toy" / "triples.tsv", fields=3))) == 40
