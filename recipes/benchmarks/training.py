"""Measure `optical distill` against sentence-transformers' multilingual distillation.

    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py speed --model DIR --bitext FILE
    OMP_NUM_THREADS=1 python recipes/benchmarks/training.py memory --pairs 1000000

`speed`: pairs per second of one optimizer loop, one thread, the same model, pairs, batches, lengths
and dtype on both sides. Ours solves a transport problem for each pair (the default objective);
theirs is its own trainer with the pooled MSE loss on the foreign column alone. With the teacher in
the loop, and with the teacher's output cached. Every run is a process of its own, ours and theirs
in turn; the table has medians and the ratio. The last line compares our cached run with what token
counts allow, (T + 3 S) / 3 S for T teacher and S student tokens.

`memory`: the peak memory of a distillation from so many synthetic pairs: run it twice and compare.

Times are the process's CPU time: on a core of its own, the time of day.
"""

import argparse
import json
import os
import resource
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
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", choices=["speed", "one", "memory"])
    parser.add_argument("--model", default="bert-base-multilingual-cased")
    parser.add_argument("--bitext", type=Path, help="source, target, tab-separated")
    parser.add_argument("--length", type=int, default=64, help="tokens of a sentence at most")
    parser.add_argument("--batch", type=int, default=32, help="pairs in a batch")
    parser.add_argument("--steps", type=int, default=12, help="steps that are timed")
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="float32")
    parser.add_argument("--objective", default="ot", help="of ours")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="memory: synthetic pairs")
    parser.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    parser.add_argument("--cached", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    {"speed": speed, "one": one, "memory": memory}[args.part](args)


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
        sys.executable, __file__, "one", "--model", args.model, "--bitext", str(args.bitext),
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
    from optical_cli.settings import ComputeSettings
    from optical_cli.training.descent import Descent
    from optical_cli.training.distillation import DistillationStep
    from optical_cli.training.engine import make_accelerator
    from optical_cli.training.objectives import make_objective
    from optical_cli.training.optimizer import make_optimizer
    from optical_cli.training.pair_data import PairData
    from optical_cli.training.settings import BatchSettings, DistillSettings, ScheduleSettings
    from optical_cli.training.students import Start
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


# -- memory ----------------------------------------------------------------------------------------


def memory(args: argparse.Namespace) -> None:
    """Distil from many synthetic pairs for a few steps and print the peak."""
    from optical_cli.app import app
    from optical_cli.encoders import new_encoder, train_vocabulary

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bitext = folder / "bitext.tsv"
        with bitext.open("w") as stream:
            for number in range(args.pairs):
                stream.write(f"pair {number} of many pairs\tya {number} jozi nyingi\n")
        vocabulary = train_vocabulary(["pair of many pairs", "ya jozi nyingi", "0123456789"], 60)
        (folder / "model").mkdir()
        new_encoder(vocabulary, layers=1, hidden=32, max_length=64).save(folder / "model")
        # The pairs are spread over the epoch, so a few steps read from everywhere.
        app(
            ["distill", "--teacher", str(folder / "model"), "--bitext", str(bitext), "--steps",
             "200", "--device", "cpu", "-q", "-o", str(folder / "student")],
            standalone_mode=False,
        )  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{args.pairs:,} pairs: peak {peak:,.0f} MiB")


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
