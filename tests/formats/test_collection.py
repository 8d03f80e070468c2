import gzip
import json
from functools import partial

import pytest

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.collection import (
    Passage,
    load_collection,
    load_queries,
    read_passages,
    read_records,
)
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.survey import SAMPLE, survey


def write(path, text):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def fault(path, read=lambda path: list(read_records(path))):
    with pytest.raises(InputError) as caught:
        read(path)
    return str(caught.value)


def test_two_columns_are_id_and_text(tmp_path):
    path = write(tmp_path / "c.tsv", "d1\tone two\nd2\tthree\u2028four\r\n")
    assert list(read_passages(path)) == [Passage("d1", "one two"), Passage("d2", "three\u2028four")]


def test_further_columns_without_names_are_not_read(tmp_path):
    path = write(tmp_path / "c.tsv", "d1\tone\thead\nd2\ttwo\t\n")
    assert load_collection(path) == {"d1": "one", "d2": "two"}


def test_a_first_line_of_names_chooses_columns(tmp_path):
    path = write(tmp_path / "c.tsv", "id\turl\ttext\ttitle\nd1\thttp://x\tbody\thead\n")
    assert load_collection(path) == {"d1": "head body"}
    assert load_collection(path, ["text"]) == {"d1": "body"}
    assert load_collection(path, ["text", "url"]) == {"d1": "body http://x"}


def test_columns_are_chosen_by_number_or_by_name(tmp_path):
    path = write(tmp_path / "c.tsv", "d1\tone\thead\nd2\ttwo\t\n")
    read = partial(load_collection, path)
    assert read(columns=Columns.of("1,3,2")) == {"d1": "head one", "d2": "two"}
    assert read(columns=Columns.of("1,2")) == {"d1": "one", "d2": "two"}
    named = write(tmp_path / "n.tsv", "body\tdocument\nhead\td1\n")
    assert load_collection(named, columns=Columns.of("document,body")) == {"d1": "head"}
    usual = write(tmp_path / "u.tsv", "id\ttitle\ttext\nd1\thead\tbody\n")
    assert load_collection(usual, columns=Columns.of("1,3")) == {"d1": "body"}


def test_columns_that_are_not_there_are_named(tmp_path):
    path = write(tmp_path / "c.tsv", "d1\tone\nd2\ttwo\n")

    def read(columns):
        return lambda path: list(read_records(path, columns=Columns.of(columns)))

    assert fault(path, read("id,body")) == f"{path}:1: the first line names no column id or body"
    assert fault(path, read("1,4")) == f"{path}:1: the first line has 2 columns, not 4"
    jsonl = write(tmp_path / "c.jsonl", '{"id": "a", "text": "b"}\n')
    assert "is JSON lines, which have no columns" in fault(jsonl, read("1,2"))


@pytest.mark.parametrize("columns", ["1", "", "0,1", "1,text", "id,,text"])
def test_impossible_columns_are_usage_errors(columns):
    with pytest.raises(UsageError, match="expected id and text, by number from 1"):
        Columns.of(columns)


def test_a_beir_folder_has_corpus_and_queries(tmp_path):
    corpus = [{"_id": "7", "title": "", "text": "a"}, {"_id": "8", "title": "t", "text": "b"}]
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as stream:
        stream.writelines(json.dumps(record) + "\n" for record in corpus)
    write(tmp_path / "queries.jsonl", '{"_id": "q", "text": "what", "metadata": {}}\n')
    assert load_collection(tmp_path) == {"7": "a", "8": "t b"}
    assert load_queries(tmp_path) == {"q": "what"}


def test_a_folder_without_a_corpus_says_so(tmp_path):
    assert fault(tmp_path) == f"{tmp_path}: is a folder without corpus.jsonl"


def test_faults_are_gathered_with_their_places(tmp_path):
    lines = b"d1\tx\nd 2\ty\n\tz\nd4\t \nd5\nd6\ta\tb\n\xff\ty\nd8\tgood\n"
    path = write(tmp_path / "c.tsv", lines)
    assert fault(path).splitlines() == [
        f"{path}:2: id 'd 2' holds white space",
        f"{path}:3: has no id",
        f"{path}:4: d4 has no text",
        f"{path}:5: expected 2 tab-separated fields, found 1",
        f"{path}:6: expected 2 tab-separated fields, found 3",
        f"{path}:7: not UTF-8 at byte 1 of the line",
    ]


def test_a_no_break_space_in_an_id_is_white_space_too(tmp_path):
    assert "white space" in fault(write(tmp_path / "c.tsv", "d\u00a01\tx\n"))


def test_json_faults_have_places(tmp_path):
    lines = ['{"id": "a", "text": "x"}', '{"id": "b"', "[1]", '{"text": "x"}', '{"id": 3}',
             '{"id": "c", "text": 4}', '{"id": "d", "text": "\\ud800"}']  # fmt: skip
    path = write(tmp_path / "c.jsonl", "\n".join(lines))
    places = [line.removeprefix(f"{path}:").split(":")[0] for line in fault(path).splitlines()]
    assert places == ["2", "3", "4", "5", "6", "7"]


def test_ids_twice_show_both_lines_and_at_most_ten(tmp_path):
    path = write(tmp_path / "c.tsv", "d1\tx\n" * 20)
    lines = fault(path, load_collection).splitlines()
    assert lines[0] == f"{path}:2: id d1 stands in line 1 already"
    assert len(lines) == 11 and lines[-1] == "and 9 more"


@pytest.mark.parametrize("text", ["", "id\ttext\n"])
def test_an_empty_file_is_an_error(tmp_path, text):
    assert fault(write(tmp_path / "c.tsv", text)).endswith("c.tsv: is empty")


def test_a_missing_file_is_an_error(tmp_path):
    assert "cannot be read" in fault(tmp_path / "none.tsv")


def test_many_faults_stop_the_reading_early(tmp_path):
    path = write(tmp_path / "c.tsv", "no tab\n" * 100_000)
    assert len(fault(path).splitlines()) == 11


def test_a_survey_counts_and_draws_a_sample_that_does_not_depend_on_order(tmp_path):
    lines = [f"d{i}\ttext {i}\n" for i in range(3000)]
    found = survey(write(tmp_path / "c.tsv", "".join(lines)))
    turned = survey(write(tmp_path / "r.tsv", "".join(reversed(lines))))
    assert found.records == 3000 and len(found.sample) == SAMPLE
    assert set(found.sample) == set(turned.sample)
    assert survey(tmp_path / "c.tsv", limit=7).records == 7


def test_a_survey_finds_ids_that_stand_twice_far_apart(tmp_path):
    lines = [f"d{i}\tx\n" for i in range(2000)]
    lines += ["d1999\ty\n", "d0\ty\n"]
    path = write(tmp_path / "c.tsv", "".join(lines))
    assert fault(path, survey).splitlines() == [
        f"{path}:2001: id d1999 stands in line 2000 already",
        f"{path}:2002: id d0 stands in line 1 already",
    ]
    assert survey(path, limit=2000).records == 2000
