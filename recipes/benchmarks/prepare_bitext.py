"""Measure `optical prepare-bitext`: what it does to clean text, to dirt, and how fast.

    python recipes/benchmarks/prepare_bitext.py clean --data ../shared/data
    python recipes/benchmarks/prepare_bitext.py dirt  --data ../shared/data
    python recipes/benchmarks/prepare_bitext.py misaligned --data ../shared/data \
        --model sentence-transformers/all-MiniLM-L6-v2
    python recipes/benchmarks/prepare_bitext.py words --data ../shared/data --language tr
    python recipes/benchmarks/prepare_bitext.py speed --data ../shared/data --pairs 2000000 \
        --opusfilter .venv-opusfilter/bin/opusfilter

`clean` takes the test pairs of 17 languages, `dirt` plants dirt of known kinds into a fifth of real
pairs, `misaligned` gives a fifth of Swahili pairs another's translation and has them scored by
students of --model, each trained on the other folds, dirt and all; `words` misaligns 0, 20 and 50%
of 2,000 pairs of each --language and asks the words which ones; `speed` repeats real pairs with
variation, and runs OpusFilter with comparable filters on the same file if it is given.
"""

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import zstandard

Pair = tuple[str, str]
PRESETS = {"gentle": 0.01, "standard": 0.03, "strict": None}
COPIES_ALLOWED = 0.02
RECALL_WANTED = 0.95
PLANTED_SHARE = 0.2
FEWEST_LETTERS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=["clean", "dirt", "misaligned", "words", "speed"])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument(
        "--pairs",
        type=int,
        default=None,
        help="dirt, words: per language; misaligned, speed: in all",
    )
    parser.add_argument("--language", nargs="*", default=["sw"], help="words: which")
    parser.add_argument("--model", help="misaligned: the teacher")
    parser.add_argument("--folds", type=int, default=2, help="misaligned: students")
    parser.add_argument(
        "--opusfilter", type=Path, help="speed: its program, in an environment of its own"
    )
    parser.add_argument("--dear-pairs", type=int, default=200_000, help="speed: for languages")
    parser.add_argument(
        "--peer-pairs", type=int, default=200_000, help="speed: pairs beside OpusFilter"
    )
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        parts = {"clean": clean, "dirt": dirt, "misaligned": misaligned, "words": words,
                 "speed": speed}  # fmt: skip
        parts[args.part](args, Path(scratch))


# -- running the command ---------------------------------------------------------------------------


class Run:
    """One call of the command in this process, and what it wrote."""

    def __init__(self, inputs: list[Path], out: Path, *options: str):
        from optical_cli.app import app

        app(["prepare-bitext", *arguments(inputs, out, *options)], standalone_mode=False)
        self.out = out

    def report(self) -> dict:
        return json.loads((self.out / "report.json").read_text(encoding="utf-8"))

    def rejected(self) -> dict[str, str]:
        """First reason by pair id."""
        with zstandard.open(self.out / "rejected.jsonl.zst", "rt", encoding="utf-8") as lines:
            rows = map(json.loads, lines)
            return {row["id"]: row["rule"] for row in rows}


def arguments(inputs: list[Path], out: Path, *options: str) -> list[str]:
    return [*map(str, inputs), "-o", str(out), "--overwrite", "--quiet", *options]


def measured(command: list[str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds, and peak memory of one process in megabytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    # A fresh parent: the peak of children is a maximum over all that this process ever had.
    done = subprocess.run([sys.executable, "-c", CHILD, *command], capture_output=True, text=True)
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, float(done.stdout.split()[-1]) / 1024


CHILD = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def table(header: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    print()


# -- clean text survives ---------------------------------------------------------------------------


def clean(args: argparse.Namespace, scratch: Path) -> None:
    rows = []
    for path in sorted((args.data / "bitext_eval").glob("*-en.*.tsv")):
        language = path.name.split("-")[0]
        shares = [clean_share(path, language, preset, scratch) for preset in PRESETS]
        rows.append([language, *(f"{100 * rule:.2f} + {100 * dup:.2f}" for rule, dup in shares)])
    print("Percent of clean pairs rejected: by rules + as copies (dup_*)")
    table(["language", *PRESETS], rows)


def clean_share(path: Path, language: str, preset: str, scratch: Path) -> tuple[float, float]:
    options = ["--target-lang", language, "--columns", "2,1", "--preset", preset]
    report = Run([path], scratch / "clean", *options).report()
    copies = sum(n for rule, n in report["rejected"].items() if rule.startswith("dup_"))
    return (report["read"] - report["kept"] - copies) / report["read"], copies / report["read"]


# -- dirt does not ---------------------------------------------------------------------------------

LANGUAGES = [
    "sw", "so", "tl", "mr", "hi", "de", "fr", "es", "ar", "zh", "vi", "ru", "el", "th", "tr", "ro",
]  # fmt: skip
BOILERPLATE = [
    "Click here to read more.",
    "All rights reserved.",
    "Cookie policy",
    "Share on Facebook",
]


def dirt(args: argparse.Namespace, scratch: Path) -> None:
    """Plant each kind into a fifth of the pairs of each language, one kind at a time."""
    size = args.pairs or 2000
    real = {language: real_pairs(args.data, language)[:size] for language in LANGUAGES}
    kinds: dict[str, Callable] = {
        "misdecoded": misdecoded, "wrong language": wrong_language(real),
        "untranslated": untranslated, "markup": markup, "repetition": repetition,
    }  # fmt: skip
    rows = []
    for kind, plant in kinds.items():
        counted = Counter()
        for language in LANGUAGES:
            counted += recall(plant, language, real[language], scratch)
        rows.append([kind, *(cell(counted, name) for name in ("named", "all", "clean"))])
    print(f"Share rejected, {size} pairs in each of {len(LANGUAGES)} languages, a fifth planted")
    table(["kind", "planted, as the rule can tell", "planted, all", "not planted"], rows)


def cell(counted: Counter, name: str) -> str:
    whole = counted[name]
    return f"{counted[name, 'rejected'] / max(whole, 1):.4f} of {whole}"


def recall(plant: Callable, language: str, pairs: list[Pair], scratch: Path) -> Counter:
    choose = random.Random(f"{language} dirt")
    planted: dict[int, bool] = {}
    lines = []
    for number, (source, target) in enumerate(pairs, 1):
        dirty = plant(choose, language, source, target) if choose.random() < PLANTED_SHARE else None
        if dirty and dirty[:2] != (source, target):
            source, target, planted[number] = dirty
        lines.append(f"{source}\t{target}\n")
    path = scratch / "dirty.tsv"
    path.write_text("".join(lines), encoding="utf-8")
    rejected = Run([path], scratch / "out", "--target-lang", language).rejected()
    counted = Counter()
    for number in range(1, len(pairs) + 1):
        names = ["clean"] if number not in planted else ["all"] + ["named"] * planted[number]
        for name in names:
            counted[name] += 1
            counted[name, "rejected"] += f"dirty.tsv:{number}" in rejected
    return counted


def real_pairs(data: Path, language: str) -> list[Pair]:
    with gzip.open(data / "bitext" / f"{language}-en.tsv.gz", "rt", encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    random.Random(13).shuffle(rows)
    return [(english, foreign) for foreign, english in rows]


def misdecoded(choose: random.Random, language: str, source: str, target: str) -> tuple:
    """UTF-8 read as an 8-bit encoding; a side of ASCII alone does not change and is no dirt."""
    encoding = choose.choice(["cp1252", "latin-1"])
    broken = target.encode().decode(encoding, errors="replace")
    return source, broken, True


def wrong_language(real: dict[str, list[Pair]]) -> Callable:
    def plant(choose: random.Random, language: str, source: str, target: str) -> tuple:
        other = choose.choice([name for name in LANGUAGES if name != language])
        planted = choose.choice(real[other])[1]
        letters = sum(map(str.isalpha, planted))
        return source, planted, letters >= FEWEST_LETTERS

    return plant


def untranslated(choose: random.Random, language: str, source: str, target: str) -> tuple:
    return (source, source, True) if choose.random() < 0.5 else (target, target, True)


def markup(choose: random.Random, language: str, source: str, target: str) -> tuple:
    words = target.split(" ")
    place = choose.randrange(len(words))
    wrap = choose.choice([
        ("<b>", "</b>"), ('<a href="https://example.org/x">', "</a>"), ("&lt;i&gt;", "&lt;/i&gt;"),
        ("[[", "]]"), ("{{", "}}"), ("<br/>", ""), ("[url=https://example.org]", "[/url]"),
    ])  # fmt: skip
    words[place] = wrap[0] + words[place] + wrap[1]
    return source, " ".join(words), True


def repetition(choose: random.Random, language: str, source: str, target: str) -> tuple:
    unit = choose.choice([*BOILERPLATE, target])
    repeated = " ".join([unit] * choose.randint(4, 8))
    return source, repeated if choose.random() < 0.5 else f"{target} {repeated}", True


# -- nor do pairs that do not belong together ------------------------------------------------------

OPERATING_POINTS = [
    *(f"--rule=margin={margin}" for margin in (-0.15, -0.1, -0.05, 0)),
    *(f"--rule=cost={cost}" for cost in (0.5, 1, 1.5, 2)),
    *(f"--keep-best={share}" for share in (0.8, 0.75, 0.7)),
]


def misaligned(args: argparse.Namespace, scratch: Path) -> None:
    """Recall on pairs whose target is another's, and what it costs in pairs that are right."""
    pairs = real_pairs(args.data, "sw")[: args.pairs or 8000]
    bitext, planted = scratch / "pairs.tsv", plant_misaligned(pairs)
    lines = (f"{source}\t{target}\n" for source, target in planted)
    bitext.write_text("".join(lines), encoding="utf-8")
    lexicon, student, scored = (scratch / n for n in ("lexicon.tsv", "student", "scored.jsonl"))
    optical("lexicon", "--bitext", bitext, "-o", lexicon)
    distill = ["--lexicon", lexicon, "--lr", "3e-5", "-o", student]
    optical("distill", "--teacher", args.model, "--bitext", bitext, *distill)
    for folds in (args.folds, 1):
        scoring = ["--student", student, "--folds", folds, "--overwrite", "-o", scored, bitext]
        optical("score-bitext", "--teacher", args.model, *scoring)
        wrong = [one != other for one, other in zip(pairs, planted, strict=True)]
        rows = [[point, *shares(scored, point, wrong, scratch)] for point in OPERATING_POINTS]
        print(f"{len(pairs)} pairs, {sum(wrong)} misaligned, folds: {folds}; shares rejected")
        table(["operating point", "misaligned", "aligned"], rows)
        sys.stdout.flush()


def words(args: argparse.Namespace, scratch: Path) -> None:
    """What `score-bitext --by words` makes of pairs of which a share is misaligned."""
    bitext, noisy, scored = (scratch / name for name in ("pairs.tsv", "noisy.tsv", "scored.jsonl"))
    rows = []
    for language in args.language:
        pairs = real_pairs(args.data, language)[: args.pairs or 2000]
        bitext.write_text("".join(f"{s}\t{t}\n" for s, t in pairs), encoding="utf-8")
        for share in (0, 0.2, 0.5):
            more = ["--seed", 1, "--overwrite", "-o"]
            optical("inject-noise", bitext, "--noise", f"misalign={share}", *more, noisy)
            started = time.process_time()
            optical("score-bitext", "--by", "words", noisy, *more, scored)
            seconds = time.process_time() - started
            rows.append([language, f"{share:.0%}", *judged(scored, pairs), f"{seconds:.1f}"])
    table(["", "misaligned", "found", "right lost", "seen as wrong", "s"], rows)


def judged(scored: Path, pairs: list[Pair]) -> tuple[str, str, str]:
    """Shares of wrong and of right pairs below a half, and the share that should be wrong."""
    counted = Counter()
    parallel = 0.0
    for line, pair in zip(scored.read_text(encoding="utf-8").split("\n"), pairs, strict=False):
        row = json.loads(line)
        kind = "right" if row["target"] == pair[1] else "wrong"
        counted[kind] += 1
        counted[kind, "rejected"] += row["parallel"] < 0.5
        parallel += row["parallel"]
    of = [
        f"{counted[kind, 'rejected'] / max(counted[kind], 1):.3f} of {counted[kind]}"
        for kind in ("wrong", "right")
    ]
    return *of, f"{1 - parallel / len(pairs):.3f}"


def plant_misaligned(pairs: list[Pair]) -> list[Pair]:
    """A fifth of the pairs with the target of another of them; equal targets are no dirt."""
    choose = random.Random("misaligned")
    rows = [row for row in range(len(pairs)) if choose.random() < PLANTED_SHARE]
    planted = list(pairs)
    for row, other in zip(rows, rows[1:] + rows[:1], strict=True):
        planted[row] = pairs[row][0], pairs[other][1]
    return planted


def shares(scored: Path, point: str, wrong: list[bool], scratch: Path) -> tuple[str, str]:
    """Shares of misaligned and of aligned pairs that `point` rejects, among those rules leave."""
    options = ["--target-lang", "sw", "--rule", "dup_near=off", "--cap-per-side", "0", "--dev", "0"]
    rejected = Run([scored], scratch / "out", *options, point).rejected()
    counted = Counter()
    for number, dirty in enumerate(wrong, 1):
        rule = rejected.get(f"{scored.name}:{number}")
        if rule in (None, "cost", "margin", "best"):
            counted[dirty] += 1
            counted[dirty, "rejected"] += rule is not None
    return tuple(
        f"{counted[dirty, 'rejected'] / max(counted[dirty], 1):.4f} of {counted[dirty]}"
        for dirty in (True, False)
    )


def optical(*command: object) -> None:
    from optical_cli.app import app

    app([*map(str, command), "--quiet"], standalone_mode=False)


# -- speed and memory ------------------------------------------------------------------------------


def speed(args: argparse.Namespace, scratch: Path) -> None:
    size = args.pairs or 2_000_000
    cheap = ["--rule=source_language=off", "--rule=target_language=off"]
    stages = {
        "through exact duplicates": (size, [*cheap, "--rule=dup_near=off", "--dev=0"]),
        "and near copies, split": (size, cheap),
        "and language identification": (min(size, args.dear_pairs), []),
    }
    rows = []
    for name, (count, options) in stages.items():
        path = scratch / f"{count}.tsv"
        if not path.exists():
            write_varied(args.data, path, count)
        for workers in args.workers:
            options_here = ["--target-lang=sw", f"--workers={workers}", *options]
            command = [sys.executable, "-m", "optical_cli", "prepare-bitext"]
            used = measured(command + arguments([path], scratch / "out", *options_here))
            rows.append([name, f"{count:,}", str(workers), *figures(count, *used)])
            print(*rows[-1], flush=True)
    if args.opusfilter:
        rows += peer(args, scratch / f"{size}.tsv", scratch, cheap)
    table(["", "pairs", "workers", "pairs/s", "pairs/cpu s", "cpu s", "peak MB"], rows)


def peer(args: argparse.Namespace, path: Path, scratch: Path, cheap: list[str]) -> list[list[str]]:
    """OpusFilter and ours on the first pairs of the same file, start-up included.

    Its repetition filter, a regular expression, takes most of its time, so it is shown without too.
    """
    count = args.peer_pairs
    command = [sys.executable, "-m", "optical_cli", "prepare-bitext"]
    options = ["--target-lang=sw", f"--limit={count}", *cheap, "--rule=dup_near=off", "--dev=0"]
    used = measured(command + arguments([path], scratch / "out", *options))
    rows = [["ours, through exact duplicates", f"{count:,}", "1", *figures(count, *used)]]
    for name, filters in (
        ("OpusFilter, comparable filters", FILTERS),
        ("OpusFilter, without repetition", [f for f in FILTERS if "Repetition" not in f]),
    ):
        theirs = measured(opusfilter(args.opusfilter, path, count, filters, scratch))
        rows.append([name, f"{count:,}", "1", *figures(count, *theirs)])
        print(f"{name}: {theirs[1] / used[1]:.1f} times our processor time", flush=True)
    return rows


def figures(count: int, wall: float, cpu: float, peak: float) -> list[str]:
    return [f"{count / wall:,.0f}", f"{count / cpu:,.0f}", f"{cpu:,.1f}", f"{peak:,.0f}"]


def write_varied(data: Path, path: Path, size: int) -> int:
    """Real pairs over and over, each time with other words in them; some stay exact copies."""
    real = real_pairs(data, "sw")
    choose = random.Random(13)
    with path.open("w", encoding="utf-8") as out:
        for number in range(size):
            source, target = real[number % len(real)]
            if number >= len(real) and number % 10:
                source, target = varied(choose, number, source, target)
            out.write(f"{source}\t{target}\n")
    return size


def varied(choose: random.Random, number: int, source: str, target: str) -> Pair:
    """A word of each side replaced, and one added: names that nobody has."""
    sides = []
    for text in (source, target):
        words = text.split(" ")
        words[choose.randrange(len(words))] = name(number)
        words.insert(choose.randrange(len(words) + 1), name(choose.randrange(10**6)))
        sides.append(" ".join(words))
    return sides[0], sides[1]


def name(number: int) -> str:
    """A number in syllables."""
    syllables = []
    while number:
        number, digit = divmod(number, 70)
        syllables.append("bdfghjklmnprst"[digit // 5] + "aeiou"[digit % 5])
    return "".join(syllables).capitalize() or "Aba"


FILTERS = [
    "LengthFilter: {unit: char, min_length: 1, max_length: 1024}",
    "LengthRatioFilter: {unit: char, threshold: 4}",
    "LongWordFilter: {threshold: 150}",
    "AlphabetRatioFilter: {threshold: 0.5}",
    "CharacterScoreFilter: {scripts: [Latin, Latin], thresholds: [0.5, 0.5]}",
    "HtmlTagFilter: {}",
    "SimilarityFilter: {threshold: 0.9}",
    "RepetitionFilter: {threshold: 3, min_length: 3, max_length: 100}",
]
OPUSFILTER = """
common: {{output_directory: {scratch}, chunksize: 100000}}
steps:
  - type: filter
    parameters:
      inputs: [many.en, many.sw]
      outputs: [kept.en, kept.sw]
      filters:
{filters}
  - type: remove_duplicates
    parameters:
      inputs: [kept.en, kept.sw]
      outputs: [unique.en, unique.sw]
"""


def opusfilter(
    program: Path, path: Path, count: int, filters: list[str], scratch: Path
) -> list[str]:
    """Its command line, for a pair of Moses files with the first pairs."""
    with (
        path.open(encoding="utf-8") as pairs,
        (scratch / "many.en").open("w", encoding="utf-8") as source,
        (scratch / "many.sw").open("w", encoding="utf-8") as target,
    ):
        for left, right in split_lines(islice(pairs, count)):
            source.write(left + "\n")
            target.write(right + "\n")
    config = scratch / "opusfilter.yaml"
    listed = "\n".join(f"        - {entry}" for entry in filters)
    config.write_text(OPUSFILTER.format(scratch=scratch, filters=listed), encoding="utf-8")
    return [str(program), "--overwrite", str(config)]


def split_lines(pairs) -> Iterator[list[str]]:
    for line in pairs:
        yield line.rstrip("\n").split("\t")


if __name__ == "__main__":
    main()
