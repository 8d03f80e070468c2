"""MKQA: ten thousand questions, parallel in 26 languages, without passages.

JSON lines (``mkqa.jsonl.gz``): ``example_id``, ``queries`` (language to question), ``answers``.
Documented in the README of apple/ml-mkqa. For retrieval it wants a collection of one's own, such as
Natural Questions' Wikipedia.
"""

from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand
from optical_cli.importers.schema import records
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer

COMMIT = "https://raw.githubusercontent.com/apple/ml-mkqa/651b8cc85c407270b024157aff06ee6ab8c4fc6d"
LANGUAGES = (
    "ar", "da", "de", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "km", "ko", "ms", "nl", "no",
    "pl", "pt", "ru", "sv", "th", "tr", "vi", "zh_cn", "zh_hk", "zh_tw",
)  # fmt: skip


def _convert(source: Source, part: Part, out: Writer) -> None:
    found = source.matching(r"(mkqa)\.jsonl")
    langs = at_hand(part, part.languages(LANGUAGES), LANGUAGES if found else (), source.where)
    member = source.use(found["mkqa",])
    for lang in langs:
        with out.texts(f"queries.{lang}.tsv") as add:
            for record in records(member):
                add(record.name("example_id"), record.get("queries").text(lang))


def _files(part: Part) -> list[RemoteFile]:
    return [RemoteFile("mkqa.jsonl.gz", f"{COMMIT}/dataset/mkqa.jsonl.gz")]


SETS = (
    Dataset(
        "mkqa", "questions of Natural Questions, parallel in 26 languages, without passages",
        LANGUAGES, "10,000 questions", "CC BY-SA 3.0 (README)",
        "https://github.com/apple/ml-mkqa", _convert, ("lang",), _files,
    ),
)  # fmt: skip
