"""Reading lines: compression by magic, newline only, and nothing absurd held in memory."""

import bz2
import gzip
import lzma
import tracemalloc

import pytest
import zstandard

from optical_cli.errors import InputError
from optical_cli.formats import streams
from optical_cli.formats.streams import MAX_LINE_BYTES, open_binary_out, open_lines, raw_lines

TEXT = "habari\tya leo\nnjema\u2028sana\u0085tu\r\n\nmwisho"
LINES = [(1, "habari\tya leo"), (2, "njema\u2028sana\u0085tu"), (3, ""), (4, "mwisho")]
COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
    "txt": bytes,
}


@pytest.mark.parametrize("kind", COMPRESS)
def test_compression_is_read_by_its_magic_whatever_the_name(tmp_path, kind):
    file = tmp_path / "misnamed.dat"
    file.write_bytes(COMPRESS[kind](TEXT.encode()))
    assert list(open_lines(file)) == LINES


@pytest.mark.parametrize("kind", COMPRESS)
def test_several_frames_are_one_text(tmp_path, kind):
    file = tmp_path / "x"
    file.write_bytes(COMPRESS[kind](b"a\nb") + COMPRESS[kind](b"c\nd\n"))
    assert list(open_lines(file)) == [(1, "a"), (2, "bc"), (3, "d")]


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst", "txt"])
def test_round_trip_by_suffix_with_the_same_bytes_twice(tmp_path, suffix):
    written = []
    for name in ("a", "b"):
        file = tmp_path / f"{name}.{suffix}"
        with open(file, "wb") as raw, open_binary_out(file, raw) as out:
            out.write(TEXT.encode())
        assert list(open_lines(file)) == LINES
        written.append(file.read_bytes())
    assert written[0] == written[1]


def test_byte_order_mark_is_no_data(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"\xef\xbb\xbfa\n")
    assert list(open_lines(file)) == [(1, "a")]


@pytest.mark.parametrize(
    "line, words",
    [(b"ab\xff", "not UTF-8 at byte 3"), (b"a\0b", "NUL"), (b"x" * (MAX_LINE_BYTES + 1), "1 MiB")],
)
def test_faults_name_the_line(tmp_path, line, words):
    file = tmp_path / "x.tsv"
    file.write_bytes(b"fine\n" + line + b"\nfine\n")
    with pytest.raises(InputError, match=f"x.tsv:2: .*{words}"):
        list(open_lines(file))


def test_a_huge_line_is_not_held(tmp_path):
    file = tmp_path / "x.gz"
    with gzip.open(file, "wb") as out:
        for _ in range(40):
            out.write(b"x" * MAX_LINE_BYTES)
        out.write(b"\nnext\n")
    tracemalloc.start()
    sizes = [(number, len(line)) for number, line in raw_lines(file)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == [(1, MAX_LINE_BYTES + 1), (2, 4)]
    assert peak < 8 * MAX_LINE_BYTES


def test_a_bomb_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "RATIO_FREE_BYTES", 1 << 20)
    file = tmp_path / "bomb.zst"
    file.write_bytes(zstandard.compress((b"x" * 99 + b"\n") * 400_000))
    with pytest.raises(InputError, match="over 1000 times its size"):
        list(raw_lines(file))


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_damaged_compression_is_one_plain_error(tmp_path, kind):
    file = tmp_path / "cut"
    whole = COMPRESS[kind](bytes(range(256)) * 4000)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cut: compressed data is damaged"):
        list(raw_lines(file))


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        list(open_lines(tmp_path / "absent"))


def test_stdin_that_has_been_read_is_no_empty_file(optical, tmp_path):
    args = ["lexicon", "--bitext", "-", "--bitext", "-", "-o", tmp_path / "lexicon.tsv"]
    done = optical(*args, stdin="a\tb\n")
    assert done.returncode == 2 and "stdin can be read once" in done.stderr
    assert not (tmp_path / "lexicon.tsv").exists()
