"""AP on dev queries with relevance judgements: a score for selection where there are any."""

import heapq
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch

from optical_cli.encoders.bulk import PackedVectors
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.packed_scoring import maxsim_packed
from optical_cli.errors import InputError, UsageError
from optical_cli.evaluation.measures import evaluate, parse_measures
from optical_cli.evaluation.ranks import rank_run
from optical_cli.formats.collection import Passage, load_queries, read_passages
from optical_cli.formats.trec import Qrels, Run, read_qrels
from optical_cli.seeds import derive
from optical_cli.training.settings import ValidationSettings
from optical_cli.training.validation.agreement import encode

log = logging.getLogger(__name__)

NAME = "AP"


@dataclass(frozen=True)
class DevQueries:
    """Queries that are judged, and what is ranked for them.

    Attributes:
        queries: Text by id.
        passages: Text by id; all that are relevant to a query are among them.
        qrels: Judgements of these queries.
    """

    queries: Mapping[str, str]
    passages: Mapping[str, str]
    qrels: Qrels


def require_collection(settings: ValidationSettings, collection: Path | None) -> None:
    """Refuse judged queries without passages, before any work.

    Raises:
        UsageError: Neither the settings nor `collection` say where they are.
    """
    if settings.dev_queries and not (settings.dev_collection or collection):
        raise UsageError("--dev-queries needs --dev-collection")


def read_dev_queries(
    settings: ValidationSettings, collection: Path | None, seed: int
) -> DevQueries:
    """What `settings` say is selected on.

    Args:
        settings: Files, which must be there, and how much of them.
        collection: Where the passages are if the settings do not say; see `require_collection`.
        seed: Of the choice among passages.

    Raises:
        InputError: A file is malformed, or no query has a relevant passage.
    """
    collection = settings.dev_collection or collection
    texts = load_queries(settings.dev_queries)
    qrels = read_qrels(settings.dev_qrels)
    answered = (q for q in qrels if q in texts and any(grade > 0 for grade in qrels[q].values()))
    chosen = list(islice(answered, settings.dev_limit))
    if not chosen:
        raise InputError(
            f"has a relevant passage for none of the {len(texts)} queries in"
            f" {settings.dev_queries}", where=settings.dev_qrels,
        )  # fmt: skip
    judged = {query: qrels[query] for query in chosen}
    passages = _passages(collection, judged, settings.dev_passages, seed)
    log.info("selecting by %s of %d queries on %d passages", NAME, len(chosen), len(passages))
    return DevQueries({query: texts[query] for query in chosen}, passages, judged)


def _passages(collection: Path, qrels: Qrels, count: int, seed: int) -> dict[str, str]:
    """The relevant passages, and of the others so many that there are `count`."""
    wanted = {doc for docs in qrels.values() for doc, grade in docs.items() if grade > 0}
    relevant: dict[str, str] = {}

    def others() -> Iterator[Passage]:
        for passage in read_passages(collection):
            if passage.doc_id in wanted:
                relevant[passage.doc_id] = passage.text
            else:
                yield passage

    drawn = heapq.nsmallest(count, others(), key=lambda p: (derive(seed, "dev", p.doc_id), p))
    if not relevant:
        raise InputError("holds no passage that is relevant to a dev query", where=collection)
    if missing := len(wanted) - len(relevant):
        log.warning("%s lacks %d of %d relevant passages", collection, missing, len(wanted))
    return relevant | {doc: text for doc, text in drawn[: max(count - len(relevant), 0)]}


class JudgedPrecision:
    """The mean AP of an encoder's rankings of the dev passages.

    Args:
        encoder: Whose queries are judged, as it is at each call.
        dev: Queries, passages and judgements.
        teacher: Encodes the passages, once; if None the encoder itself does, at every call.
        dtype: Precision of the backbones.
    """

    def __init__(
        self,
        encoder: LateInteractionEncoder,
        dev: DevQueries,
        *,
        teacher: LateInteractionEncoder | None = None,
        dtype: str = "auto",
    ):
        self.encoder, self.dev, self.dtype = encoder, dev, dtype
        self.measures = parse_measures([NAME])
        self.passages = self._encoded(teacher) if teacher else None

    @torch.no_grad()
    def __call__(self) -> float:
        """AP, from 0 to 1."""
        passages = self._encoded(self.encoder) if self.passages is None else self.passages
        texts = list(self.dev.queries.values())
        encoder = self.encoder.reading(texts)
        asked = encode(encoder, encoder.query_side(), texts, weigh=True, dtype=self.dtype)
        run = self._run(maxsim_packed(asked, passages, self.encoder.device).tolist())
        return evaluate(self.dev.qrels, rank_run(run, self.dev.qrels), self.measures).means[NAME]

    @torch.no_grad()
    def _encoded(self, encoder: LateInteractionEncoder) -> PackedVectors:
        texts = list(self.dev.passages.values())
        return encode(encoder, encoder.passage_side(), texts, dtype=self.dtype)

    def _run(self, found: list[list[float]]) -> Run:
        rows = zip(self.dev.queries, found, strict=True)
        return {query: dict(zip(self.dev.passages, row, strict=True)) for query, row in rows}
