"""`optical prepare-bitext` as a user calls it."""

import gzip
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
import zstandard

PAIRS = [
    ("The child is eating an apple.", "Mtoto anakula tofaa."),
    ("The teacher reads the book.", "Mwalimu anasoma kitabu."),
    ("We are going to the market.", "Tunaenda sokoni."),
    ("Water is life.", "Maji ni uhai."),
]
DIRT = [
    "only one column",
    "a\tb\tc",
    "nul\0byte\tbaiti",
    "\tupande mmoja",
    "",
    "<b>Bold</b> words here\tManeno mazito hapa",
    "WATER IS LIFE\tMAJI NI UHAI",
    "The same on both sides.\tThe same on both sides.",
    "Tr\u00c3\u00a8s bien\tVizuri sana",
]
REASONS = [
    "columns",
    "columns",
    "nul",
    "empty",
    "empty",
    "markup",
    "dup_pair",
    "identical",
    "mojibake",
]

NO_LANGUAGES = ["--rule", "source_language=off", "--rule", "target_language=off"]


def rows(path):
    return [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]


def rejected(directory, name="rejected"):
    with zstandard.open(directory / f"{name}.jsonl.zst", "rt", encoding="utf-8") as lines:
        return list(map(json.loads, lines))


def report(directory):
    return json.loads((directory / "report.json").read_text(encoding="utf-8"))


def lines(pairs):
    return "".join(f"{source}\t{target}\n" for source, target in pairs)


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text(lines(PAIRS), encoding="utf-8")
    return path


@pytest.fixture
def dirty(tmp_path):
    path = tmp_path / "dirty.tsv"
    path.write_text(lines(PAIRS) + "\n".join(DIRT) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def prepare(optical_here, tmp_path):
    """Clean into a new directory, which must work, and give it."""

    def run(*args, code=0):
        out = tmp_path / "clean"
        found, _, err = optical_here(
            "prepare-bitext", *args, "-o", out, "--target-lang", "sw", "--overwrite"
        )
        assert found == code, err
        return out if code == 0 else err

    return run


# -- what is written -------------------------------------------------------------------------------


def test_tsv_becomes_train_and_dev_of_source_target_id(pairs, prepare):
    out = prepare(pairs, "--dev", "1")
    train, dev = rows(out / "train.tsv"), rows(out / "dev.tsv")
    assert len(train) == 3 and len(dev) == 1
    assert sorted((row[0], row[1]) for row in train + dev) == sorted(PAIRS)
    assert {row[2] for row in train + dev} == {f"pairs.tsv:{n}" for n in range(1, 5)}
    assert sorted(os.listdir(out)) == [
        "dev.tsv", "manifest.json", "rejected.jsonl.zst", "report.html", "report.json", "train.tsv",
    ]  # fmt: skip


def test_no_dev_file_if_none_is_wanted(pairs, prepare):
    out = prepare(pairs, "--dev", "0")
    assert not (out / "dev.tsv").exists()
    assert [tuple(row[:2]) for row in rows(out / "train.tsv")] == PAIRS


def test_columns_choose_and_swap(tmp_path, prepare):
    path = tmp_path / "swapped.tsv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for number, (source, target) in enumerate(PAIRS):
            out.write(f"{number}\t{target}\t{source}\n")
    out = prepare(path, "--columns", "3,2", "--dev", "0")
    assert [tuple(row[:2]) for row in rows(out / "train.tsv")] == PAIRS


def test_moses_pair_in_either_order_and_by_another_code(tmp_path, prepare):
    (tmp_path / "base.en").write_text("".join(f"{s}\n" for s, _ in PAIRS), encoding="utf-8")
    (tmp_path / "base.swh").write_text("".join(f"{t}\n" for _, t in PAIRS), encoding="utf-8")
    out = prepare(tmp_path / "base.swh", tmp_path / "base.en", "--dev", "0")
    assert [tuple(row[:2]) for row in rows(out / "train.tsv")] == PAIRS


def test_stdin_of_any_format(optical, tmp_path):
    text = "".join(json.dumps({"translation": {"en": s, "sw": t}}) + "\n" for s, t in PAIRS)
    out = tmp_path / "clean"
    done = optical(
        "prepare-bitext", "-", "-o", out, "--target-lang", "sw", "--dev", "0", stdin=text
    )
    assert done.returncode == 0, done.stderr
    assert rows(out / "train.tsv")[0] == [*PAIRS[0], "stdin:1"]
    assert json.loads((out / "manifest.json").read_text())["lineage"] == [{"path": "-"}]


@pytest.mark.parametrize("options", [["-"], ["--exclude-overlap", "-"]])
def test_stdin_cannot_be_two_inputs(optical_here, tmp_path, options):
    args = ["-", *options, "-o", tmp_path / "clean", "--target-lang", "sw"]
    code, _, err = optical_here("prepare-bitext", *args)
    assert code == 2 and "stdin can be read once" in err
    assert os.listdir(tmp_path) == []


def test_queries_that_must_stay_out_may_come_from_stdin(optical, pairs, tmp_path):
    args = ["--exclude-overlap", "-", "-o", tmp_path / "clean", "--target-lang", "sw"]
    done = optical("prepare-bitext", pairs, *args, stdin="q7\tWater is life\n")
    assert done.returncode == 0, done.stderr
    assert [row["query_id"] for row in rejected(tmp_path / "clean")] == ["q7"]
    assert "no pair" not in done.stderr


def test_what_a_file_of_the_output_is_made_of_can_be_inspected(pairs, prepare, optical_here):
    out = prepare(pairs)
    code, text, _ = optical_here("inspect", "--verify", out / "train.tsv")
    assert code == 0 and "optical prepare-bitext" in text and "pairs.tsv" in text


def test_a_named_pipe_is_read_once(tmp_path, prepare):
    pipe = tmp_path / "pipe.tsv"
    os.mkfifo(pipe)
    text = lines(PAIRS)
    writer = threading.Thread(target=lambda: pipe.write_text(text, encoding="utf-8"))
    writer.start()
    out = prepare(pipe, "--dev", "0")
    writer.join()
    assert rows(out / "train.tsv")[0] == [*PAIRS[0], "pipe.tsv:1"]


@pytest.mark.parametrize("compress", ["none", "zst"])
@pytest.mark.parametrize("style", ["tsv", "moses", "jsonl", "parquet"])
def test_what_is_written_can_be_read_again(pairs, tmp_path, prepare, style, compress):
    if style == "parquet":
        pytest.importorskip("pyarrow")
        compress = "none"
    out = prepare(pairs, "--dev", "0", "--write", style, "--compress", compress)
    files = sorted(p for p in out.iterdir() if p.name.startswith("train") and ".ids" not in p.name)
    copies = [p.rename(tmp_path / p.name) for p in files]
    again = prepare(*copies, "--dev", "0")
    assert [tuple(row[:2]) for row in rows(again / "train.tsv")] == PAIRS


# -- the account -----------------------------------------------------------------------------------


def test_every_record_is_kept_or_has_one_first_reason(dirty, pairs, prepare):
    out = prepare(dirty, pairs)
    found = report(out)
    for entry in [found, *found["inputs"].values()]:
        assert entry["read"] == entry["kept"] + sum(entry["rejected"].values())
    assert found["inputs"]["dirty.tsv"]["read"] == len(PAIRS) + len(DIRT)
    assert found["inputs"]["pairs.tsv"]["rejected"] == {"dup_pair": 4}
    assert found["kept"] == 4 == sum(found["written"].values())
    ids = [row["id"] for row in rejected(out)]
    assert len(ids) == len(set(ids)) == found["read"] - found["kept"]


def test_reasons_and_fields_of_rejected_pairs(dirty, prepare):
    by_line = {row["line"]: row for row in rejected(prepare(dirty))}
    assert [by_line[line]["rule"] for line in sorted(by_line)] == REASONS
    assert set(by_line[5]) == {
        "id", "input", "line", "rule", "value", "threshold", "source", "target", "duplicate_of",
        "query_id",
    }  # fmt: skip
    copy = by_line[11]
    assert (copy["id"], copy["input"]) == ("dirty.tsv:11", "dirty.tsv")
    assert copy["duplicate_of"] == "dirty.tsv:4"
    assert copy["source"] == "WATER IS LIFE"
    assert by_line[10]["value"] == 2 and by_line[10]["threshold"] == 0


def test_the_best_copy_is_kept_wherever_it_stands(tmp_path, prepare):
    path = tmp_path / "copies.tsv"
    path.write_text("WATER IS LIFE\tMAJI NI UHAI\nWater is life.\tMaji ni uhai.\n")
    out = prepare(path, "--dev", "0")
    assert rows(out / "train.tsv") == [["Water is life.", "Maji ni uhai.", "copies.tsv:2"]]
    assert rejected(out)[0]["duplicate_of"] == "copies.tsv:2"


def test_near_copies_and_caps(tmp_path, prepare):
    path = tmp_path / "copies.tsv"
    long = "The government of the country announced that new measures would protect the river"
    other = "Serikali ya nchi ilitangaza kwamba hatua mpya zitalinda mto huo"
    near = [(f"{long} {end}.", f"{other} {end}.") for end in ("now", "nows")]
    many = [("Yes, of course.", f"Jibu la {word}") for word in ("kwanza", "pili", "tatu", "nne")]
    path.write_text(lines([*near, *many]))
    out = prepare(path, "--dev", "0", "--cap-per-side", "3")
    assert report(out)["rejected"] == {"dup_near": 1, "dup_cap": 1}
    cap = next(row for row in rejected(out) if row["rule"] == "dup_cap")
    assert (cap["value"], cap["threshold"]) == (4, 3)
    assert sum(report(prepare(path, "--cap-per-side", "0"))["rejected"].values()) == 1


def test_contamination_is_rejected_and_the_query_named(pairs, tmp_path, prepare):
    queries = tmp_path / "queries.tsv"
    queries.write_text("q1\tis water life?\nq2\tJe, mwalimu anasoma kitabu\nq3\tWATER IS LIFE\n")
    out = prepare(pairs, "--exclude-overlap", queries, "--dev", "0")
    found = {row["id"]: row["query_id"] for row in rejected(out)}
    assert found == {"pairs.tsv:2": "q2", "pairs.tsv:4": "q3"}
    lineage = json.loads((out / "manifest.json").read_text())["lineage"]
    assert [entry["path"] for entry in lineage] == [str(pairs), str(queries)]


def test_sharing_exactly_three_fifths_is_contamination(tmp_path, prepare):
    """Of the five 13-grams of seventeen letters, fifteen letters in common are three."""
    (tmp_path / "queries.tsv").write_text("q1\tabcdefghijklmnopq\n")
    path = tmp_path / "pairs.tsv"
    path.write_text("abcdefghijklmno ty\tmaji ni uhai\nabcdefghijklmn tyx\tmtoto mzuri\n")
    out = prepare(path, "--exclude-overlap", tmp_path / "queries.tsv", *NO_LANGUAGES)
    assert [(row["id"], row["value"]) for row in rejected(out)] == [("pairs.tsv:1", 0.6)]


def test_flag_only_keeps_all_and_annotates(dirty, prepare):
    out = prepare(dirty, "--flag-only", "--dev", "0")
    marked = rejected(out, "flagged")
    assert {row["rule"] for row in marked} >= {"markup", "dup_pair", "identical", "mojibake"}
    assert {row["rule"] for row in rejected(out)} == {"columns", "nul", "empty"}
    kept = {row[2] for row in rows(out / "train.tsv")}
    assert {row["id"] for row in marked} <= kept
    assert len(kept) == len(PAIRS) + 4
    assert report(out)["flagged"]["markup"] == 1


def test_differing_numbers_are_marked_and_kept_until_asked_for(tmp_path, prepare):
    path = tmp_path / "numbers.tsv"
    path.write_text("It happened in 1990.\tIlitokea mwaka 1991.\n" + lines(PAIRS))
    assert report(prepare(path))["flagged"] == {"numbers": 1}
    assert report(prepare(path, "--rule", "numbers=0.5"))["rejected"] == {"numbers": 1}


def test_moses_punctuation_is_normalized_on_request_alone(tmp_path, prepare):
    path = tmp_path / "quotes.tsv"
    path.write_text("He said \u201cyes\u201d.\tAlisema \u00abndiyo\u00bb.\n")
    plain = rows(prepare(path, "--dev", "0") / "train.tsv")[0][:2]
    assert plain == ["He said \u201cyes\u201d.", "Alisema \u00abndiyo\u00bb."]
    moses = rows(prepare(path, "--dev", "0", "--moses-punctuation") / "train.tsv")[0][:2]
    assert moses == ['He said "yes."', 'Alisema "ndiyo".']


def test_the_report_page_is_whole_and_escaped(tmp_path, prepare):
    path = tmp_path / "evil.tsv"
    path.write_text(lines(PAIRS) + "<script>alert(1)</script> here\tHapa ni hatari\n")
    page = (prepare(path) / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+", "", page)
    for part in ("waterfall", "What each rule took", "Before and after", "Languages", "Speed"):
        assert part in page or part == "waterfall"
    assert page.count("<svg") == 6 and page.rstrip().endswith("</html>")
    assert "prefers-color-scheme: dark" in page


def test_a_language_that_nobody_can_tell_is_said_to_be_unchecked(pairs, tmp_path, optical_here):
    out = tmp_path / "clean"
    code, _, err = optical_here("prepare-bitext", pairs, "-o", out, "--target-lang", "ceb")
    assert code == 0, err
    assert "no identifier knows ceb" in err
    assert report(out)["languages"]["target"]["check_applies"] is False
    assert "The check did not apply" in (out / "report.html").read_text()


def test_the_languages_found_are_counted_with_those_rejected(tmp_path, prepare):
    path = tmp_path / "mixed.tsv"
    english = "The government announced new measures to protect the rivers of the country."
    swahili = "Serikali ilitangaza hatua mpya za kulinda mito ya nchi hiyo yote."
    german = "Die Regierung hat neue Massnahmen zum Schutz der Fluesse angekuendigt."
    path.write_text(lines([(english, swahili), (english, german), (german, swahili)]))
    out = prepare(path, "--dev", "0")
    assert report(out)["rejected"] == {"source_language": 1, "target_language": 1}
    sides = report(out)["languages"]
    assert sides["source"]["found"] == {"en": 2, "de": 1}
    assert sides["target"]["found"] == {"sw": 1, "de": 1}
    assert "German" in (out / "report.html").read_text()


def test_rules_are_explained_without_input(optical_here):
    code, text, _ = optical_here("prepare-bitext", "--explain", "--rule", "too_long=77")
    assert code == 0
    table = {line.split()[0]: line for line in text.split("\n") if line}
    assert re.search(r"too_long +at most +77 +1024 +768 +512 +Characters", table["too_long"])
    assert "marks" in table["numbers"] and {"overlap", "dup_near", "script"} <= set(table)


def scored(path, scores):
    """Pairs as `score-bitext` writes them, with these (cost_z, margin)."""
    records = (
        {"id": f"x{n}", "source": source, "target": target, "fold": 1, "cost": 0.5, "cost_z": z,
         "margin": margin}
        for n, ((source, target), (z, margin)) in enumerate(zip(PAIRS, scores, strict=True))
    )  # fmt: skip
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_scored_pairs_are_rejected_by_their_cost_and_margin(tmp_path, prepare):
    scores = [(0.1, 0.2), (2.5, 0.1), (0.3, -0.1), (None, None)]
    path = scored(tmp_path / "scored.jsonl", scores)
    assert report(prepare(path))["kept"] == 4
    out = prepare(path, "--rule", "cost=2", "--rule", "margin=0", "--dev", "0")
    found = {row["line"]: (row["rule"], row["value"], row["threshold"]) for row in rejected(out)}
    assert found == {2: ("cost", 2.5, 2.0), 3: ("margin", -0.1, 0.0)}


def test_the_best_share_is_kept_by_margin(tmp_path, prepare):
    path = scored(tmp_path / "scored.jsonl", [(0, 0.2), (0, -0.1), (0, 0.3), (0, None)])
    out = prepare(path, "--keep-best", "0.5", "--dev", "0")
    assert {row[2] for row in rows(out / "train.tsv")} == {"scored.jsonl:1", "scored.jsonl:3"}
    behind = {row["id"]: row for row in rejected(out)}
    assert {row["rule"] for row in behind.values()} == {"best"}
    assert behind["scored.jsonl:2"]["value"] == 0.75 and behind["scored.jsonl:4"]["value"] == 1
    assert behind["scored.jsonl:2"]["threshold"] == 0.5
    assert behind["scored.jsonl:2"]["duplicate_of"] is None
    assert report(out)["rejected"] == {"best": 2}
    assert report(prepare(path, "--keep-best", "1"))["kept"] == 4


def test_a_rule_about_scores_wants_scores(pairs, tmp_path, prepare):
    path = scored(tmp_path / "scored.jsonl", [(0, 0.2)] * 4)
    err = prepare(path, pairs, "--keep-best", "0.5", code=3)
    assert f"{pairs}: its pairs have no scores" in err and "score-bitext" in err
    path.write_text(path.read_text().replace("0.2", '"much"', 1))
    found = rejected(prepare(path, "--rule", "margin=0"))
    assert [(row["rule"], row["value"]) for row in found] == [
        ("columns", "no number in field margin")
    ]


# -- the same bytes --------------------------------------------------------------------------------


def many_pairs(path, count=9000):
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            source, target = PAIRS[number % 4]
            out.write(f"{source[:-1]} {number % 700}.\t{target[:-1]} {number % 700}.\n")
            if number % 50 == 0:
                out.write("broken\n")


def contents(directory):
    """All bytes but what may differ between equal runs."""
    files = {path.name: path.read_bytes() for path in directory.iterdir()}
    manifest = json.loads(files.pop("manifest.json"))
    page = files.pop("report.html").split(b"<h2>Speed</h2>")[0]
    return files, page, manifest["what"], manifest["lineage"]


@pytest.mark.multiprocess
def test_any_number_of_workers_gives_the_same_bytes(tmp_path, prepare):
    path = tmp_path / "many.tsv"
    many_pairs(path)
    # Without languages, whose model every process would load.
    one, three = (contents(prepare(path, *NO_LANGUAGES, "--workers", n)) for n in "13")
    assert one == three


WORDS = [f"{a}{b}{c}" for a in ("bad", "kof", "mul", "nes") for b in "aeiou" for c in ("ri", "to")]


def distinct_pairs(count, seed=0):
    """Pairs of sentences that have little in common."""
    choose = random.Random(seed)
    return [tuple(" ".join(choose.sample(WORDS, 8)) for _ in range(2)) for _ in range(count)]


def test_another_seed_gives_another_split_of_the_same_pairs(tmp_path, prepare):
    path = tmp_path / "many.tsv"
    path.write_text(lines(distinct_pairs(300)))
    options = [*NO_LANGUAGES, "--dev", "30"]
    devs = [rows(prepare(path, "--seed", seed, *options) / "dev.tsv") for seed in "112"]
    assert devs[0] == devs[1] != devs[2]
    assert all(len(dev) == 30 for dev in devs)


def test_a_split_depends_on_content_not_on_place(tmp_path, prepare):
    pairs = distinct_pairs(300)
    found = []
    for name, order in (("one.tsv", pairs), ("two.tsv", pairs[::-1])):
        (tmp_path / name).write_text(lines(order))
        out = prepare(tmp_path / name, *NO_LANGUAGES, "--dev", "30")
        found.append({tuple(row[:2]) for row in rows(out / "dev.tsv")})
    assert found[0] == found[1]


def test_near_copies_stand_on_one_side_of_the_split(tmp_path, prepare):
    pairs = distinct_pairs(100)
    copies = [(f"{source} ri", f"{target} to ri") for source, target in pairs]
    path = tmp_path / "many.tsv"
    path.write_text(lines(pairs + copies))
    out = prepare(path, *NO_LANGUAGES, "--rule", "dup_near=off", "--dev", "0.3")
    dev = {row[0] for row in rows(out / "dev.tsv")}
    assert len(dev) == 60
    assert all((source in dev) == (f"{source} ri" in dev) for source, _ in pairs)


def test_a_corpus_of_near_copies_warns_that_little_can_be_held_out(tmp_path, optical_here):
    path = tmp_path / "many.tsv"
    path.write_text("".join(f"Sentence {n} here.\tSentensi {n} hapa.\n" for n in range(300)))
    args = ["-o", tmp_path / "clean", "--target-lang", "sw", "--dev", "30"]
    code, _, err = optical_here("prepare-bitext", path, *args)
    assert code == 0 and "would stand in train" in err


def test_copies_of_a_side_stand_on_one_side_of_the_split(tmp_path, prepare):
    path = tmp_path / "many.tsv"
    words = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u")]
    path.write_text(
        "".join(f"Word {w} stands alone.\tNeno {w} {n}.\n" for w in words for n in "xyz")
    )
    out = prepare(path, "--dev", "0.3", "--rule", "dup_near=off", "--cap-per-side", "0")
    train, dev = ({row[0] for row in rows(out / f"{name}.tsv")} for name in ("train", "dev"))
    assert dev and train and not dev & train


# -- bad input -------------------------------------------------------------------------------------


def test_unequal_line_counts_name_both(tmp_path, prepare):
    (tmp_path / "base.en").write_text("one\ntwo\nthree\n", encoding="utf-8")
    (tmp_path / "base.sw").write_text("moja\nmbili\n", encoding="utf-8")
    err = prepare(tmp_path / "base", code=3)
    assert "has 3 lines" in err and "has 2" in err and "Traceback" not in err
    assert sorted(os.listdir(tmp_path)) == ["base.en", "base.sw"]


def test_malformed_records_end_the_run_if_they_are_to(dirty, prepare, tmp_path):
    err = prepare(dirty, "--on-malformed", "fail", code=3)
    assert f"{dirty}:5: expected 2 tab-separated fields, found 1" in err
    assert f"{dirty}:7: NUL" in err and f"{dirty}:8: a side is blank" in err
    assert os.listdir(tmp_path) == ["dirty.tsv"]


def test_no_pair_left_shows_where_they_went(tmp_path, prepare):
    path = tmp_path / "bad.tsv"
    path.write_text("a\tb\n" * 3 + "1 2 3\t4 5 6\nx\ty\tz\n")
    err = prepare(path, "--rule", "too_short=2", code=3)
    assert "no pair is left" in err
    assert re.search(r"read: 5\n *columns: 1\n *too_short: 3\n *letter_share: 1\n *kept: 0", err)
    assert os.listdir(tmp_path) == ["bad.tsv"]


def test_a_large_share_of_rejections_warns(dirty, optical_here, tmp_path):
    args = ["prepare-bitext", dirty, "-o", tmp_path / "clean", "--target-lang", "sw"]
    code, _, err = optical_here(*args)
    assert code == 0 and re.search(r"warning: 69% of the records read were rejected", err)
    code, _, err = optical_here(*args, "--overwrite", "--max-reject-share", "0.7")
    assert code == 0 and "warning" not in err


def test_swapped_sides_warn(tmp_path, optical_here):
    path = tmp_path / "swapped.tsv"
    path.write_text("".join(
        f"Serikali ilitangaza hatua {n} mpya za kulinda mito ya eneo.\t"
        f"The government announced {n} new measures to protect the rivers.\n" for n in range(30)
    ))  # fmt: skip
    args = ["-o", tmp_path / "clean", "--target-lang", "sw", "--rule", "target_language=off"]
    code, _, err = optical_here("prepare-bitext", path, *args, "--rule", "source_language=off")
    assert code == 0 and "the sides look swapped" in err and "--columns 2,1" in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rule", "nosuch=1"], "there is no rule nosuch"),
        (["--rule", "to_long=1"], "did you mean too_long"),
        (["--rule", "too_long=many"], "expected a number or off"),
        (["--dev", "1.5"], "--dev 1.5"),
        (["--columns", "1"], "--columns 1"),
        (["--keep-best", "1.5"], "--keep-best 1.5"),
        (["--write", "parquet", "--compress", "gz"], "--compress"),
    ],
)  # fmt: skip
def test_usage_errors(pairs, prepare, tmp_path, options, words):
    assert words in prepare(pairs, *options, code=2)
    assert os.listdir(tmp_path) == ["pairs.tsv"]


def test_what_is_missing_is_named(optical_here):
    code, _, err = optical_here("prepare-bitext")
    assert code == 2 and "INPUT, --output, --target-lang" in err


@pytest.mark.parametrize("name", ["nosuch.tsv", "empty.tsv", ""])
def test_inputs_that_are_missing_empty_or_directories(tmp_path, prepare, name):
    (tmp_path / "empty.tsv").touch()
    err = prepare(tmp_path / name, code=3)
    assert str(tmp_path / name) in err and "Traceback" not in err
    assert os.listdir(tmp_path) == ["empty.tsv"]


def test_existing_output_is_refused_and_unchanged(pairs, tmp_path, optical_here):
    out = tmp_path / "clean"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    code, _, err = optical_here("prepare-bitext", pairs, "-o", out, "--target-lang", "sw")
    assert code == 4 and "--overwrite" in err
    assert (out / "mine.txt").read_text() == "mine"


@pytest.mark.multiprocess
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_nothing_stands_under_the_final_name(tmp_path, workers):
    path = tmp_path / "many.tsv"
    many_pairs(path, 150_000)
    out = tmp_path / "clean"
    command = [sys.executable, "-m", "optical_cli", "prepare-bitext", str(path), "-o", str(out)]
    command += ["--target-lang", "sw", "--workers", str(workers)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    partial = tmp_path / ".clean.partial"
    try:
        while not (partial / ".spool").exists() or not (partial / ".spool").stat().st_size:
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not out.exists()
    # What was left behind is no obstacle to the next call.
    path.write_text(lines(PAIRS))
    subprocess.run([*command[:-1], "1"], check=True, capture_output=True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["clean", "many.tsv"]


def test_help_says_what_is_read_and_written(optical_here):
    code, text, _ = optical_here("prepare-bitext", "--help")
    assert code == 0
    for word in ("TMX", "train.tsv", "rejected.jsonl.zst", "--exclude-overlap", "--preset"):
        assert word in text


def test_closed_stdin_pipe_is_an_empty_input(optical, tmp_path):
    done = optical("prepare-bitext", "-", "-o", tmp_path / "x", "--target-lang", "sw", stdin="")
    assert done.returncode == 3 and "-: is empty" in done.stderr
