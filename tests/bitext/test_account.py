"""Whatever the bytes, every record read is kept or has exactly one first reason."""

import json
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from optical_cli.bitext.account import Account
from optical_cli.bitext.judging import Judge
from optical_cli.bitext.prepare import Plan, prepare
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules import thresholds
from optical_cli.errors import InputError
from optical_cli.formats.bitext_writing import BitextStyle
from optical_cli.formats.parallel import InputFile
from optical_cli.formats.parallel.tsv import TsvReader

LIMITS = thresholds("standard", ("source_language=off", "target_language=off"))
GOOD = [b"Water is life.\tMaji ni uhai.", b"The child sleeps.\tMtoto amelala.", b"Yes.\tNdiyo."]
LINE = st.one_of(
    st.sampled_from(GOOD),
    st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"")),
    st.sampled_from([b"", b"\t", b"a", b"a\tb\tc", b"x\0\ty", b"\xff\tb", b"<b>\t</b>", b"a\ta"]),
    st.text("ab \t&;#1\u0301\u0915", max_size=10).map(str.encode),
)


def run(lines, directory, **options):
    path = directory / "in.tsv"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    reader = TsvReader("in", (InputFile(str(path), str(path)),), 0, 1, 2)
    judge = Judge([reader], Profile("en", "sw", 1.0), LIMITS, **options)
    plan = Plan(BitextStyle("tsv", "none", "en", "sw"), "0.3", 13)
    return prepare(judge, plan, directory)


def ids_in(directory, name):
    if name.endswith(".zst"):
        with zstandard.open(directory / name, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["id"] for line in lines]
    return [line.split("\t")[2] for line in (directory / name).read_text("utf-8").split("\n")[:-1]]


@settings(max_examples=150)
@given(st.lists(LINE, max_size=12))
def test_kept_and_rejected_are_what_was_read(lines):
    lines = [*lines, b"A sentence that is fine.\tSentensi iliyo sawa."]
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        account = run(lines, directory).account
        kept = ids_in(directory, "train.tsv") + ids_in(directory, "dev.tsv")
        rejected = ids_in(directory, "rejected.jsonl.zst")
        assert not (directory / ".spool").exists()
    assert Counter(kept + rejected) == Counter(f"in:{n}" for n in range(1, len(lines) + 1))
    assert (account.read.total(), account.kept.total()) == (len(lines), len(kept))
    assert account.totals().total() == len(rejected)


@settings(max_examples=50)
@given(st.lists(LINE, max_size=12))
def test_flagging_keeps_every_pair_that_is_one(lines):
    lines = [*lines, b"A sentence that is fine.\tSentensi iliyo sawa."]
    with tempfile.TemporaryDirectory() as folder:
        account = run(lines, Path(folder), flag_only=True).account
        kept = ids_in(Path(folder), "train.tsv") + ids_in(Path(folder), "dev.tsv")
    assert set(account.totals()) <= {"columns", "encoding", "nul", "empty"}
    assert len(kept) == len(lines) - account.totals().total()


def test_nothing_left_is_an_error_and_leaves_no_spool(tmp_path):
    with pytest.raises(InputError, match="no pair is left"):
        run([b"a", b"\t"], tmp_path)
    assert not (tmp_path / ".spool").exists()


def test_an_account_that_does_not_add_up_is_a_bug():
    account = Account(read=Counter(x=3), kept=Counter(x=1))
    account.reject({"input": "x", "rule": "markup", "source": "a", "target": "b"})
    with pytest.raises(AssertionError, match="read 3, kept 1, rejected 1"):
        account.check()
    account.kept["x"] = 2
    account.check()


def test_examples_are_few_and_the_first():
    row = {"input": "x", "rule": "markup", "source": "s" * 1000, "target": "t"}
    one, other = Account(), Account()
    for number in range(4):
        one.reject(row | {"id": number})
        other.reject(row | {"id": number + 10})
    one.add(other)
    assert [example["id"] for example in one.examples["markup"]] == [0, 1, 2, 3, 10]
    assert len(one.examples["markup"][0]["source"]) == 300
    assert one.totals() == {"markup": 8}
