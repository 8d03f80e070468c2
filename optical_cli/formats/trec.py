"""TREC files: relevance judgements (qrels) and ranked output (runs).

Fields are separated by spaces or tabs, and no identifier holds either. A qrels line is
``query_id 0 doc_id relevance``, a run line ``query_id Q0 doc_id rank score tag``. The rank column
is not read: trec_eval orders by score, and so does everything here.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from optical_cli.errors import InputError
from optical_cli.formats.streams import raw_lines
from optical_cli.formats.tables import FAULTS_KEPT
from optical_cli.formats.trec_blocks import read_rankings
from optical_cli.formats.trec_lines import QRELS_FIELDS, fields_of, relevance_of

Qrels = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]


def read_qrels(path: Path | str) -> Qrels:
    """Read judgements as ``query_id -> doc_id -> relevance``, in the file's order.

    Raises:
        InputError: The file is empty, or up to ten malformed lines with their places: a wrong
            number of columns, a relevance that is no integer, a passage judged twice.
    """
    qrels: Qrels = {}
    faults: list[str] = []
    number = 0
    for number, raw in raw_lines(path):
        try:
            _add_judgement(qrels, fields_of(raw, QRELS_FIELDS, first=number == 1))
        except ValueError as fault:
            faults.append(f"{path}:{number}: {fault}")
            if len(faults) >= FAULTS_KEPT:
                break
    if faults:
        raise InputError.gather(faults)
    if number == 0:
        raise InputError("is empty", where=path)
    return qrels


def _add_judgement(qrels: Qrels, fields: list[bytes]) -> None:
    relevance = relevance_of(fields[3])
    query_id, doc_id = fields[0].decode(), fields[2].decode()
    judged = qrels.setdefault(query_id, {})
    if doc_id in judged:
        raise ValueError(f"query {query_id} has passage {doc_id} twice")
    judged[doc_id] = relevance


def read_run(path: Path | str) -> Run:
    """Read a run as ``query_id -> doc_id -> score``, in the file's order.

    Raises:
        InputError: As `read_rankings`.
    """
    return {
        ranking.query_id: {
            doc_id.decode(): score
            for doc_id, score in zip(ranking.doc_ids.tolist(), ranking.scores.tolist(), strict=True)
        }
        for ranking in read_rankings(path)
    }


def write_ranking(
    stream: BinaryIO, query_id: str, ranking: Iterable[tuple[str, float]], tag: str
) -> int:
    """Write one query's passages, best first, as run lines, and return how many.

    Nine significant digits give a float32 back exactly.
    """
    rank = 0
    for rank, (doc_id, score) in enumerate(ranking, start=1):
        stream.write(f"{query_id} Q0 {doc_id} {rank} {score:.9g} {tag}\n".encode())
    return rank
