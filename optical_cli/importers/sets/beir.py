"""BEIR folders: any retrieval set in that layout, or BEIR's own by name.

``corpus.jsonl`` (``_id``, ``title``, ``text``), ``queries.jsonl`` (``_id``, ``text``) and
``qrels/SPLIT.tsv`` (a header, then query-id, corpus-id, score). Documented in the wiki of
beir-cellar/beir, which also lists the names that its server has. `optical` reads such a folder as
it is; this makes judgements of it that every other tool reads, with a manifest. ``cqadupstack`` is
a folder of twelve such folders: ``beir:cqadupstack/android`` is one of them.
"""

import re
from pathlib import PurePosixPath

from optical_cli.errors import InputError, UsageError
from optical_cli.importers.dataset import Dataset, Part, RemoteFile
from optical_cli.importers.schema import records
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer

SERVER = "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets"
NAMES = (
    "arguana", "climate-fever", "cqadupstack", "dbpedia-entity", "fever", "fiqa", "hotpotqa",
    "msmarco", "nfcorpus", "nq", "quora", "scidocs", "scifact", "trec-covid", "webis-touche2020",
)  # fmt: skip
PAPER = "BEIR's paper (arXiv 2104.08663, appendix E) lists the licenses of the sets"
NONE_STATED = "its authors state none, says BEIR's paper (arXiv 2104.08663, appendix E)"
LICENSES = {
    "msmarco": "Microsoft's terms: research, not commercial",
    "nq": "CC BY-SA 3.0", "hotpotqa": "CC BY-SA 4.0",
    **dict.fromkeys(("nfcorpus", "fiqa", "quora", "climate-fever"), NONE_STATED),
}  # fmt: skip
HEADER = ["query-id", "corpus-id", "score"]


def _convert(source: Source, part: Part, out: Writer) -> None:
    out.terms.append(_terms(part))
    folder = _folder(source, part)
    files = source.matching(rf"{folder}(corpus|queries)\.jsonl")
    qrels = {split: m for (split,), m in source.matching(rf"{folder}qrels/(\w+)\.tsv").items()}
    missing = [name for name in ("corpus", "queries") if (name,) not in files]
    if missing or not qrels:
        lacking = ", ".join([f"{name}.jsonl" for name in missing] or ["qrels/*.tsv"])
        raise InputError(f"is no BEIR folder: no {lacking}", where=source.where)
    splits = part.chosen_splits(tuple(qrels))
    with out.titled("collection.tsv") as add:
        for record in records(source.use(files["corpus",])):
            title = record.text("title") if record.maybe("title") else ""
            add(record.name("_id"), title, record.text("text"))
    with out.texts("queries.tsv") as add:
        for record in records(source.use(files["queries",])):
            add(record.name("_id"), record.text("text"))
    for split in splits:
        _judgements(source.use(qrels[split]), f"qrels.{split}.txt", out)


def _terms(part: Part) -> str:
    name = part.selector.partition("/")[0]
    if not name:
        return f"Whose set this is, is not known here. {PAPER}."
    return f"License of {name}: {LICENSES.get(name, f'not known here. {PAPER}')}."


def _folder(source: Source, part: Part) -> str:
    """A pattern of the wanted set's folder where the copy has several; else of any.

    Raises:
        UsageError: The copy has several, and it is not said which.
    """
    paths = (PurePosixPath(name) for name in source.members)
    names = sorted(path.parent.name for path in paths if path.name == "corpus.jsonl")
    wanted = PurePosixPath(part.selector)
    if not names or (len(names) == 1 and (names == [""] or len(wanted.parts) < 2)):
        return ""
    if wanted.name not in names:
        example = wanted.parts[0] if wanted.parts else "SET"
        listed = ", ".join(names)
        raise UsageError(f"{source.where} holds {listed}: say which, as beir:{example}/{names[0]}")
    return f"{re.escape(wanted.name)}/"


def _judgements(member: Member, name: str, out: Writer) -> None:
    with out.qrels(name) as add:
        for number, row in member.rows(3):
            if number == 1 and row == HEADER:
                continue
            if not row[2].lstrip("-").isdigit():
                where = f"{member.where}:{number}"
                raise InputError(f"score {row[2]!r} is not a whole number", where=where)
            add(row[0], row[1], int(row[2]))


def _files(part: Part) -> list[RemoteFile]:
    name = f"{part.selector.partition('/')[0]}.zip"
    return [RemoteFile(name, f"{SERVER}/{name}")]


def _known(part: Part) -> str:
    return f"BEIR gives {', '.join(NAMES)}, and a few more that its wiki lists"


SETS = (
    Dataset(
        "beir", "a BEIR folder of yours (--from), or one of BEIR's sets", (), "depends",
        "each set has its own: see BEIR's wiki", "https://github.com/beir-cellar/beir/wiki",
        _convert, ("split",), _files, _known, selector="SET",
        notes=("Parts of the sets that BEIR collects are for research only.",),
    ),
)  # fmt: skip
