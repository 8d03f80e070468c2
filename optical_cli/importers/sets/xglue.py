"""XGLUE's three search tasks: web pages (WPR), advertisements (QADSM), answers (QAM).

Tab-separated files without a header, one judged pair a line. Documented in Data_Format.txt of
microsoft/XGLUE:

- ``xglue.wpr.LANG.(train|dev|test)``: query, title, snippet, label from 0 to 4 or its word;
- ``xglue.qadsm.LANG.(train|dev|test)``: query, title, description, Good or Bad;
- ``xglue.qam.LANG.(train|dev|test)``: question, passage, 1 or 0.

Test files of before 2020-11-26, when the publishers released their labels, lack the last field:
they cannot be scored, and are not imported.

A query's candidates are consecutive lines. They become passages of their own, judged for that query
alone: a run over them has to be cut to the judged ones before XGLUE's measures mean what they mean.
"""

from collections.abc import Iterator
from itertools import islice

from optical_cli.errors import InputError
from optical_cli.importers.dataset import Dataset, Part, at_hand
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer, one_line

LANGUAGES = {"wpr": ("de", "en", "es", "fr", "it", "pt", "zh"), "qadsm": ("de", "en", "fr"),
             "qam": ("de", "en", "fr")}  # fmt: skip
WORDS = {"perfect": 4, "excellent": 3, "good": 2, "fair": 1, "bad": 0}
LABELS = {
    "wpr": WORDS | {str(value): value for value in WORDS.values()},
    "qadsm": {"good": 1, "bad": 0, "1": 1, "0": 0},
    "qam": {"1": 1, "0": 0},
}
AGREE = "https://microsoft.github.io/XGLUE/"


def _fields(task: str) -> int:
    return 3 if task == "qam" else 4


def _labelled(member: Member, task: str) -> bool:
    """Whether the first line has as many fields as one with a label."""
    return all(len(line.split("\t")) == _fields(task) for _, line in islice(member.lines(), 1))


def _judged(member: Member, task: str) -> Iterator[tuple[str, str, int]]:
    """Query, passage and grade of each line."""
    for number, row in member.rows(_fields(task)):
        grade = LABELS[task].get(row[-1].strip().lower())
        if grade is None:
            raise InputError(
                f"label {row[-1]!r} is none of {', '.join(LABELS[task])}",
                where=f"{member.where}:{number}",
            )
        yield one_line(row[0]), " ".join(row[1:-1]), grade


def _convert(source: Source, part: Part, out: Writer, task: str) -> None:
    known = LANGUAGES[task]
    members = source.matching(rf"xglue\.{task}\.(\w+)\.(train|dev|test)")
    langs = at_hand(part, part.languages(known), [lang for lang, _ in members], source.where)
    for split in part.chosen_splits(("train", "dev", "test")):
        for lang in langs:
            member = members.get((lang, split))
            if member and (split != "test" or _scorable(member, task, part, out)):
                _one_file(source.use(member), task, f"{lang}.{split}", out)


def _scorable(member: Member, task: str, part: Part, out: Writer) -> bool:
    """Whether a test file has labels; one without them is left out, unless it was asked for.

    Raises:
        InputError: It was.
    """
    if _labelled(member, task):
        return True
    if part.splits:
        raise InputError(
            "has no labels: it is of before 2020-11-26, when they were released",
            where=member.where, hint=f"get your copy anew, at {AGREE}",
        )  # fmt: skip
    out.left_out[f"{member.name}: no labels"] = 1
    return False


def _one_file(member: Member, task: str, name: str, out: Writer) -> None:
    stem = f"{task}-{name.replace('.', '-')}"
    asked, last = -1, None
    with (
        out.texts(f"queries.{name}.tsv") as query,
        out.texts(f"collection.{name}.tsv") as passage,
        out.qrels(f"qrels.{name}.txt") as judge,
    ):
        for row, (question, text, grade) in enumerate(_judged(member, task)):
            if question != last:
                asked, last = asked + 1, question
                query(f"{stem}-q{asked:06d}", question)
            if passage(f"{stem}-d{row:06d}", text):
                judge(f"{stem}-q{asked:06d}", f"{stem}-d{row:06d}", grade)


def _set(task: str, what: str, size: str) -> Dataset:
    def convert(source: Source, part: Part, out: Writer) -> None:
        _convert(source, part, out, task)

    return Dataset(
        f"xglue-{task}", what, LANGUAGES[task], size,
        "Microsoft's terms: research, not commercial",
        "https://github.com/microsoft/XGLUE", convert, ("lang", "split"), agree=AGREE,
        notes=("Test files without labels are of before 2020-11-26 and are left out.",),
    )  # fmt: skip


SETS = (
    _set("wpr", "web pages graded for a query, five grades", "10,000 dev pairs a language"),
    _set("qadsm", "advertisements that fit a query, yes or no", "10,000 dev pairs a language"),
    _set("qam", "passages that answer a question, yes or no", "10,000 dev pairs a language"),
)
