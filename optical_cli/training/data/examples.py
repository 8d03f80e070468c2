"""What a teacher learns from: a query, a passage that answers it, and others that do not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.collection import resolve
from optical_cli.formats.tables import FAULTS_KEPT, read_table
from optical_cli.formats.trec import Run, read_qrels, read_run
from optical_cli.seeds import generator

# Negatives are drawn from so many of a run's best passages.
DEPTH = 50


@dataclass(frozen=True)
class ExampleFiles:
    """Where examples come from.

    Attributes:
        triples: Query, positive, negatives a line, as texts, or as ids where there are `queries`.
        queries: Queries by id.
        collection: Passages by id.
        qrels: Which passages answer which query, instead of `triples`.
        candidates: A run of whose passages that do not answer the query some are negatives.
        negatives: How many of these an example has.
        scores: A run with a cross-encoder's score of each passage of each example.
        limit: Read only so many examples.
        seed: Of the choice among `candidates`.
    """

    triples: Path | None = None
    queries: Path | None = None
    collection: Path | None = None
    qrels: Path | None = None
    candidates: Path | None = None
    negatives: int = 1
    scores: Path | None = None
    limit: int | None = None
    seed: int = 13

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

    @property
    def by_id(self) -> bool:
        """Whether examples are ids."""
        return self.queries is not None

    @property
    def main(self) -> Path:
        """The file whose lines are the examples."""
        return self.triples or self.qrels

    @property
    def paths(self) -> list[Path]:
        """All files, those that are in use."""
        folders = [(self.queries, "queries"), (self.collection, "corpus")]
        found = [resolve(path, beir) for path, beir in folders if path is not None]
        plain = (self.triples, self.qrels, self.candidates, self.scores)
        return [Path(path) for path in (*plain, *found) if path is not None]

    def texts(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and texts (query, positive, negatives) of each example.

        Raises:
            InputError: A file is missing, empty or malformed, lines differ in their number of
                fields, or a text is blank.
        """
        faults: list[str] = []
        for number, fields in islice(self._rows(), self.limit):
            if all(field.strip() for field in fields):
                yield number, fields
                continue
            faults.append(f"{self.triples}:{number}: a text is blank")
            if len(faults) >= FAULTS_KEPT:
                break
        if faults:
            raise InputError.gather(faults)

    def ids(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and ids of each example; one for each relevant passage of qrels."""
        rows = self._rows() if self.triples else enumerate(self._judged(), start=1)
        return islice(rows, self.limit)

    def score_table(self) -> Run:
        """The cross-encoder's scores, ``query_id -> doc_id -> score``; empty without `scores`."""
        return read_run(self.scores) if self.scores else {}

    def _judged(self) -> Iterator[list[str]]:
        run = read_run(self.candidates) if self.candidates else {}
        for query, docs in read_qrels(self.qrels).items():
            relevant = [doc for doc, grade in docs.items() if grade > 0]
            for positive in relevant:
                yield [query, positive, *self._drawn(query, positive, set(relevant), run)]

    def _drawn(self, query: str, positive: str, relevant: set[str], run: Run) -> list[str]:
        if not self.candidates:
            return []
        ranked = sorted(run.get(query, {}).items(), key=lambda entry: -entry[1])
        wrong = [doc for doc, _ in ranked if doc not in relevant][:DEPTH]
        if len(wrong) < self.negatives:
            raise InputError(
                f"ranks {len(wrong)} passages for query {query} that do not answer it,"
                f" fewer than --negatives {self.negatives}",
                where=self.candidates,
            )
        chance = generator(self.seed, "negatives", query, positive)
        return [wrong[i] for i in chance.choice(len(wrong), self.negatives, replace=False)]

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        _, first = next(read_table(self.triples, at_least=2))
        return read_table(self.triples, fields=len(first))
