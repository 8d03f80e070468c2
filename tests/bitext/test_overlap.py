"""Contamination: whatever shares text with a test set is found, and the query named."""

import gzip
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optical_cli.bitext.overlap import GRAM, SHORTEST_HELD, overlap_index
from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.references import read_references
from optical_cli.errors import InputError
from optical_cli.formats.parallel import Expected
from optical_cli.text import key


def scores(references, *pairs):
    sides = [[pair[side] for pair in pairs] for side in (0, 1)]
    batch = PairBatch(*(Side(texts, texts, ()) for texts in sides))
    shares, owners = overlap_index(references).score(batch)
    return list(zip(shares.tolist(), owners, strict=True))


QUERIES = [
    ("q1", "Who was the first president of Tanzania?"),
    ("q2", "Nairobi"),
    ("q3", "Je, ni nani?"),
]


@pytest.mark.parametrize(
    ("source", "target", "query"),
    [
        ("who was the FIRST president of Tanzania", "x", "q1"),
        ("x", "Who was the first president of Tanzania?", "q1"),
        ("They asked: who was the first president of Tanzania? Nobody knew.", "x", "q1"),
        ("first president of Tan", "x", "q1"),
        ("And who was the first president of Tanganyika?", "x", "q1"),
        ("nairobi!", "x", "q2"),
        ("x", "Je ni nani", "q3"),
    ],
    ids=["equal", "other side", "holds it", "held by it", "most of it", "short, equal", "target"],
)
def test_overlaps_are_found_in_either_direction(source, target, query):
    ((share, owner),) = scores(QUERIES, (source, target))
    assert share > 0.6 and owner == query


@pytest.mark.parametrize(
    "source",
    ["Nairobi is a city", "Who was the second wife of the king?", "was the first", "?!", ""],
    ids=["short, held", "other question", "shorter than 15", "no letters", "blank"],
)
def test_what_is_no_overlap(source):
    ((share, _),) = scores(QUERIES, (source, "kitu kingine kabisa"))
    assert share <= 0.6


def overlap_by_sets(one, other):
    """The definition, spelled out."""
    one, other = key(one), key(other)
    if one and one == other:
        return 1.0
    if min(len(one), len(other)) < SHORTEST_HELD:
        return 0.0
    grams = [{t[i : i + GRAM] for i in range(len(t) - GRAM + 1)} for t in (one, other)]
    return len(grams[0] & grams[1]) / min(map(len, grams))


LETTERS = st.text("ab ", min_size=0, max_size=40)


@settings(max_examples=200)
@given(st.lists(LETTERS, min_size=1, max_size=4), st.lists(LETTERS, min_size=1, max_size=4))
def test_the_index_agrees_with_the_definition(references, texts):
    named = [(str(number), text) for number, text in enumerate(references)]
    found = scores(named, *((text, "zzz") for text in texts))
    for text, (share, owner) in zip(texts, found, strict=True):
        expected = max(overlap_by_sets(text, reference) for reference in references)
        assert share == pytest.approx(expected)
        if share:
            assert overlap_by_sets(text, references[int(owner)]) == pytest.approx(expected)


def test_an_index_of_many_texts_finds_each(tmp_path):
    rng = np.random.default_rng(0)
    texts = ["".join(chr(97 + c) for c in rng.integers(0, 26, 40)) for _ in range(3000)]
    found = scores(
        [(str(n), text) for n, text in enumerate(texts)], *((t[5:30], "x") for t in texts)
    )
    assert [owner for _, owner in found] == [str(n) for n in range(3000)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("queries.tsv", "q1\tWho is it?\nq2\tWhere is it?\n",
         [("q1", "Who is it?"), ("q2", "Where is it?")]),
        ("collection.tsv", "d1\tText one\tA title of many letters\nd2\tText two\tTwo\n",
         [("d1", "Text one A title of many letters"), ("d1", "Text one"),
          ("d2", "Text two Two"), ("d2", "Text two"), ("d2", "Two")]),
        ("train.tsv", "Water\tMaji\ta.tsv:1\nHouse\tNyumba\ta.tsv:2\n",
         [("a.tsv:1", "Water"), ("a.tsv:1", "Maji"), ("a.tsv:2", "House"), ("a.tsv:2", "Nyumba")]),
        ("raw.tsv", "The water\tMaji\nThe house\tNyumba\n",
         [("raw.tsv:1", "The water"), ("raw.tsv:1", "Maji"), ("raw.tsv:2", "The house"),
          ("raw.tsv:2", "Nyumba")]),
        ("plain.txt", "Who is it?\n\nWhere is it?\n",
         [("plain.txt:1", "Who is it?"), ("plain.txt:3", "Where is it?")]),
        ("queries.jsonl", '{"_id": "q1", "text": "Who?", "meta": {"x": ["Why?"], "n": 3}}\n',
         [("q1", "Who?"), ("q1", "Why?")]),
    ],
    ids=["queries", "collection", "our bitext", "raw bitext", "plain text", "json lines"],
)  # fmt: skip
def test_reference_files(tmp_path, name, content, expected):
    path = tmp_path / name
    path.write_text(content)
    assert list(read_references(path)) == expected


def test_names_of_splits_are_no_texts(tmp_path):
    path = tmp_path / "questions.tsv"
    path.write_text("".join(f"Swali la {n}?\tQuestion {n}?\ttest\n" for n in range(60)))
    assert {text for _, text in read_references(path)} == {
        text for n in range(60) for text in (f"Swali la {n}?", f"Question {n}?")
    }


def test_references_without_text(tmp_path):
    path = tmp_path / "empty.tsv"
    path.write_text("\n")
    with pytest.raises(InputError, match="holds no text"):
        list(read_references(path))


TMX = """<tmx version="1.4"><body><tu><tuv xml:lang="en"><seg>Who is <hi>it</hi>?</seg></tuv>
<tuv xml:lang="sw"><seg>Ni nani?</seg></tuv></tu></body></tmx>"""


def test_a_lost_tab_is_a_fault_with_its_place(tmp_path):
    path = tmp_path / "queries.tsv"
    path.write_text("q1\ta question\n\nq2 another question\nq3\ta third\tone\n")
    with pytest.raises(InputError) as caught:
        list(read_references(path))
    assert str(caught.value).splitlines() == [
        f"{path}:3: expected 2 tab-separated fields, found 1",
        f"{path}:4: expected 2 tab-separated fields, found 3",
    ]


def test_other_bitext_gives_both_sides(tmp_path):
    (tmp_path / "test.tmx").write_text(TMX, encoding="utf-16")
    with zipfile.ZipFile(tmp_path / "opus.zip", "w") as archive:
        archive.writestr("OPUS.en-sw.en", "Who is it?\n")
        archive.writestr("OPUS.en-sw.sw", "Ni nani?\n")
    expected = Expected(frozenset({"en"}), frozenset({"sw"}), columns="2,1")
    for name in ("test.tmx", "opus.zip"):
        found = list(read_references(tmp_path / name, expected))
        assert found == [(f"{name}:1", "Who is it?"), (f"{name}:1", "Ni nani?")]
        with pytest.raises(InputError, match="languages are not known"):
            list(read_references(tmp_path / name))


def test_a_beir_folder_gives_its_corpus_and_its_queries(tmp_path):
    with pytest.raises(InputError, match="is a directory without"):
        list(read_references(tmp_path))
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as out:
        out.write('{"_id": "d1", "title": "A title", "text": "A text"}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "Who?"}\n')
    assert list(read_references(tmp_path)) == [
        ("d1", "A title"), ("d1", "A text"), ("q1", "Who?"),
    ]  # fmt: skip


def test_a_fault_in_a_copy_of_stdin_is_stdins(tmp_path):
    (tmp_path / "copy").write_bytes(b"q1\tfine\nq2\t\xff\n")
    expected = Expected(frozenset(), frozenset(), copies={"-": tmp_path / "copy"})
    with pytest.raises(InputError, match=r"^-:2: not UTF-8"):
        list(read_references("-", expected))
