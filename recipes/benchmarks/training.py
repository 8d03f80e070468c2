"""Measure `optical distill`: speed against a peer, processes, memory, and kills.

    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py speed --model DIR --bitext FILE
    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py processes --model DIR --bitext FILE
    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py memory --pairs 1000000 10000000
    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py kills
    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py validation

`speed`: pairs per second of one optimizer loop, one thread, the same model, pairs, batches, lengths
and dtype as sentence-transformers' multilingual distillation (which needs `datasets`). Ours solves
a transport problem for each pair (`--objective ot`, the default solver); theirs is its own trainer
with the pooled MSE loss on the foreign column alone. With the teacher in the loop, and with the
teacher's output cached. Every run is a process of its own, ours and theirs in turn; the table has
medians and the ratio. The last line compares our cached run with what token counts allow,
(T + 3 S) / 3 S for T teacher and S student tokens. Times are the process's CPU time: on a core of
its own, the time of day.

`processes`: two gloo processes of one thread against one, the same global batches: how far the loss
curves are apart, and the ratio of pairs per second, by the time of day. On a machine whose cores
are busy with other things that ratio says nothing, so the load is printed, too, and the ratio by
the processor time that the first process spends in steps: what two free cores could give at most,
since waiting for each other takes none.

`memory`: the peak memory of a distillation from so many synthetic pairs, and by how much the
largest exceeds the smallest.

`kills`: a run is killed (SIGKILL) at a random moment and resumed, again and again; the bytes of
every resumed run are compared with those of a run that was never killed.

`validation`: processor time that scoring 100 dev queries on 1,000 passages takes (random vectors,
384 wide, lengths as AfriQA's), packed as training does it, and padded to the longest passage.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

SYSTEMS = ("ours", "theirs")
SETTINGS = ("teacher in the loop", "cached")
WARM = 2


def main() -> None:
    parts = {"speed": speed, "processes": processes, "memory": memory, "kills": kills,
             "validation": validation, "one-speed": one, "one-memory": one_memory}  # fmt: skip
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=list(parts), metavar="|".join(list(parts)[:5]))
    parser.add_argument("--model", default="bert-base-multilingual-cased")
    parser.add_argument("--bitext", type=Path, help="source, target, tab-separated")
    parser.add_argument("--length", type=int, default=64, help="tokens of a sentence at most")
    parser.add_argument("--batch", type=int, default=32, help="pairs in a batch")
    parser.add_argument("--steps", type=int, default=12, help="steps that are timed")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="float32")
    parser.add_argument("--objective", default="ot", help="of ours")
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=13, help="of the moments of kills")
    parser.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    parser.add_argument("--cached", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    parts[args.part](args)


# -- speed -----------------------------------------------------------------------------------------


def speed(args: argparse.Namespace) -> None:
    """Run all four combinations in turn and print their medians."""
    found: dict[tuple[str, str], list[dict]] = {}
    for _ in range(args.repeats):
        for setting in SETTINGS:
            for system in SYSTEMS:
                run = measured(args, system, cached=setting == "cached")
                found.setdefault((setting, system), []).append(run)
                print(f"# {setting}, {system}: {run['pairs_per_second']:.2f}", file=sys.stderr)
    print("setting\tours, pairs/s\ttheirs, pairs/s\tratio")
    rates = {k: statistics.median(r["pairs_per_second"] for r in v) for k, v in found.items()}
    for setting in SETTINGS:
        ours, theirs = (rates[setting, system] for system in SYSTEMS)
        print(f"{setting}\t{ours:.2f}\t{theirs:.2f}\t{ours / theirs:.2f}")
    tokens = found["cached", "ours"][0]
    allowed = (tokens["teacher"] + 3 * tokens["student"]) / (3 * tokens["student"])
    gained = rates["cached", "ours"] / rates[SETTINGS[0], "ours"]
    print(f"cached against in the loop: {gained:.3f}; token counts allow {allowed:.3f}"
          f" ({100 * gained / allowed:.0f}%)")  # fmt: skip


def measured(args: argparse.Namespace, system: str, *, cached: bool) -> dict:
    """One run in a process of its own."""
    command = [
        sys.executable, __file__, "one-speed", "--model", args.model, "--bitext", str(args.bitext),
        "--length", str(args.length), "--batch", str(args.batch), "--steps", str(args.steps),
        "--dtype", args.dtype, "--objective", args.objective, "--system", system,
    ]  # fmt: skip
    done = subprocess.run([*command, *(["--cached"] if cached else [])], capture_output=True,
                          text=True, check=False)  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def one(args: argparse.Namespace) -> None:
    """Time one system and print what was found as JSON."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        source, loop = our_loop(args, Path(folder))
        batches = list(islice(source.epoch(0), WARM + args.steps))
        found = (ours if args.system == "ours" else theirs)(args, source, loop, batches)
    print(json.dumps(found))


def our_loop(args: argparse.Namespace, folder: Path):
    """Our source of batches and our step on it, set up as the command does."""
    from optical_cli.encoders import load
    from optical_cli.encoders.attention import train_on_cpu_in_bfloat16
    from optical_cli.settings import ComputeSettings
    from optical_cli.training.distillation.pair_data import PairData
    from optical_cli.training.distillation.step import DistillationStep
    from optical_cli.training.loop.descent import Descent
    from optical_cli.training.loop.engine import make_accelerator
    from optical_cli.training.loop.optimizer import make_optimizer
    from optical_cli.training.objectives import make_objective
    from optical_cli.training.settings import BatchSettings, DistillSettings, ScheduleSettings
    from optical_cli.training.students.start import Start
    from optical_cli.transport import TransportSettings

    accelerator = make_accelerator(ComputeSettings(device="cpu", dtype=args.dtype))
    teacher = load(args.model).requires_grad_(False)
    student = Start("teacher").student(teacher)
    what = DistillSettings(
        teacher=args.model, bitext=(str(args.bitext),), pair_length=args.length,
        limit=(WARM + args.steps) * args.batch,
        cache_teacher=folder if args.cached and args.system == "ours" else None,
    )  # fmt: skip
    data = PairData(what, teacher, student, folder, accelerator)
    source = data.source(BatchSettings(batch_size=args.batch), 13, args.dtype)
    if args.dtype == "bfloat16":
        train_on_cpu_in_bfloat16(student.backbone)
    objective = make_objective(args.objective, TransportSettings(), temperature=0.05)
    step = DistillationStep(student, objective, None if source.store.vectors else teacher)
    descent = Descent(
        step, source, make_optimizer(student, ScheduleSettings()), accelerator,
        accumulate=1, max_grad_norm=1.0, seed=13,
    )  # fmt: skip
    return source, descent


def ours(args, source, descent, batches) -> dict:
    """Our loop over `batches`."""
    for number, rows in enumerate(batches):
        if number == WARM:
            started = time.process_time()
        descent(rows, number, 0.5, 2e-5)
    seconds = time.process_time() - started
    timed = [source.load(rows) for rows in batches[WARM:]]
    return rate(batches, seconds) | {
        "teacher": sum(int(batch.source.attention_mask.sum()) for batch in timed),
        "student": sum(batch.tokens() for batch in timed),
    }


def theirs(args, source, descent, batches) -> dict:
    """sentence-transformers' trainer over the same pairs in the same batches."""
    import torch
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        models,
    )
    from sentence_transformers.losses import MSELoss
    from torch.utils.data import BatchSampler, SequentialSampler
    from transformers import TrainerCallback

    def model() -> SentenceTransformer:
        body = models.Transformer(args.model, max_seq_length=args.length)
        pooling = models.Pooling(body.get_word_embedding_dimension(), "mean")
        return SentenceTransformer(modules=[body, pooling], device="cpu")

    student, teacher = model(), model().eval()
    pairs = [pair for bitext in source.bitexts for pair in bitext.pairs()]
    rows = [pairs[row] for batch in batches for row in batch]
    columns = {"target": [pair.target for pair in rows]}
    english = [pair.source for pair in rows]
    if args.cached:
        columns["label"] = teacher.encode(english, batch_size=args.batch).tolist()
        loss = MSELoss(student)
    else:
        columns["source"] = english

        class TeacherInTheLoop(MSELoss):
            """The source column goes through the teacher, the target column through the student."""

            def forward(self, sentence_features, labels):
                target, original = sentence_features
                with torch.no_grad():
                    label = teacher(original)["sentence_embedding"]
                return super().forward([target], label)

        loss = TeacherInTheLoop(student)

    class Watch(TrainerCallback):
        started = ended = 0.0

        def on_step_begin(self, arguments, state, control, **more):
            if state.global_step == WARM:
                self.started = time.process_time()

        def on_step_end(self, arguments, state, control, **more):
            self.ended = time.process_time()

    class InOurOrder(SentenceTransformerTrainer):
        def get_batch_sampler(self, dataset, batch_size, drop_last, **more):
            return BatchSampler(SequentialSampler(dataset), batch_size, drop_last)

    watch = Watch()
    arguments = SentenceTransformerTrainingArguments(
        output_dir=tempfile.mkdtemp(), num_train_epochs=1, use_cpu=True, report_to=[],
        per_device_train_batch_size=args.batch, learning_rate=2e-5, save_strategy="no",
        bf16=args.dtype == "bfloat16", logging_strategy="no", disable_tqdm=True,
        optim="adamw_torch_fused",
    )  # fmt: skip
    trainer = InOurOrder(
        model=student, args=arguments, train_dataset=Dataset.from_dict(columns), loss=loss,
        callbacks=[watch],
    )  # fmt: skip
    trainer.train()
    return rate(batches, watch.ended - watch.started)


def rate(batches, seconds: float) -> dict:
    return {"pairs_per_second": sum(map(len, batches[WARM:])) / seconds}


# -- processes -------------------------------------------------------------------------------------


def processes(args: argparse.Namespace) -> None:
    """Train with one and with two processes in turn, compare curves and pairs per second."""
    print(f"# load average before: {os.getloadavg()[0]:.1f}", file=sys.stderr)
    rates: dict[int, list[float]] = {1: [], 2: []}
    spent: dict[int, list[float]] = {1: [], 2: []}
    curves: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(args.repeats):
            for ranks in rates:
                output = Path(folder) / f"{ranks}-{repeat}"
                trained_together(args, output, ranks)
                occasion = json.loads((output / "manifest.json").read_text())["occasion"]
                rates[ranks].append(occasion["rows_per_second"])
                spent[ranks].append(occasion["cpu_seconds_in_steps"])
                curves[ranks] = losses(output)
    apart = max(abs(a - b) / a for a, b in zip(curves[1], curves[2], strict=True))
    one, two = (statistics.median(rates[ranks]) for ranks in rates)
    print(f"loss curves of {len(curves[1])} steps: at most {apart:.1e} of the loss apart")
    print(f"pairs/s with one process {one:.2f}, with two {two:.2f}: ratio {two / one:.2f};"
          f" load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip
    alone, shared = (statistics.median(spent[ranks]) for ranks in spent)
    print(f"processor time in steps {alone:.1f} s alone, {shared:.1f} s of the first of two: ratio"
          f" {alone / shared:.2f}")  # fmt: skip


def trained_together(args: argparse.Namespace, output: Path, ranks: int) -> None:
    """Run `optical distill` in so many processes, as torchrun starts them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {"OMP_NUM_THREADS": "1", "WORLD_SIZE": str(ranks), "LOCAL_WORLD_SIZE": str(ranks),
              "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}  # fmt: skip
    command = [
        sys.executable, "-m", "optical_cli", "distill", "--teacher", args.model, "--bitext",
        str(args.bitext), "--pair-length", str(args.length), "--batch-size", str(args.batch),
        "--steps", str(args.steps), "--limit", str(args.batch * args.steps), "--log-every", "1",
        "--objective", args.objective, "--dtype", args.dtype, "--device", "cpu", "-q",
        "-o", str(output),
    ]  # fmt: skip
    started = [
        subprocess.Popen(command, env=os.environ | shared | {"RANK": str(r), "LOCAL_RANK": str(r)})
        for r in range(ranks)
    ]
    if any(process.wait() for process in started):
        sys.exit("a process has failed")


def losses(folder: Path) -> list[float]:
    records = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
    return [record["loss"] for record in records if "loss" in record]


# -- memory ----------------------------------------------------------------------------------------


def memory(args: argparse.Namespace) -> None:
    """Measure every number of pairs in a process of its own."""
    peaks = []
    for pairs in args.pairs:
        done = subprocess.run([sys.executable, __file__, "one-memory", "--pairs", str(pairs)],
                              stdout=subprocess.PIPE, text=True, check=True)  # fmt: skip
        peaks.append(float(done.stdout.splitlines()[-1]))
        print(f"{pairs:,} pairs: peak {peaks[-1]:,.0f} MiB", flush=True)
    print(f"the most over the least: {max(peaks) / min(peaks):.3f}")


def one_memory(args: argparse.Namespace) -> None:
    """Distil from many synthetic pairs for a few steps and print the peak in MiB."""
    from optical_cli.app import app

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The pairs are spread over the epoch, so a few steps read from everywhere.
        app(small_run(folder, args.pairs[0], "--steps", "200"), standalone_mode=False)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def small_run(folder: Path, pairs: int, *more: str) -> list[str]:
    """Arguments of a distillation by a tiny teacher from synthetic pairs, all made here."""
    from optical_cli.encoders import new_encoder, train_vocabulary

    bitext = folder / "bitext.tsv"
    with bitext.open("w") as stream:
        for number in range(pairs):
            stream.write(f"pair {number} of many pairs\tya {number} jozi nyingi\n")
    vocabulary = train_vocabulary(["pair of many pairs", "ya jozi nyingi", "0123456789"], 60)
    (folder / "model").mkdir()
    new_encoder(vocabulary, layers=1, hidden=32, max_length=64).save(folder / "model")
    return ["distill", "--teacher", str(folder / "model"), "--bitext", str(bitext),
            "--device", "cpu", "-q", "-o", str(folder / "student"), *more]  # fmt: skip


# -- kills -----------------------------------------------------------------------------------------


def kills(args: argparse.Namespace) -> None:
    """Kill and resume so many runs, and count those that end in other bytes."""
    import torch

    import optical_cli.training.distillation.run  # noqa: F401 - so that no forked run has to

    torch.set_num_threads(1)
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = small_run(
            folder, 400, "--steps", "60", "--batch-size", "8", "--dropout", "0.1", "--lr", "2e-3",
            "--dev", str(folder / "bitext.tsv"), "--dev-limit", "20", "--checkpoint-every", "4",
            "--validate-every", "15", "--resume",
        )  # fmt: skip
        output = folder / "student"
        started = time.monotonic()
        finish(command)
        longest = time.monotonic() - started
        whole, same, steps = digest(output), 0, []
        for number in range(args.kills):
            steps.append(killed(command, folder, lambda: chance.uniform(0, longest)))
            finish(command)
            same += digest(output) == whole
            print(f"# kill {number + 1}: {steps[-1]}", file=sys.stderr)
    print(f"{same} of {args.kills} runs that were killed and resumed end in the bytes of one that"
          f" never was; {sum('step' in step for step in steps)} of them had a checkpoint to"
          " resume from")  # fmt: skip


def killed(command: list[str], folder: Path, delay) -> str:
    """Start anew and kill at some moment; say what was left. A run that was faster is repeated."""
    import shutil

    while True:
        for left in (folder / "student", folder / ".student.partial"):
            shutil.rmtree(left, ignore_errors=True)
        child = forked(command)
        time.sleep(delay())
        os.kill(child, signal.SIGKILL)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
            kept = (folder / ".student.partial" / "checkpoints").glob("step-*")
            return ", ".join(sorted(path.name for path in kept)) or "nothing left"


def finish(command: list[str]) -> None:
    if os.waitstatus_to_exitcode(os.waitpid(forked(command), 0)[1]):
        sys.exit("a run has failed")


def forked(command: list[str]) -> int:
    """Run the command in a fork of this process, which has imported all and computed nothing."""
    child = os.fork()
    if child:
        return child
    from optical_cli.app import main as optical

    sys.argv = ["optical", *command]
    try:
        optical()
    except SystemExit as stop:
        os._exit(stop.code or 0)
    finally:
        os._exit(1)


def digest(folder: Path) -> str:
    """A hash of all files but the manifest's occasion."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if path == folder / "manifest.json":
            content = json.dumps(json.loads(content) | {"occasion": None}).encode()
        found.update(f"{path.relative_to(folder)}".encode() + content)
    return found.hexdigest()


# -- validation ------------------------------------------------------------------------------------


def validation(args: argparse.Namespace) -> None:
    """Score the same texts packed and padded, in turn, and print medians and the difference."""
    import numpy as np
    import torch

    from optical_cli.encoders import PackedVectors
    from optical_cli.encoders.packed_scoring import maxsim_packed

    chance = np.random.default_rng(args.seed)

    def texts(lengths) -> PackedVectors:
        vectors = chance.normal(size=(int(lengths.sum()), 384)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return PackedVectors(vectors, lengths, 0)

    passages = texts(np.clip(chance.normal(112, 35, size=1000), 22, 256).astype(np.int64))
    queries = texts(chance.integers(8, 20, size=100))
    device = torch.device("cpu")
    maxsim_packed(queries, passages, device)  # compiles
    spent: dict[str, list[float]] = {"packed": [], "padded": []}
    apart = None
    for _ in range(args.repeats):
        for name, score in (("packed", maxsim_packed), ("padded", maxsim_padded)):
            started = time.process_time()
            found = score(queries, passages, device)
            spent[name].append(time.process_time() - started)
            apart = found if name == "packed" else (found - apart).abs().max()
    packed, padded = (statistics.median(seconds) for seconds in spent.values())
    print(f"packed {packed:.2f} s, padded {padded:.2f} s: {padded / packed:.1f} times;"
          f" scores at most {apart:.1e} apart")  # fmt: skip


def maxsim_padded(queries, passages, device):
    """Eight queries and 256 passages at a time, all passages padded to the longest."""
    import torch

    from optical_cli.encoders import maxsim

    def padded(texts):
        rows = [torch.from_numpy(row) for row in texts.split()]
        vectors = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        return vectors, torch.arange(vectors.shape[1]) < torch.from_numpy(texts.lengths)[:, None]

    vectors, mask = padded(passages)
    blocks = list(zip(vectors.split(256), mask.split(256), strict=True))
    asked = zip(*(part.split(8) for part in padded(queries)), strict=True)
    rows = [torch.cat([maxsim(*query, *block) for block in blocks], 1) for query in asked]
    return torch.cat(rows)


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
