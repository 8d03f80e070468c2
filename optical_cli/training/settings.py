"""What `optical train-teacher` and `optical distill` are told; no torch here."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from optical_cli.bounds import COUNT, NOT_NEGATIVE, PART, POSITIVE
from optical_cli.errors import UsageError
from optical_cli.settings import ComputeSettings, batch_size, columns, limit, option

CADENCE = re.compile(r"(\d+)(m?)")


class Cadence(NamedTuple):
    """How often something happens: one of the two is None.

    Attributes:
        steps: Every so many optimizer steps.
        seconds: Every so many seconds.
    """

    steps: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """How long training takes and how fast it goes."""

    epochs: float = option(
        1.0,
        help="Passes over the data. Unless this is given distill reads pairs, where its new words"
        " start from a lexicon, so often that 12,000 are read, six times at most.",
        within=POSITIVE,
    )
    steps: int | None = option(
        None,
        help="Optimizer steps to take instead of --epochs; 0 writes what training would start"
        " from.",
        metavar="N",
        within=NOT_NEGATIVE,
    )
    lr: float = option(5e-5, help="Peak learning rate of AdamW.", within=POSITIVE)
    embedding_lr: float | None = option(
        None,
        help="Peak learning rate of the input embeddings, which then move only where a batch has"
        " their words (default: --lr; 3e-3 for a student whose new words start from a lexicon).",
        metavar="RATE",
        within=POSITIVE,
    )
    warmup: float = option(
        0.1,
        help="Share of the training in which the rate rises from 0; then it falls to 0.",
        within=PART,
    )
    weight_decay: float = option(
        0.01, help="AdamW's decay of matrices, not of biases and norms.", within=NOT_NEGATIVE
    )
    max_grad_norm: float = option(
        1.0, help="Clip the gradient's norm here; 0 does not clip.", within=NOT_NEGATIVE
    )
    dropout: float = option(0.0, help="Dropout of the trained encoder.", within=PART)


@dataclass(frozen=True, kw_only=True)
class BatchSettings:
    """How the data are cut into batches and these into what fits into memory."""

    batch_size: int = batch_size(32, "rows of the data, over all processes,")
    tokens_per_batch: int | None = option(
        None, help="Fill batches with so many padded tokens, over all processes, instead of"
        " --batch-size rows.", metavar="N", within=COUNT,
    )  # fmt: skip
    accumulate: int = option(
        1,
        help="Compute a batch in so many parts, one after the other, to need less memory.",
        within=COUNT,
    )
    checkpoint_gradients: bool = option(
        False, help="Recompute activations in the backward pass: slower, less memory."
    )
    compile: bool = option(False, help="Compile the encoder with torch.compile.")


@dataclass(frozen=True, kw_only=True)
class CheckpointSettings:
    """What is kept while training runs."""

    checkpoint_every: str = option(
        "10m", help="Steps (500) or minutes (10m) between checkpoints; SIGTERM writes one too.",
        metavar="N|Nm", occasion=True,
    )  # fmt: skip
    log_every: int = option(10, help="Steps between lines of metrics.jsonl.", within=COUNT)
    track: tuple[str, ...] = option(
        (), help="Also send metrics to tensorboard or wandb.", metavar="TRACKER", occasion=True
    )

    def __post_init__(self):
        self.cadence()

    def cadence(self) -> Cadence:
        """What `checkpoint_every` says.

        Raises:
            UsageError: It is neither steps nor minutes.
        """
        match = CADENCE.fullmatch(self.checkpoint_every)
        if not match or not int(match[1]):
            raise UsageError(
                f"--checkpoint-every {self.checkpoint_every}: expected steps (500) or minutes (10m)"
            )
        number = int(match[1])
        return Cadence(seconds=60.0 * number) if match[2] else Cadence(steps=number)


@dataclass(frozen=True, kw_only=True)
class ValidationSettings:
    """Which state of the model is kept, by judged queries that are not the test's."""

    dev_queries: Path | None = option(
        None,
        help="Queries to select on by AP, with --dev-qrels; without anything to select on the last"
        " weights are kept.",
        metavar="FILE",
    )
    dev_qrels: Path | None = option(
        None, help="Relevance judgements of --dev-queries.", metavar="FILE"
    )
    dev_collection: Path | None = option(
        None,
        help="Passages that are ranked to select (default: with --dev-queries --collection,"
        " if there is one; with distill --dev its sources and 1,000 of the bitext's).",
        metavar="FILE",
    )
    dev_passages: int = option(
        2000,
        help="How many of them are ranked for --dev-queries: all relevant ones, and others drawn.",
        metavar="N",
        within=COUNT,
    )
    dev_limit: int = option(300, help="Dev queries or pairs to use.", metavar="N", within=COUNT)
    validate_every: int | None = option(
        None,
        help="Steps between validations (default: ten in a run).",
        metavar="N",
        within=COUNT,
    )
    patience: int | None = option(
        None,
        help="Stop after so many validations without a better one.",
        metavar="N",
        within=COUNT,
    )

    def __post_init__(self):
        if (self.dev_queries is None) != (self.dev_qrels is None):
            raise UsageError("--dev-queries and --dev-qrels go together")


@dataclass(frozen=True, kw_only=True)
class SelectionSettings(ValidationSettings):
    """Which state of the student is kept, without looking at test queries."""

    dev: Path | None = option(
        None, help="Bitext (source, target) to select on by teacher agreement.", metavar="FILE"
    )
    dev_columns: str = option(
        "1,2", help="Columns of --dev that hold source and target, counted from 1.", metavar="N,N"
    )

    def __post_init__(self):
        super().__post_init__()
        if self.dev and self.dev_queries:
            raise UsageError("--dev and --dev-queries: select on one of them")


@dataclass(frozen=True, kw_only=True)
class DistillSettings:
    """What a student learns from, and how its distance from the teacher is measured."""

    teacher: str = option(
        help="Encoder whose view of the source side is learned: a folder or a hub name.",
        metavar="DIR",
    )
    bitext: tuple[str, ...] = option(
        help="Sentence pairs, tab-separated: source and target. Repeatable with a language each.",
        metavar="[LANG=]FILE",
    )
    columns: str = columns("1,2", "source and target")
    limit: int | None = limit("pairs of each bitext")
    lexicon: tuple[Path, ...] = option(
        (),
        help="Translation probabilities of `optical lexicon`: what new tokens start from; learned"
        " from the bitext, and kept with the student, where needed and left out. Repeatable.",
        metavar="FILE",
    )
    pair_length: int | None = option(
        None,
        help="Tokens of a sentence at most (default: what 95% of either side fit into).",
        metavar="N",
        within=COUNT,
    )
    expand: bool = option(
        False,
        help="Extend both sides with [MASK] to --pair-length, as the paper does; they have mass,"
        " by --marginals all, unless blocks are asked for.",
    )
    objective: str = option(
        "ot+cosine",
        help="What is minimised: ot (transport), mse, mse-hidden, cosine (pooled), greedy, chamfer,"
        " contrastive, contrastive-pooled, score-kl (on --passages), or weighted sums and a"
        " schedule: mse@0.3,ot=1+mse=0.3. Without this option it is ot where new words start from"
        " a lexicon.",
        metavar="NAME[=W]+...",
    )
    temperature: float = option(
        0.05,
        help="Temperature of the softmax in contrastive and score-kl, in units of cosine.",
        within=POSITIVE,
    )
    trust: str | None = option(
        None,
        help="Believe only this share of each batch, the pairs whose transport is cheapest; from"
        " all of them it falls over the first 0.3 of the training, or the share after @.",
        metavar="SHARE[@WARMUP]",
    )
    language_temperature: float = option(
        1.0,
        help="Draw languages in proportion to size ** (1 / this).",
        within=POSITIVE,
    )
    preset: Literal["paper"] | None = option(
        None,
        help="paper, as in the OPTICAL paper: --objective ot --expand --marginals all"
        " --student-vocab keep.",
    )
    cache_teacher: Path | None = option(
        None,
        help="Keep the teacher's vectors of the source side here, for this and other runs.",
        metavar="DIR", occasion=True,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ExamplesSettings:
    """What a teacher learns from."""

    triples: Path | None = option(
        None,
        help="Query, positive and negatives a line, tab-separated: texts, or ids with --queries"
        " and --collection.",
        metavar="FILE",
    )
    queries: Path | None = option(None, help="Queries by id.", metavar="FILE")
    collection: Path | None = option(None, help="Passages by id.", metavar="FILE")
    qrels: Path | None = option(
        None, help="Relevance judgements to learn from instead of triples.", metavar="FILE"
    )
    candidates: Path | None = option(
        None,
        help="TREC run, such as of BM25, whose best passages that do not answer a query are its"
        " negatives; with --qrels.",
        metavar="FILE",
    )
    negatives: int = option(1, help="How many of --candidates each example has.", within=COUNT)
    scores: Path | None = option(
        None,
        help="TREC run with a cross-encoder's score of every passage of every example, to distil"
        " from by KL divergence.",
        metavar="FILE",
    )
    exclude_overlap: tuple[Path, ...] = option(
        (),
        help="Queries or a collection that must stay unseen: examples that share text with them"
        " are left out. Repeatable.",
        metavar="FILE",
    )
    limit: int | None = limit("examples")

    def __post_init__(self):
        ids = self.queries, self.collection
        if (self.triples is None) == (self.qrels is None):
            raise UsageError("give --triples, or --queries, --collection and --qrels")
        if any(ids) != all(ids) or (self.qrels and not all(ids)):
            raise UsageError("--queries and --collection go together")
        if self.scores and not all(ids):
            raise UsageError("--scores needs examples by id: --queries and --collection")
        if self.candidates and not self.qrels:
            raise UsageError("--candidates goes with --qrels; triples have their negatives")


@dataclass(frozen=True, kw_only=True)
class TeacherSettings:
    """The encoder that becomes a teacher."""

    model: str = option(help="Encoder to start from: a folder or a hub name.", metavar="NAME|DIR")
    dim: int = option(128, help="Width of the token vectors that a new head gives.", within=COUNT)
    query_length: int = option(
        32, help="Tokens of a query; shorter ones end in [MASK]s.", within=COUNT
    )
    passage_length: int = option(180, help="Tokens of a passage at most.", within=COUNT)
    plain: bool = option(False, help="Train the encoder as it is: no head, no markers, no [MASK]s.")
    temperature: float = option(
        1.0,
        help="Temperature of the softmax over MaxSim scores. An encoder that ranks well already"
        " wants a lower one, such as 0.2: at 1 it goes on learning from passages that it tells"
        " apart.",
        within=POSITIVE,
    )


@dataclass(frozen=True)
class TrainingSettings:
    """What is the same for every training command.

    Attributes:
        schedule: How long and how fast.
        batches: Rows of a step, and how they fit.
        keeping: Logs and checkpoints.
        selecting: What is kept.
        compute: Device and precision.
        seed: Of everything random.
    """

    schedule: ScheduleSettings
    batches: BatchSettings
    keeping: CheckpointSettings
    selecting: ValidationSettings
    compute: ComputeSettings
    seed: int
