"""Measure encoding: speed beside sentence-transformers, precision, memory, and many deaths.

    export OMP_NUM_THREADS=1
    python recipes/benchmarks/encode.py speed --model MODEL --collection collection.tsv
    python recipes/benchmarks/encode.py precision --model MODEL --collection collection.tsv \
        --queries queries.tsv --qrels qrels.txt
    python recipes/benchmarks/encode.py memory --model TINY --collection collection.tsv
    python recipes/benchmarks/encode.py kills --model TINY --collection collection.tsv

`speed` encodes passages of mixed length, in float32 and in bfloat16, with this package and with
sentence-transformers' MultiVectorEncoder from the same weights: CPU time of the process, medians of
interleaved repeats. `precision` encodes a collection and its queries in both, and prints how far a
passage's vectors depend on the batch that it is in, and what bfloat16 does to average precision.
`memory` encodes 20,000 and 200,000 passages (the collection again and again) by the command line
and prints the largest anonymous memory of each process. `kills` ends `optical encode` and
`optical index` with SIGKILL at random moments, twenty times each, resumes them, and compares every
byte with an undisturbed run. The last two say more the smaller the model is: `optical init-model`
makes one.
"""

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from retrieve import TOP_K, all_vectors, average_precisions, interleaved, interval, overlap, watched

from optical_cli.console import print_table
from optical_cli.encoders import load
from optical_cli.encoders.bulk import encode_in_bulk
from optical_cli.formats.collection import load_collection, read_records
from optical_cli.formats.collection_columns import Columns
from optical_cli.formats.manifest import manifest_of
from optical_cli.formats.trec import read_qrels
from optical_cli.formats.vectors import open_vectors
from optical_cli.retrieval.exact import search
from optical_cli.retrieval.query_tiles import query_tiles

DTYPES = ("float32", "bfloat16")
DEATHS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--model", required=True, help="an encoder")
    parser.add_argument("--collection", type=Path, required=True, help="passages")
    parser.add_argument("--columns", help="as optical encode takes it")
    parser.add_argument("--queries", type=Path, help="precision: queries")
    parser.add_argument("--qrels", type=Path, help="precision: judgements")
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--limit", type=int, help="passages")
    parser.add_argument("--sizes", type=int, nargs="*", default=[20_000, 200_000],
                        help="memory: passages")  # fmt: skip
    args = parser.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    PARTS[args.part](args)


def passages_of(args: argparse.Namespace) -> list[str]:
    columns = Columns.of(args.columns)
    return list(load_collection(args.collection, columns=columns).values())[: args.limit]


def optical(*words: object) -> list[str]:
    return [sys.executable, "-m", "optical_cli", *map(str, words)]


# -- speed -----------------------------------------------------------------------------------------


def speed(args: argparse.Namespace) -> None:
    from sentence_transformers import MultiVectorEncoder

    texts = passages_of(args)
    encoder = load(args.model)
    with tempfile.TemporaryDirectory() as folder:
        encoder.save(folder)
        other = MultiVectorEncoder(folder, device="cpu")
    side = encoder.passage_side()
    lengths = [len(row.ids) for row in side.rows(texts)]
    print(f"{len(texts)} passages of {min(lengths)} to {max(lengths)} tokens,"
          f" {np.mean(lengths):.0f} on average")  # fmt: skip

    def ours(dtype: str) -> None:
        for _ in encode_in_bulk(encoder, texts, side, dtype=dtype, store=np.float16):
            pass

    def theirs(dtype: str) -> None:
        lower = torch.autocast("cpu", torch.bfloat16) if dtype == "bfloat16" else nullcontext()
        with lower:
            other.encode_document(texts, batch_size=32)

    rows = []
    for dtype in DTYPES:
        methods = {
            "optical": lambda d=dtype: ours(d), "sentence-transformers": lambda d=dtype: theirs(d),
        }  # fmt: skip
        taken = interleaved(methods, args.repeats)
        rows += [
            (name, dtype, f"{len(texts) / t:.1f}", f"{t / taken['optical']:.2f}")
            for name, t in taken.items()
        ]
    print_table(None, ["method", "precision", "passages/s", "time / ours"], rows, to_stdout=True)


# -- precision -------------------------------------------------------------------------------------


def precision(args: argparse.Namespace) -> None:
    batches(args)
    qrels = read_qrels(args.qrels)
    rankings, values, names = {}, {}, []
    with tempfile.TemporaryDirectory() as folder:
        for dtype in DTYPES:
            sets = []
            for kind, file in (("--collection", args.collection), ("--queries", args.queries)):
                target = Path(folder) / (dtype + kind)
                columns = ["--columns", args.columns] if args.columns and "c" in kind else []
                subprocess.run(optical("encode", "--model", args.model, kind, file,
                                       "--dtype", dtype, "-o", target, *columns),
                               check=True)  # fmt: skip
                sets.append(open_vectors(target))
            names = list(sets[1].ids())
            rankings[dtype] = search(query_tiles(all_vectors(sets[1])), sets[0], TOP_K)
            values[dtype] = average_precisions(names, rankings[dtype], qrels)
    full, lower = (values[dtype] for dtype in DTYPES)
    low, high = interval(lower - full)
    print(f"{len(full)} queries: AP in float32 {full.mean():.4f}, in bfloat16 {lower.mean():.4f},"
          f" difference {(lower - full).mean():+.4f} [{low:+.4f}, {high:+.4f}];"
          f" top-10 overlap {overlap(*rankings.values()):.3f}")  # fmt: skip


def batches(args: argparse.Namespace) -> None:
    """How far the vectors of a text depend on what is in its batch."""
    encoder = load(args.model)
    texts = passages_of(args)[:128]
    side = encoder.passage_side()
    for dtype in DTYPES:
        found = []
        for budget in (1, 2048, 1 << 30):  # Alone, as usual, all at once.
            parts = encode_in_bulk(encoder, texts, side, dtype=dtype, store=np.float32,
                                   tokens_per_batch=budget)  # fmt: skip
            found.append(np.concatenate([part.vectors for part in parts]))
        worst = max(np.abs(a - b).max() for a, b in itertools.combinations(found, 2))
        cosine = min((a * b).sum(1).min() for a, b in itertools.combinations(found, 2))
        print(f"{dtype}: {len(texts)} passages alone, in batches of 2,048 tokens and all at once:"
              f" numbers differ by {worst:.1e} at most,"
              f" cosines are {cosine:.6f} at least")  # fmt: skip


# -- memory ----------------------------------------------------------------------------------------


def memory(args: argparse.Namespace) -> None:
    columns = Columns.of(args.columns)
    with tempfile.TemporaryDirectory() as folder:
        for size in args.sizes:
            repeated = Path(folder) / f"{size}.tsv"
            with open(repeated, "w", encoding="utf-8") as stream:
                for place, text in enumerate(itertools.islice(again(args, columns), size)):
                    stream.write(f"d{place}\t{text}\n")
            command = optical("encode", "-q", "--model", args.model, "--collection", repeated,
                              "-o", Path(folder) / str(size))  # fmt: skip
            used = watched(command)
            print(f"{size:,} passages: {used.anonymous / 1e6:.0f} MB of anonymous memory at most,"
                  f" {used.seconds:.0f} s of CPU time")  # fmt: skip


def again(args: argparse.Namespace, columns: Columns | None) -> Iterator[str]:
    while True:
        yield from (r.text for r in read_records(args.collection, columns=columns))


# -- deaths ----------------------------------------------------------------------------------------


def kills(args: argparse.Namespace) -> None:
    chance = random.Random(13)
    columns = ["--columns", args.columns] if args.columns else []
    limit = ["--limit", args.limit] if args.limit else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encode = ("encode", "-q", "--model", args.model, "--collection", args.collection, *columns,
                  *limit, "--part-size", 250)  # fmt: skip
        index = ("index", "-q", "--collection", folder / "encode", "--sample", 10)
        for words in (encode, index):
            start = time.monotonic()
            whole, killed = folder / words[0], folder / f"{words[0]}-killed"
            subprocess.run(optical(*words, "-o", whole), check=True)
            undisturbed = time.monotonic() - start
            lives = die_often(
                optical(*words, "--resume", "-o", killed), killed, undisturbed, chance
            )
            same = contents(whole) == contents(killed)
            print(f"optical {words[0]}: killed {lives - 1} times in {lives} lives:"
                  f" {'the same bytes' if same else 'OTHER BYTES'} in {len(contents(whole))} files",
                  flush=True)  # fmt: skip
            if not same:
                sys.exit(1)


def die_often(command: Sequence[str], target: Path, seconds: float, chance: random.Random) -> int:
    """Kill a command at random moments until it has died often enough; give its lives.

    Most moments lie within what a whole run takes, so that all of its phases are met; where a life
    came to its end, its output is taken away, and it does not count.
    """
    deaths = 0
    while deaths < DEATHS:
        process = subprocess.Popen(command)
        try:
            process.wait(chance.uniform(0.2, 1) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            deaths += 1
        else:
            if process.returncode:
                sys.exit(f"a resumed run failed: {' '.join(command)}")
            remove(target)
    subprocess.run(command, check=True)
    return deaths + 1


def remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes; of the manifest all but the occasion, which is of its run."""
    return {
        path.relative_to(folder).as_posix(): (
            manifest_of(folder).identity().encode()
            if path.name == "manifest.json" else path.read_bytes()
        )
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


PARTS = {part.__name__: part for part in (speed, precision, memory, kills)}

if __name__ == "__main__":
    main()
