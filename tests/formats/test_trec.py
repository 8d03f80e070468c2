import gzip
import io
import random

import numpy as np
import pytest

from optical_cli.errors import InputError
from optical_cli.formats import trec_blocks
from optical_cli.formats.trec import read_qrels, read_run, write_ranking

GOOD_RUN = "q1 Q0 d1 1 2.5 tag\nq1 Q0 d2 2 1.5 tag\n"


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_reads_a_run(file):
    assert read_run(file(GOOD_RUN)) == {"q1": {"d1": 2.5, "d2": 1.5}}


def test_reads_qrels_with_negative_and_graded_judgements(file):
    assert read_qrels(file("q1 0 d1 2\nq1\t0\td2\t-1\nq2 0 d1 +1\n")) == {
        "q1": {"d1": 2, "d2": -1},
        "q2": {"d1": 1},
    }


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("q1 Q0 d9 1 2.5", "expected 6 columns (query_id Q0 doc_id rank score tag), found 5"),
        ("q1 Q0 d9 1 2.5 a b", "found 7"),
        ("q1 d9 2.5", "found 3"),
        ("q1 Q0 d9 1 high tag", "score 'high' is not a number"),
        ("q1 Q0 d9 1 nan tag", "score 'nan' is not a number"),
        ("q1 Q0 d9 1 1_0 tag", "score '1_0' is not a number"),
        ("", "is blank"),
        ("   ", "is blank"),
        ("q1 Q0 d9 1 2.5 t\0g", "NUL byte"),
        (b"q1 Q0 d\xff 1 2.5 tag", "not UTF-8"),
        ("q1 Q0 d1 3 0.5 tag", "query q1 has passage d1 twice"),
        ("q2 Q0 d9 1 2 t\n\nq1 Q0 d1 3 0.5 tag", "is blank"),
    ],
)
def test_a_bad_run_line_is_named_with_its_place(file, line, fault):
    raw = line if isinstance(line, bytes) else line.encode()
    path = file(GOOD_RUN.encode() + raw + b"\nq3 Q0 d1 1 1 tag\n")
    with pytest.raises(InputError) as caught:
        read_run(path)
    place = 4 if raw.startswith(b"q2") else 3
    assert f"{path}:{place}: " in str(caught.value) and fault in str(caught.value)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("q1 0 d2", "expected 4 columns (query_id 0 doc_id relevance), found 3"),
        ("q1 0 d2 1 1", "found 5"),
        ("q1 0 d2 0.5", "relevance '0.5' is not an integer"),
        ("q1 0 d2 high", "relevance 'high' is not an integer"),
        ("q1 0 d1 0", "query q1 has passage d1 twice"),
        ("", "is blank"),
        (b"q\xff 0 d2 1", "not UTF-8"),
    ],
)
def test_a_bad_judgement_is_named_with_its_place(file, line, fault):
    raw = line if isinstance(line, bytes) else line.encode()
    path = file(b"q1 0 d1 1\n" + raw + b"\nq2 0 d1 1\n")
    with pytest.raises(InputError) as caught:
        read_qrels(path)
    assert f"{path}:2: " in str(caught.value) and fault in str(caught.value)


@pytest.mark.parametrize("read", [read_run, read_qrels])
def test_a_byte_order_mark_is_an_error_and_not_part_of_the_first_query(file, read):
    text = "q1 Q0 d1 1 2 t\n" if read is read_run else "q1 0 d1 1\n"
    with pytest.raises(InputError, match="file:1: starts with a byte order mark"):
        read(file(b"\xef\xbb\xbf" + text.encode()))


@pytest.mark.parametrize("read", [read_run, read_qrels])
def test_an_empty_file_is_an_error(file, read):
    with pytest.raises(InputError, match="is empty"):
        read(file(""))


def test_faults_are_gathered_up_to_ten(file):
    path = file(GOOD_RUN + "short line\n" * 40)
    with pytest.raises(InputError) as caught:
        read_run(path)
    assert str(caught.value).count("found 2") == 10
    assert str(caught.value).endswith("and 1 more")


def test_a_line_over_a_mebibyte_is_malformed_and_never_held_whole(file):
    path = file(GOOD_RUN + "q1 Q0 " + "d" * (3 << 20) + " 3 1 tag\n")
    with pytest.raises(InputError, match=r"file:3: line is longer than 1 MiB"):
        read_run(path)


def plain_reading(text: str) -> dict[str, dict[str, float]]:
    run: dict[str, dict[str, float]] = {}
    for line in text.split("\n"):
        if fields := line.split():
            run.setdefault(fields[0], {})[fields[2]] = float(fields[4])
    return run


def random_run(rng: random.Random, *, scattered: bool, separators: list[str], ids: str) -> str:
    lines = []
    for query in range(rng.randint(1, 6)):
        for doc in rng.sample(range(1000), rng.randint(1, 30)):
            fields = [f"q{ids}{query}", "Q0", f"{ids * rng.randint(0, 3)}{doc}", str(doc),
                      repr(rng.uniform(-5, 5) * 10 ** rng.randint(-8, 8)), "tag"]  # fmt: skip
            lines.append("".join(f + rng.choice(separators) for f in fields).rstrip())
    if scattered:
        rng.shuffle(lines)
    return "\n".join(lines) + rng.choice(["", "\n"])


@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize("separators", [[" "], ["\t"], [" ", "\t", "  "]])
@pytest.mark.parametrize("ids", ["d", "पृष्ठ-", "https://example.org/a/long/path/" * 3])
def test_blocks_give_what_a_plain_reading_gives(file, monkeypatch, scattered, separators, ids):
    rng = random.Random(f"{scattered}{separators}{ids}")
    for size in (64, 1000, 1 << 20):
        monkeypatch.setattr(trec_blocks, "BLOCK_BYTES", size)
        text = random_run(rng, scattered=scattered, separators=separators, ids=ids)
        assert read_run(file(text)) == plain_reading(text)
        assert read_run(file(text.replace("\n", "\r\n"))) == plain_reading(text)


def test_a_repetition_far_apart_is_found_with_its_line(file, monkeypatch):
    monkeypatch.setattr(trec_blocks, "BLOCK_BYTES", 256)
    lines = [f"q{i % 7} Q0 d{i} 1 {i} t" for i in range(200)] + ["q3 Q0 d3 1 9 t"]
    with pytest.raises(InputError, match=r"file:201: query q3 has passage d3 twice"):
        read_run(file("\n".join(lines)))


def test_a_compressed_run_is_read_by_its_magic_bytes(tmp_path):
    (tmp_path / "run").write_bytes(gzip.compress(GOOD_RUN.encode()))
    assert read_run(tmp_path / "run") == {"q1": {"d1": 2.5, "d2": 1.5}}


def test_damaged_compression_is_an_error(tmp_path):
    whole = bytearray(gzip.compress((GOOD_RUN * 1).encode() + b"x" * 5000))
    whole[30:40] = b"\xff" * 10
    (tmp_path / "run").write_bytes(whole)
    with pytest.raises(InputError, match="compressed data is damaged"):
        read_run(tmp_path / "run")


def test_float32_scores_survive_writing(tmp_path):
    scores = np.random.default_rng(3).normal(size=200).astype(np.float32)
    stream = io.BytesIO()
    ranking = [(f"d{i}", float(score)) for i, score in enumerate(scores)]
    assert write_ranking(stream, "q", ranking, "tag") == 200
    (tmp_path / "run").write_bytes(stream.getvalue())
    read = read_run(tmp_path / "run")["q"]
    assert [np.float32(read[f"d{i}"]) for i in range(200)] == list(scores)
