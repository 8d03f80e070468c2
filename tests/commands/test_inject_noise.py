"""`optical inject-noise` as a user calls it."""

import gzip
import json
import os
import signal
import subprocess
import sys

import pytest

PAIRS = [(f"sentence {n} is here", f"sentensi {n} iko hapa", f"id{n}", "extra") for n in range(400)]


@pytest.fixture
def bitext(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.tsv").write_text("".join("\t".join(pair) + "\n" for pair in PAIRS))
    return tmp_path


def inject(optical_here, *more):
    return optical_here("inject-noise", "pairs.tsv", "-o", "noisy.tsv", *more)


def rows(path):
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def test_all_lines_in_order_and_a_ledger_of_what_changed(bitext, optical_here):
    code, out, err = inject(optical_here, "--noise", "misalign=0.2", "--noise", "typos=0.3",
                            "--ledger", "ledger.jsonl")  # fmt: skip
    assert (code, out) == (0, "")
    after = rows(bitext / "noisy.tsv")
    assert [row[2:] for row in after] == [[pair_id, extra] for *_, pair_id, extra in PAIRS]
    ledger = [json.loads(line) for line in (bitext / "ledger.jsonl").read_text().splitlines()]
    assert len({(entry["line"], entry["noise"]) for entry in ledger}) == len(ledger)
    last = {entry["line"]: entry["after"] for entry in ledger}
    for line, (row, pair) in enumerate(zip(after, PAIRS, strict=True), 1):
        expected = last.get(line, {"source": pair[0], "target": pair[1]})
        assert {"source": row[0], "target": row[1]} == expected
    manifest = json.loads((bitext / "noisy.tsv.manifest.json").read_text())["what"]
    assert manifest["format"] == "optical-noisy-bitext/1"
    assert manifest["counts"] == {"records": 400, "pairs": 400, "changes": len(ledger)}
    misalign = next(entry for entry in manifest["noise"] if entry["noise"] == "misalign")
    assert misalign["requested"] == 0.2
    assert misalign["effective"] == sum(e["noise"] == "misalign" for e in ledger) / 400
    assert "requested  effective" in err and "400 pairs read" in err
    assert (bitext / "ledger.jsonl.manifest.json").is_file()


def test_levels_are_nested_and_the_same_seed_gives_the_same_bytes(bitext, optical_here):
    changed = []
    for rate in ("0.1", "0.5"):
        inject(optical_here, "--noise", f"misorder={rate}", "--overwrite")
        after = (bitext / "noisy.tsv").read_bytes()
        inject(optical_here, "--noise", f"misorder={rate}", "--overwrite")
        assert (bitext / "noisy.tsv").read_bytes() == after
        pairs = zip(rows(bitext / "noisy.tsv"), PAIRS, strict=True)
        changed.append({n for n, (row, pair) in enumerate(pairs) if tuple(row) != pair})
    assert changed[0] < changed[1]
    inject(optical_here, "--noise", "misorder=0.5", "--overwrite", "--seed", 5)
    assert (bitext / "noisy.tsv").read_bytes() != after


def test_stdin_to_stdout_gives_the_bytes_of_files(bitext, optical):
    noise = ["--noise", "typos@either=0.3:0.2", "--noise", "untranslated=0.1"]
    text = (bitext / "pairs.tsv").read_text()
    piped = optical("inject-noise", "-", "-o", "-", *noise, stdin=text, cwd=bitext)
    assert piped.returncode == 0, piped.stderr
    optical("inject-noise", "pairs.tsv", "-o", "noisy.tsv", *noise, cwd=bitext)
    assert piped.stdout == (bitext / "noisy.tsv").read_text() != text
    assert "an output to stdout has no manifest" in piped.stderr


def test_a_stream_is_misaligned_within_windows(bitext, optical):
    text = (bitext / "pairs.tsv").read_text()
    options = ["--noise", "misalign=0.5", "--window", 20]
    piped = optical("inject-noise", "-", "-o", "-", *options, stdin=text, cwd=bitext)
    assert piped.returncode == 0, piped.stderr
    for place, line in enumerate(piped.stdout.splitlines()):
        assert int(line.split("\t")[1].split()[1]) // 20 == place // 20
    optical("inject-noise", "pairs.tsv", "-o", "noisy.tsv", *options, cwd=bitext)
    assert piped.stdout == (bitext / "noisy.tsv").read_text() != text


def test_other_columns_stay_where_they_are_and_compression_goes_by_suffix(bitext, optical_here):
    lines = "".join(f"n{n}\tsentensi {n} hapa\tsentence {n}\n" for n in range(50))
    (bitext / "swapped.tsv").write_text(lines)
    code, _, err = optical_here("inject-noise", "swapped.tsv", "--columns", "3,2", "-o", "o.tsv.gz",
                                "--noise", "misalign=1")  # fmt: skip
    assert code == 0, err
    after = [line.split("\t") for line in gzip.decompress(
        (bitext / "o.tsv.gz").read_bytes()).decode().splitlines()]  # fmt: skip
    assert [(row[0], row[2]) for row in after] == [(f"n{n}", f"sentence {n}") for n in range(50)]
    assert all(row[1] != f"sentensi {n} hapa" for n, row in enumerate(after))


def test_what_is_at_rate_0_is_the_input(bitext, optical_here):
    code, _, _ = inject(optical_here, "--noise", "misalign=0", "--noise", "typos=0")
    assert code == 0
    assert (bitext / "noisy.tsv").read_bytes() == (bitext / "pairs.tsv").read_bytes()


def test_added_pairs_follow_the_clean_ones(bitext, optical_here):
    inject(optical_here, "--noise", "truncate=0.5", "--mode", "add")
    after = rows(bitext / "noisy.tsv")
    assert [tuple(row) for row in after if not row[2].endswith("+noise")] == PAIRS
    assert 150 < len(after) - 400 < 250


@pytest.mark.parametrize("name", ["noisy.tsv", "ledger.jsonl"])
def test_existing_outputs_are_refused_and_stay(bitext, optical_here, name):
    (bitext / name).write_text("kept")
    code, _, err = inject(optical_here, "--noise", "typos=0.1", "--ledger", "ledger.jsonl")
    assert code == 4 and f"{name}: exists already" in err
    assert (bitext / name).read_text() == "kept"
    assert {p.name for p in bitext.iterdir()} == {"pairs.tsv", name}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--noise", "mislign=0.2"], 2, "did you mean misalign?"),
        (["--noise", "misalign=2"], 2, "the rate 2 is not a number from 0 to 1"),
        (["--noise", "crawl=0.2"], 2, "crawl needs --crawl FILE"),
        (["--noise", "crawl=0.2", "--crawl", "none.tsv"], 3, "none.tsv: cannot be read"),
        (["--noise", "misalign=1", "--limit", 1], 3, "a derangement needs two"),
        (["--noise", "misalign=0.1", "--window", 1], 2, "--window 1: must be at least 2"),
        (["--noise", "typos=0.1", "--ledger", "noisy.tsv"], 2, "are both noisy.tsv"),
        (["--noise", "typos=0.1", "--columns", "1"], 2, "column numbers"),
        ([], 2, "missing --noise"),
    ],
)
def test_impossible_wishes_leave_nothing(bitext, optical_here, arguments, code, message):
    found, out, err = inject(optical_here, *arguments)
    assert (found, out) == (code, ""), err
    assert message in err and "Traceback" not in err
    assert [p.name for p in bitext.iterdir()] == ["pairs.tsv"]


def test_malformed_lines_are_named(bitext, optical_here):
    (bitext / "bad.tsv").write_text("a\tb\nalone\nc\t \n")
    code, _, err = optical_here("inject-noise", "bad.tsv", "-o", "x.tsv", "--noise", "typos=1")
    assert code == 3 and "bad.tsv:2: expected at least 2" in err
    assert not list(bitext.glob("*x.tsv*"))


def test_missing_input_or_output_is_said(bitext, optical_here):
    code, _, err = optical_here("inject-noise", "--noise", "typos=1")
    assert code == 2 and "missing INPUT, --output" in err


def test_list_explains_every_kind(optical_here):
    from optical_cli.noise import KINDS

    code, out, err = optical_here("inject-noise", "--list")
    assert (code, err) == (0, "")
    for kind in KINDS.values():
        assert f"{kind.name}[" in out or f"{kind.name}=" in out
        assert kind.definition.split()[0] in out


def test_killed_while_reading_leaves_nothing_under_the_final_names(bitext):
    command = [sys.executable, "-m", "optical_cli", "inject-noise", "-", "-o", "noisy.tsv",
               "--noise", "typos=0.5", "--ledger", "ledger.jsonl"]  # fmt: skip
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdin.write((bitext / "pairs.tsv").read_bytes() * 40)
    child.stdin.flush()
    while not list(bitext.glob(".ledger*")):
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert not (bitext / "noisy.tsv").exists() and not (bitext / "ledger.jsonl").exists()
    text = (bitext / "pairs.tsv").read_bytes()
    again = subprocess.run(command, input=text, capture_output=True, env=os.environ)
    assert again.returncode == 0, again.stderr
    assert (bitext / "noisy.tsv").is_file()


def test_real_pairs_of_scripts_with_spaces_and_without(real_data, tmp_path, optical_here):
    for language in ("sw", "th", "zh", "hi"):
        noises = ["misalign=0.2", "misorder=0.2", "truncate=0.2", "drop-words=0.2", "typos=0.2",
                  "strip-diacritics=0.2", "encoding=0.2", "untranslated=0.1"]  # fmt: skip
        options = [word for noise in noises for word in ("--noise", noise)]
        output = tmp_path / f"{language}.tsv"
        code, _, err = optical_here(
            "inject-noise", real_data / "bitext" / f"{language}-en.tsv.gz", "--columns", "2,1",
            "--limit", 1000, "-o", output, *options,
        )  # fmt: skip
        assert code == 0, err
        account = json.loads((tmp_path / f"{language}.tsv.manifest.json").read_text())
        shares = {entry["noise"]: entry["effective"] for entry in account["what"]["noise"]}
        for label in ("misalign", "misorder@target", "truncate@target", "typos@target"):
            assert 0.13 < shares[label] < 0.27, (language, label, shares)
