"""AfriQA: questions that people asked in African languages, with the passage that answers.

JSON lines. ``gold_span_passages.afriqa.LANG.PIVOT.SPLIT.json`` has ``id``, ``question_lang``,
``question_translated`` (by a person, into the pivot: English or French), ``title`` and ``context``,
the gold passage; ``queries.afriqa.LANG.PIVOT.SPLIT.json`` has ``question`` and
``translated_question`` of the same ids and of those without a passage. Documented in the README of
masakhane-io/afriqa. Some lines have null where there is no passage: they are left out and counted.

The English passages of all languages are one collection, so that a new language adds distractors.
"""

from collections.abc import Iterator

from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand
from optical_cli.importers.pins import github, pinned_paths
from optical_cli.importers.schema import Node, records
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer, one_line

# Fon and Wolof have French passages alone.
LANGUAGES = ("bem", "hau", "ibo", "kin", "swa", "twi", "yor", "zul")
SPLITS = ("train", "dev", "test")
REPOSITORY = "masakhane-io/afriqa"
GOLD = r"gold_span_passages\.afriqa\.(\w+)\.(\w+)\.(\w+)\.json"
ASKED = r"queries\.afriqa\.(\w+)\.(\w+)\.(\w+)\.json"
PIVOT = "en"


def _convert(source: Source, part: Part, out: Writer) -> None:
    gold = {key: m for key, m in source.matching(GOLD).items() if key[1] == PIVOT}
    asked = {key: m for key, m in source.matching(ASKED).items() if key[1] == PIVOT}
    here = list(dict.fromkeys(lang for lang, _, _ in (*gold, *asked)))
    langs = at_hand(part, part.languages(LANGUAGES), here, source.where)
    splits = part.chosen_splits(SPLITS)
    ids = _collection(source, gold, out)
    for (lang, _, split), member in sorted(gold.items()):
        if lang in langs and split in splits:
            _judged(source.use(member), f"{lang}.{split}", ids, out)
    for (lang, _, split), member in sorted(asked.items()):
        if lang in langs and split in splits:
            _questions(source.use(member), lang, split, out)


def _collection(
    source: Source, gold: dict[tuple[str, ...], Member], out: Writer
) -> dict[tuple[str, str], str]:
    """Write every passage once; give the ids by title and text."""
    ids: dict[tuple[str, str], str] = {}
    with out.titled("collection.tsv") as add:
        for _, member in sorted(gold.items()):
            for record in records(source.use(member)):
                key = _passage(record)
                if not key[1]:
                    out.left_out["collection.tsv: question without a passage"] += 1
                elif key not in ids:
                    ids[key] = f"a{len(ids):05d}"
                    add(ids[key], *key)
    return ids


def _passage(record: Node) -> tuple[str, str]:
    title, text = (record.text(k) if record.maybe(k) else "" for k in ("title", "context"))
    return one_line(title), one_line(text)


def _answerable(member: Member, ids: dict[tuple[str, str], str]) -> Iterator[tuple[str, Node]]:
    for record in records(member):
        if doc_id := ids.get(_passage(record)):
            yield doc_id, record


def _judged(member: Member, name: str, ids: dict[tuple[str, str], str], out: Writer) -> None:
    stem = name.replace(".", "-")
    with (
        out.texts(f"queries.{name}.tsv") as query,
        out.texts(f"queries.{name}.en-translated.tsv") as translation,
        out.qrels(f"qrels.{name}.txt") as judge,
    ):
        for doc_id, record in _answerable(member, ids):
            query_id = f"{stem}-{record.name('id')}"
            question = record.text("question_lang")
            # One question of the published files is a number that is none.
            if question != "nan" and query(query_id, question):
                translation(query_id, record.text("question_translated"))
                judge(query_id, doc_id, 1)


def _questions(member: Member, lang: str, split: str, out: Writer) -> None:
    with out.bitext(f"questions.en-{lang}.{split}.tsv") as add:
        for record in records(member):
            if record.maybe("question") and record.maybe("translated_question"):
                add(record.text("translated_question"), record.text("question"))


def _files(part: Part) -> list[RemoteFile]:
    langs = part.languages(LANGUAGES)
    wanted = (
        path for path in pinned_paths(REPOSITORY)
        if f".{PIVOT}." in path and ("/gold_passages/" in path or path.split("/")[-2] in langs)
    )  # fmt: skip
    return [github(REPOSITORY, path) for path in wanted]


SETS = (
    Dataset(
        "afriqa", "questions asked in African languages, English passages that answer them",
        LANGUAGES, "12,000 questions, 5,400 passages", "CC BY 4.0 (LICENSE)",
        f"https://github.com/{REPOSITORY}", _convert, ("lang", "split"), _files,
        notes=(
            "One gold passage a question; others may be relevant too.",
            "questions.en-LANG.SPLIT.tsv are questions with human translations, not bitext to train"
            " on where their split is tested.",
            "Fon and Wolof have French passages, which are not imported.",
        ),
    ),
)  # fmt: skip
