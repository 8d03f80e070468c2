"""What a teacher learns from: a query, a passage that answers it, and others that do not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from optical_cli.errors import InputError, UsageError
from optical_cli.formats.collection import resolve
from optical_cli.formats.tables import FAULTS_KEPT, read_table
from optical_cli.formats.trec import read_qrels


@dataclass(frozen=True)
class ExampleFiles:
    """Where examples come from.

    Attributes:
        triples: Query, positive, negatives a line, as texts, or as ids where there are `queries`.
        queries: Queries by id.
        collection: Passages by id.
        qrels: Which passages answer which query, instead of `triples`.
        limit: Read only so many examples.
    """

    triples: Path | None = None
    queries: Path | None = None
    collection: Path | None = None
    qrels: Path | None = None
    limit: int | None = None

    def __post_init__(self):
        ids = self.queries, self.collection
        if (self.triples is None) == (self.qrels is None):
            raise UsageError("give --triples, or --queries, --collection and --qrels")
        if (any(ids) and not all(ids)) or (self.qrels and not all(ids)):
            raise UsageError("--queries and --collection go together")

    @property
    def by_id(self) -> bool:
        """Whether examples are ids."""
        return self.queries is not None

    @property
    def paths(self) -> list[Path]:
        """All files, those that are in use."""
        folders = [(self.queries, "queries"), (self.collection, "corpus")]
        found = [resolve(path, beir) for path, beir in folders if path is not None]
        return [Path(path) for path in (self.triples, self.qrels, *found) if path is not None]

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
        if self.triples is not None:
            yield from islice(self._rows(), self.limit)
            return
        judged = read_qrels(self.qrels).items()
        positive = ((q, doc) for q, docs in judged for doc, grade in docs.items() if grade > 0)
        for number, pair in enumerate(islice(positive, self.limit), start=1):
            yield number, list(pair)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        _, first = next(read_table(self.triples, at_least=2))
        return read_table(self.triples, fields=len(first))
