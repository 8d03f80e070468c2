"""CIRAL: English questions, passages of African news.

Topics ``topics.ciral-v1.0-LANG-SPLIT.tsv`` (qid, question), judgements
``qrels.ciral-v1.0-LANG-SPLIT.tsv`` (TREC), passages ``LANGUAGE_passages.jsonl`` (``docid``,
``title``, ``text``, ``url``); splits dev, test-a (also as deeper test-a-pools) and test-b.
Documented in the README of ciralproject/ciral and on its two Hugging Face pages.
"""

from optical_cli.errors import InputError
from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand
from optical_cli.importers.schema import records
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer

NAMES = {"ha": "hausa", "so": "somali", "sw": "swahili", "yo": "yoruba"}
SPLITS = ("dev", "test-a", "test-a-pools", "test-b")
HUB = "https://huggingface.co/datasets/CIRAL"


def _convert(source: Source, part: Part, out: Writer) -> None:
    known = tuple(NAMES)
    topics = source.matching(r"topics\.ciral-v1\.0-(\w\w)-([\w-]+)\.tsv")
    qrels = source.matching(r"qrels\.ciral-v1\.0-(\w\w)-([\w-]+)\.tsv")
    passages = source.matching(r"(\w+)_passages\.jsonl")
    langs = at_hand(part, part.languages(known), [lang for lang, _ in topics], source.where)
    for lang in langs:
        if member := passages.get((NAMES[lang],)):
            with out.titled(f"collection.{lang}.tsv") as add:
                for record in records(source.use(member)):
                    title = record.text("title") if record.maybe("title") else ""
                    add(record.name("docid"), title, record.text("text"))
        for split in part.chosen_splits(SPLITS):
            if member := topics.get((lang, split)):
                with out.texts(f"queries.en-for-{lang}.{split}.tsv") as add:
                    for _, (query_id, text) in source.use(member).rows(2):
                        add(query_id, text)
            if member := qrels.get((lang, split)):
                _judgements(source, member, f"qrels.{lang}.{split}.txt", out)


def _judgements(source: Source, member: Member, name: str, out: Writer) -> None:
    with out.qrels(name) as add:
        for number, line in source.use(member).lines():
            fields = line.split()
            if len(fields) != 4 or not fields[3].lstrip("-").isdigit():
                where = f"{member.where}:{number}"
                raise InputError("expected qid, Q0, docid and a whole relevance", where=where)
            add(fields[0], fields[2], int(fields[3]))


def _files(part: Part) -> list[RemoteFile]:
    files = []
    for lang in part.languages(tuple(NAMES)):
        folder = f"{HUB}/ciral/resolve/main/ciral-{NAMES[lang]}"
        for split in part.chosen_splits(SPLITS):
            for kind in ("topics", "qrels"):
                if (kind, split) != ("topics", "test-a-pools"):
                    name = f"{kind}.ciral-v1.0-{lang}-{split}.tsv"
                    files.append(RemoteFile(name, f"{folder}/{kind}/{name}"))
        name = f"{NAMES[lang]}_passages.jsonl"
        files.append(RemoteFile(name, f"{HUB}/ciral-corpus/resolve/main/passages-v1.0/{name}"))
    return files


SETS = (
    Dataset(
        "ciral", "English questions, passages of news in four African languages", tuple(NAMES),
        "1,550 questions, 2,500,000 passages", "Apache 2.0 (data set cards); news texts",
        "https://github.com/ciralproject/ciral", _convert, ("lang", "split"), _files,
        notes=("queries.en-for-LANG.SPLIT.tsv: the questions are English, the passages are not.",),
    ),
)  # fmt: skip
