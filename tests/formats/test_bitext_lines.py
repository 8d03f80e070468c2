"""TSV and Moses pairs: every record is a pair or is set aside with a reason."""

import bz2
import gzip
import lzma

import pytest
import zstandard

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.parallel import Expected, find_readers

EN_SW = Expected(frozenset({"en", "eng"}), frozenset({"sw", "swa", "swh"}))


def pairs_of(reader):
    sources, targets, malformed = [], [], []
    for block in reader.blocks():
        pairs = reader.parse(block)
        sources += pairs.sources
        targets += pairs.targets
        malformed += pairs.malformed
    return list(zip(sources, targets, strict=True)), malformed


def read(paths, expected=EN_SW):
    (reader,) = find_readers([str(path) for path in paths], expected)
    return pairs_of(reader)


def test_lines_end_at_newline_only_and_quotes_are_text(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes('"a\u2028b\u0085c\t"d\r\ne\x0cf\tg"h'.encode())
    pairs, malformed = read([path])
    assert pairs == [('"a\u2028b\u0085c', '"d'), ("e\x0cf", 'g"h')]
    assert malformed == []


def test_a_faulty_line_is_set_aside_alone(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"a\tb\nc\n\xff\xfe\tx\nd\te\tf\nn\0l\tx\n\ng\th\n")
    pairs, malformed = read([path])
    assert pairs == [("a", "b"), ("", ""), ("g", "h")]
    found = [(entry.line, entry.rule) for entry in malformed]
    assert found == [(2, "columns"), (3, "encoding"), (4, "columns"), (5, "nul")]
    assert malformed[1].source == "\\xff\\xfe\tx"
    assert malformed[0].reason == "expected 2 tab-separated fields, found 1"


def test_a_line_over_a_mebibyte_is_set_aside_and_shown_in_part(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"a\tb\n" + b"x" * (3 << 20) + b"\ty\nc\td\n")
    pairs, malformed = read([path])
    assert pairs == [("a", "b"), ("c", "d")]
    assert [(entry.line, entry.rule) for entry in malformed] == [(2, "oversize")]
    assert len(malformed[0].source) <= 2000


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress),
     (".zst", zstandard.compress), ("", bytes)],
)  # fmt: skip
def test_compression_is_told_by_content(tmp_path, suffix, compress):
    path = tmp_path / f"pairs.tsv{suffix}.renamed"
    # Two members or frames, as concatenated downloads have.
    path.write_bytes(compress(b"a\tb\n") + compress(b"c\td\n"))
    assert read([path])[0] == [("a", "b"), ("c", "d")]


def test_the_usual_number_of_columns_is_expected(tmp_path):
    path = tmp_path / "scored.tsv"
    path.write_text("0.9\ta\tb\n0.8\tc\td\n0.7\te\n")
    chosen = Expected(EN_SW.source_codes, EN_SW.target_codes, columns="2,3")
    pairs, malformed = read([path], chosen)
    assert pairs == [("a", "b"), ("c", "d")]
    assert [entry.line for entry in malformed] == [3]


def test_a_column_that_is_not_there(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("a\tb\nc\td\n")
    with pytest.raises(InputError, match="there is no column 5: most lines have 2"):
        read([path], Expected(EN_SW.source_codes, EN_SW.target_codes, columns="1,5"))


@pytest.mark.parametrize("columns", ["1", "1,2,3", "0,1", "en,sw"])
def test_columns_that_are_no_numbers(tmp_path, columns):
    path = tmp_path / "pairs.tsv"
    path.write_text("a\tb\n")
    with pytest.raises(UsageError, match="--columns"):
        read([path], Expected(EN_SW.source_codes, EN_SW.target_codes, columns=columns))


def test_an_empty_file(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.touch()
    with pytest.raises(InputError, match="is empty"):
        read([path])


@pytest.mark.parametrize(
    "given",
    [["base.en", "base.sw"], ["base.sw", "base.en"], ["base"]],
    ids=["in order", "swapped", "base alone"],
)
def test_moses_pairs_are_found(tmp_path, given):
    (tmp_path / "base.en").write_text("a\nc\n")
    (tmp_path / "base.sw").write_text("b\nd\n")
    assert read([tmp_path / name for name in given])[0] == [("a", "b"), ("c", "d")]


def test_moses_pairs_in_other_spellings_and_compressed(tmp_path):
    (tmp_path / "base.eng.gz").write_bytes(gzip.compress(b"a\n"))
    (tmp_path / "base.swh").write_text("b\n")
    assert read([tmp_path / "base.swh", tmp_path / "base.eng.gz"])[0] == [("a", "b")]


def test_files_of_any_name_with_the_format_given(tmp_path):
    (tmp_path / "left.txt").write_text("a\n")
    (tmp_path / "right.txt").write_text("b\n")
    given = Expected(EN_SW.source_codes, EN_SW.target_codes, format="moses")
    assert read([tmp_path / "left.txt", tmp_path / "right.txt"], given)[0] == [("a", "b")]
    with pytest.raises(UsageError, match="pairs of files"):
        read([tmp_path / "left.txt"], given)


def test_a_fault_on_either_side_of_moses_takes_the_pair(tmp_path):
    (tmp_path / "base.en").write_bytes(b"a\nb\n\xff\n")
    (tmp_path / "base.sw").write_bytes(b"x\n\0\nz\n")
    pairs, malformed = read([tmp_path / "base"])
    assert pairs == [("a", "x")]
    assert [(e.line, e.rule, e.file) for e in malformed] == [(2, "nul", 1), (3, "encoding", 0)]


def test_unequal_counts_name_both_far_into_the_files(tmp_path):
    (tmp_path / "base.en").write_text("x\n" * 5000)
    (tmp_path / "base.sw").write_text("x\n" * 7001)
    with pytest.raises(InputError, match=r"base\.en has 5000 lines, .*base\.sw has 7001"):
        read([tmp_path / "base"])


def test_inputs_keep_names_of_their_own(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "my pairs.tsv").write_text("a\tb\n")
    paths = [str(tmp_path / folder / "my pairs.tsv") for folder in ("one", "two")]
    assert [reader.name for reader in find_readers(paths, EN_SW)] == [
        "my_pairs.tsv",
        "my_pairs.tsv#2",
    ]


def test_limit_reads_no_more(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("a\tb\n" * 10)
    limited = Expected(EN_SW.source_codes, EN_SW.target_codes, limit=3)
    assert len(read([path], limited)[0]) == 3


def test_blocks_are_bounded_in_bytes(tmp_path):
    (tmp_path / "base.en").write_text(("x" * 900_000 + "\n") * 12)
    (tmp_path / "base.sw").write_text("y\n" * 12)
    (reader,) = find_readers([str(tmp_path / "base")], EN_SW)
    blocks = list(reader.blocks())
    assert [block.first for block in blocks] == [1, 6, 11]
    assert pairs_of(reader)[0] == [("x" * 900_000, "y")] * 12
