"""XOR-TyDi QA: questions in seven languages whose answers stand in English Wikipedia.

JSON lines ``xor_SPLIT_retrieve_eng_span.jsonl`` (test: ``..._q_only``; dev and test were corrected,
``..._v1_1``): ``id``, ``question``, ``lang``, and where they are given ``answers``. There is no
passage collection: the task is over a Wikipedia dump. The gold paragraphs come as SQuAD files in
``tydi_xor_gp.zip`` (names that hold ``gp_squad_train`` or ``gp_squad_dev``); where a copy has them,
they become a collection with judgements. Documented in the README of AkariAsai/XORQA; the fields
are those that the loader xor_tydi_qa of huggingface/datasets reads.
"""

from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand
from optical_cli.importers.schema import Node, records
from optical_cli.importers.sets.squad import paragraphs
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer, one_line

LANGUAGES = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
SPLITS = ("train", "dev", "test")
TAILS = {"train": "", "dev": "_v1_1", "test": "_q_only_v1_1"}
BASE = "https://nlp.cs.washington.edu/xorqa/XORQA_site/data"


def _convert(source: Source, part: Part, out: Writer) -> None:
    members = source.matching(
        r"xor_(train|dev|test)_retrieve_eng_span(?:_q_only)?(?:_v1_1)?\.jsonl"
    )
    here = {split for (split,) in members}
    read = {
        split: [_checked(record) for record in records(source.use(members[split,]))]
        for split in part.chosen_splits(SPLITS) if split in here
    }  # fmt: skip
    spoken = [lang for rows in read.values() for _, lang, _ in rows]
    langs = at_hand(part, part.languages(LANGUAGES), spoken, source.where)
    for split, rows in read.items():
        for lang in langs:
            with out.texts(f"queries.{lang}.{split}.tsv") as add:
                for query_id, of, question in rows:
                    if of == lang:
                        add(query_id, question)
    _gold(source, out)


def _checked(record: Node) -> tuple[str, str, str]:
    return record.name("id"), record.text("lang"), record.text("question")


def _gold(source: Source, out: Writer) -> None:
    ids: dict[str, str] = {}
    files = source.matching(r"[\w.-]*gp_squad_(train|dev)[\w.-]*\.json")
    for (split,), member in files.items():
        with out.qrels(f"qrels.{split}.txt") as judge:
            for paragraph in paragraphs(source.use(member)):
                doc_id = ids.setdefault(one_line(paragraph.context), f"x{len(ids):06d}")
                for query_id, _ in paragraph.questions:
                    judge(query_id, doc_id, 1)
    with out.texts("collection.tsv") as add:
        for text, doc_id in ids.items():
            add(doc_id, text)


def _files(part: Part) -> list[RemoteFile]:
    files = []
    for split in part.chosen_splits(SPLITS):
        name = f"xor_{split}_retrieve_eng_span{TAILS[split]}.jsonl"
        files.append(RemoteFile(name, f"{BASE}/{name}"))
    return [*files, RemoteFile("tydi_xor_gp.zip", f"{BASE}/tydi_xor_gp.zip")]


SETS = (
    Dataset(
        "xor-tydi", "questions in seven languages, answered in English Wikipedia", LANGUAGES,
        "20,000 questions", "MIT (LICENSE)", "https://github.com/AkariAsai/XORQA",
        _convert, ("lang", "split"), _files,
        notes=(
            "The task's collection is the Wikipedia of 2019-02-01, which is not imported;"
            " collection.tsv has the gold paragraphs alone, so that finding them is easier.",
        ),
    ),
)  # fmt: skip
