"""The importers on real files, against what was made of them independently."""

import gzip
import json

import pytest

from optical_cli.importers import pins
from optical_cli.importers.fetching import kept_name
from optical_cli.text import clean

XQUAD_AT_HAND = ("de", "en", "es", "hi", "th", "tr")


def lines(path):
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def cleaned(rows):
    return [(key, clean(text)) for key, text in (row.split("\t")[:2] for row in rows)]


def test_xquad_is_what_was_converted_before(real_data, convert_copy):
    there = real_data / "clir" / "xquad"
    made = convert_copy("xquad", real_data / "qa" / "xquad")
    for lang in XQUAD_AT_HAND:
        name = f"queries.{lang}.tsv"
        assert cleaned(made[name]) == cleaned(lines(there / name)), lang
    assert cleaned(made["collection.tsv"]) == cleaned(lines(there / "collection.tsv"))
    for name in ("qrels.txt", "qrels.train.txt", "qrels.test.txt"):
        assert made[name] == lines(there / name), name
    assert made["articles.tsv"] == lines(there / "docs_meta.tsv")


def test_xquad_in_other_passage_languages_keeps_the_ids(real_data, convert_copy):
    made = convert_copy("xquad", real_data / "qa" / "xquad", langs=("tr",), passage_langs=("th",))
    assert set(made) >= {"collection.th.tsv", "queries.tr.tsv"} and "collection.tsv" not in made
    assert made["qrels.txt"] == lines(real_data / "clir" / "xquad" / "qrels.txt")


def afriqa_copy(real_data, folder):
    """AfriQA's schema again, filled with the real passages and questions that are at hand."""
    there = real_data / "clir" / "afriqa"
    passages = {
        row[0]: row for row in (line.split("\t") for line in lines(there / "collection.tsv"))
    }
    queries, translated = (
        dict(line.split("\t") for line in lines(there / f"queries.swa.test{kind}.tsv"))
        for kind in ("", ".en-translated")
    )
    name = "gold_span_passages.afriqa.swa.en.test.json"
    with open(folder / name, "w", encoding="utf-8") as stream:
        for line in lines(there / "qrels.swa.test.txt"):
            query_id, _, doc_id, _ = line.split()
            record = {
                "id": query_id.removeprefix("swa-test-"), "question_lang": queries[query_id],
                "question_translated": translated[query_id], "context": passages[doc_id][1],
                "title": passages[doc_id][2], "answer_pivot": {}, "answer_lang": "",
            }  # fmt: skip
            stream.write(json.dumps(record) + "\n")
        stream.write(json.dumps(record | {"context": None, "id": "none"}) + "\n")
    return folder


def test_afriqa_goes_round(real_data, convert_copy, tmp_path):
    there = real_data / "clir" / "afriqa"
    made = convert_copy("afriqa", afriqa_copy(real_data, tmp_path), langs=("sw",))
    for name in ("queries.swa.test.tsv", "queries.swa.test.en-translated.tsv"):
        assert cleaned(made[name]) == cleaned(lines(there / name)), name
    texts = {row[0]: row[1:] for row in (r.split("\t") for r in made["collection.tsv"][1:])}
    before = {row[0]: row for row in (r.split("\t") for r in lines(there / "collection.tsv"))}
    for new, old in zip(
        made["qrels.swa.test.txt"], lines(there / "qrels.swa.test.txt"), strict=True
    ):
        query_id, _, doc_id, _ = new.split()
        _, text, title = before[old.split()[2]]
        assert query_id == old.split()[0] and texts[doc_id] == [clean(title), clean(text)]
    assert convert_copy.left_out == {"collection.tsv: question without a passage": 1}


@pytest.mark.parametrize("kind", ["tatoeba", "ntrex", "nway"])
def test_line_aligned_files_go_round(real_data, convert_copy, tmp_path, kind):
    if kind == "tatoeba":
        pairs = [r.split("\t") for r in lines(real_data / "bitext_eval/sw-en.tatoeba-laser.tsv")]
        names = "tatoeba.swh-eng.swh", "tatoeba.swh-eng.eng"
    else:
        with gzip.open(real_data / "bitext/sw-en.tsv.gz", "rt", encoding="utf-8") as stream:
            pairs = [r.rstrip("\n").split("\t") for r in stream][3070:5064]  # NTREX's rows
        names = "newstest2019-ref.swa.txt", "newstest2019-src.eng.txt"
        names = names if kind == "ntrex" else ("n.swa.txt", "n.eng.txt")
    for side, name in enumerate(names):
        (tmp_path / name).write_text("".join(pair[side] + "\n" for pair in pairs), encoding="utf-8")
    made = convert_copy(kind, tmp_path, langs=("sw",))
    found = next(made[name] for name in made if name.startswith("bitext.eng-sw"))
    assert found == [f"{clean(english)}\t{clean(foreign)}" for foreign, english in pairs]


def test_a_download_is_held_to_the_pinned_hashes(
    real_data, tmp_path, optical_here, monkeypatch, served
):
    """The real files pass the hashes that are pinned, and one changed byte does not."""
    names = [pins.github("google-deepmind/xquad", f"xquad.{lang}.json") for lang in ("de", "en")]
    for file in names:
        path = tmp_path / "site" / file.url.removeprefix(f"{pins.RAW}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.decompress((real_data / f"qa/xquad/{file.name}.gz").read_bytes()))
    words = ("import", "xquad", "--lang", "de", "--cache", tmp_path / "cache")
    with served(tmp_path / "site") as url:
        monkeypatch.setattr(pins, "RAW", url)
        assert optical_here(*words, "-o", tmp_path / "one")[0] == 0
        path.write_bytes(path.read_bytes()[:-1] + b" ")
        kept = kept_name(pins.github("google-deepmind/xquad", "xquad.en.json"))
        (tmp_path / "cache" / "xquad" / kept).unlink()
        code, _, err = optical_here(*words, "-o", tmp_path / "two")
    assert code == 3 and "wrong checksum" in err and not (tmp_path / "two").exists()
    what = json.loads((tmp_path / "one" / "manifest.json").read_text())["what"]
    assert {entry["sha256"] for entry in what["downloads"]} == {file.sha256 for file in names}
    assert lines(tmp_path / "one" / "qrels.txt") == lines(real_data / "clir/xquad/qrels.txt")
