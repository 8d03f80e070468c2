"""Measure `optical evaluate`: a large run beside ir-measures, and the randomization test.

    python recipes/benchmarks/evaluate.py run --queries 10000 --depth 1000
    python recipes/benchmarks/evaluate.py permutations
    python recipes/benchmarks/evaluate.py parity --data ../shared/data

`run` writes a run of queries x depth lines and its judgements, has `optical evaluate` and
ir-measures compute five measures of them in processes of their own, and prints the processor time
and the peak memory of both; the numbers must be the same. `permutations` times 10,000 permutations
over 1,000 queries and 10 systems. `parity` compares every number of a crude search over real
collections with ir-measures' own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MEASURES = ("AP", "nDCG@10", "RR@10", "P@10", "R@100")
GOAL = 0.5
PEER = """
import json, sys, ir_measures
measures = [ir_measures.parse_measure(name) for name in sys.argv[3:]]
found = ir_measures.calc_aggregate(
    measures, ir_measures.read_trec_qrels(sys.argv[1]), ir_measures.read_trec_run(sys.argv[2])
)
print(json.dumps({str(measure): value for measure, value in found.items()}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parts = parser.add_subparsers(dest="part", required=True)
    run = parts.add_parser("run", help="time and memory of a large run")
    run.add_argument("--queries", type=int, default=10_000)
    run.add_argument("--depth", type=int, default=1000)
    parts.add_parser("permutations", help="time of the randomization test")
    parity = parts.add_parser("parity", help="numbers on real collections")
    parity.add_argument("--data", type=Path, required=True, help="folder of the real data")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if args.part == "run":
            measure_run(Path(scratch), args.queries, args.depth)
        elif args.part == "permutations":
            measure_permutations()
        else:
            measure_parity(args.data, Path(scratch))


def measure_run(scratch: Path, queries: int, depth: int) -> None:
    qrels, run = scratch / "qrels.txt", scratch / "large.run"
    write_large_run(qrels, run, queries, depth)
    lines = queries * depth
    print(f"{lines:,} lines, {run.stat().st_size / 1e6:,.0f} MB, {', '.join(MEASURES)}")
    flags = [word for name in MEASURES for word in ("--measure", name)]
    ours = [sys.executable, "-m", "optical_cli", "evaluate", "--qrels", str(qrels)]
    ours += ["--run", f"large={run}", "--format", "jsonl", *flags]
    output, seconds, megabytes = measured(ours)
    found = {r["measure"]: r["value"] for r in map(json.loads, output.splitlines())}
    peer, peer_seconds, peer_megabytes = measured(
        [sys.executable, "-c", PEER, str(qrels), str(run), *MEASURES]
    )
    for name, value in json.loads(peer).items():
        assert abs(found[name] - value) < 1e-12, (name, found[name], value)
    print("the numbers agree to 1e-12")
    print(f"{'':18}{'CPU s':>8}{'peak MB':>9}")
    print(f"{'optical evaluate':18}{seconds:8.1f}{megabytes:9,.0f}")
    print(f"{'ir-measures':18}{peer_seconds:8.1f}{peer_megabytes:9,.0f}")
    ratios = seconds / peer_seconds, megabytes / peer_megabytes
    verdict = "met" if max(ratios) <= GOAL else "missed"
    print(f"{'ratio':18}{ratios[0]:8.2f}{ratios[1]:9.2f}  (at most {GOAL}: {verdict})")


def write_large_run(qrels: Path, run: Path, queries: int, depth: int) -> None:
    """Scores with six decimals, so a few tie; two relevant passages found and one not."""
    rng = np.random.default_rng(7)
    with open(qrels, "w") as judgements, open(run, "w") as ranking:
        for query in range(queries):
            docs = np.unique(rng.integers(0, 8 * depth * 1000, depth + 20))[:depth]
            rng.shuffle(docs)
            scores = np.sort(rng.random(depth) * 30)[::-1]
            ranking.writelines(
                f"q{query} Q0 {doc} {rank} {score:.6f} student\n"
                for rank, (doc, score) in enumerate(
                    zip(docs.tolist(), scores.tolist(), strict=True), start=1
                )
            )
            relevant = [*rng.choice(docs, 2, replace=False).tolist(), f"missing{query}"]
            judgements.writelines(f"q{query} 0 {doc} 1\n" for doc in relevant)


def measured(command: list[str]) -> tuple[str, float, float]:
    """Output, processor seconds and peak megabytes of a process."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{command[0]} failed")
        output.seek(0)
        return output.read(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_permutations() -> None:
    from optical_cli.evaluation.significance import randomization_p

    differences = np.random.default_rng(1).normal(0.02, 0.3, (1000, 10))
    started, cpu = time.perf_counter(), time.process_time()
    p_values = randomization_p(differences, permutations=10_000, seed=13)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(f"10,000 permutations, 1,000 queries, 10 systems: {seconds:.2f} s, {cpu:.2f} s of CPU")
    print("p:", " ".join(f"{p:.4f}" for p in p_values))


def measure_parity(data: Path, scratch: Path) -> None:
    import ir_measures

    from optical_cli.evaluation import evaluate, parse_measures, read_judged_ranks
    from optical_cli.formats.trec import read_qrels

    measures = parse_measures(["AP", "nDCG", "nDCG@10", "RR", "P@10", "R@100"])
    for folder, qrels_name, queries_name in (
        ("clir/xquad", "qrels.test.txt", "queries.en.tsv"),
        ("clir/xquad", "qrels.test.txt", "queries.es.tsv"),
        ("clir/afriqa", "qrels.swa.test.txt", "queries.swa.test.tsv"),
    ):
        qrels_path, run = data / folder / qrels_name, scratch / "overlap.run"
        write_overlap_run(data / folder / queries_name, data / folder / "collection.tsv", run)
        qrels = read_qrels(qrels_path)
        ours = evaluate(qrels, dict(read_judged_ranks(run, qrels)), measures)
        theirs = ir_measures.calc(
            measures, ir_measures.read_trec_qrels(str(qrels_path)),
            ir_measures.read_trec_run(str(run)),
        )  # fmt: skip
        places = {query_id: place for place, query_id in enumerate(ours.query_ids)}
        largest = max(
            abs(ours.values[str(metric.measure)][places[metric.query_id]] - metric.value)
            for metric in theirs.per_query
        )
        print(
            f"{folder} {queries_name}: {len(theirs.per_query)} values, largest difference {largest}"
        )


def write_overlap_run(queries: Path, collection: Path, run: Path) -> None:
    """Words in common: whole numbers, so nearly every ranking has ties."""

    def texts(path: Path) -> dict[str, set[str]]:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows = (line.split("\t") for line in lines if line)
        return {row[0]: set(row[1].lower().split()) for row in rows}

    passages = texts(collection)
    with open(run, "w") as stream:
        for query_id, asked in texts(queries).items():
            scores = {doc_id: len(asked & words) for doc_id, words in passages.items()}
            stream.writelines(
                f"{query_id} Q0 {doc_id} 0 {score} overlap\n"
                for doc_id, score in scores.items()
                if score > 1
            )


if __name__ == "__main__":
    main()
