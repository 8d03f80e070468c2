"""What a teacher learns from: a query, a passage that answers it, and others that do not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from optical_cli.errors import InputError
from optical_cli.formats.collection import resolve
from optical_cli.formats.tables import FAULTS_KEPT, read_table
from optical_cli.formats.trec import Run, read_qrels, read_run
from optical_cli.seeds import generator
from optical_cli.training.settings import ExamplesSettings

# Negatives are drawn from so many of a run's best passages.
DEPTH = 50


@dataclass(frozen=True)
class ExampleFiles:
    """Where examples come from.

    Attributes:
        what: The files, and how many examples of them.
        seed: Of the choice among ``what.candidates``.
    """

    what: ExamplesSettings
    seed: int = 13

    @property
    def by_id(self) -> bool:
        """Whether examples are ids."""
        return self.what.queries is not None

    @property
    def main(self) -> Path:
        """The file whose lines are the examples."""
        return self.what.triples or self.what.qrels

    @property
    def paths(self) -> list[Path]:
        """All files, those that are in use."""
        folders = [(self.what.queries, "queries"), (self.what.collection, "corpus")]
        found = [resolve(path, beir) for path, beir in folders if path is not None]
        plain = (self.what.triples, self.what.qrels, self.what.candidates, self.what.scores)
        return [Path(path) for path in (*plain, *found) if path is not None]

    def texts(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and texts (query, positive, negatives) of each example.

        Raises:
            InputError: A file is missing, empty or malformed, lines differ in their number of
                fields, or a text is blank.
        """
        faults: list[str] = []
        for number, fields in islice(self._rows(), self.what.limit):
            if all(field.strip() for field in fields):
                yield number, fields
                continue
            faults.append(f"{self.what.triples}:{number}: a text is blank")
            if len(faults) >= FAULTS_KEPT:
                break
        if faults:
            raise InputError.gather(faults)

    def ids(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and ids of each example; one for each relevant passage of qrels."""
        rows = self._rows() if self.what.triples else enumerate(self._judged(), start=1)
        return islice(rows, self.what.limit)

    def score_table(self) -> Run:
        """The cross-encoder's scores, ``query_id -> doc_id -> score``; empty without `scores`."""
        return read_run(self.what.scores) if self.what.scores else {}

    def _judged(self) -> Iterator[list[str]]:
        run = read_run(self.what.candidates) if self.what.candidates else {}
        for query, docs in read_qrels(self.what.qrels).items():
            relevant = [doc for doc, grade in docs.items() if grade > 0]
            for positive in relevant:
                yield [query, positive, *self._drawn(query, positive, set(relevant), run)]

    def _drawn(self, query: str, positive: str, relevant: set[str], run: Run) -> list[str]:
        if not self.what.candidates:
            return []
        ranked = sorted(run.get(query, {}).items(), key=lambda entry: -entry[1])
        wrong = [doc for doc, _ in ranked if doc not in relevant][:DEPTH]
        if len(wrong) < self.what.negatives:
            raise InputError(
                f"ranks {len(wrong)} passages for query {query} that do not answer it,"
                f" fewer than --negatives {self.what.negatives}",
                where=self.what.candidates,
            )
        chance = generator(self.seed, "negatives", query, positive)
        return [wrong[i] for i in chance.choice(len(wrong), self.what.negatives, replace=False)]

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        _, first = next(read_table(self.what.triples, at_least=2))
        return read_table(self.what.triples, fields=len(first))
