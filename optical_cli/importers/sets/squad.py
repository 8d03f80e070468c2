"""SQuAD-format question answering as retrieval: XQuAD and MLQA.

A file is one object: ``data[] > paragraphs[] > {context, qas[] > {id, question, answers[] >
{text, answer_start}}}``, an article with an optional ``title``. Questions have the same id in
every language. A question's relevant passage is the paragraph that it was asked about.

XQuAD has one file a language, ``xquad.LANG.json``, with parallel paragraphs in one order: README
of google-deepmind/xquad. MLQA has one for each pair of languages in a zip,
``{split}-context-{LANG}-question-{LANG}.json`` (G-XLT): README of facebookresearch/MLQA. Both are
SQuAD v1.1: rajpurkar.github.io/SQuAD-explorer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from optical_cli.importers.dataset import ENGLISH, Dataset, Part, RemoteFile, at_hand
from optical_cli.importers.pins import github
from optical_cli.importers.schema import Node, document
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer, one_line

XQUAD = ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")
MLQA = ("ar", "de", "en", "es", "hi", "vi", "zh")
TRAIN_EVERY = 3


@dataclass(frozen=True)
class Paragraph:
    """A paragraph with its questions.

    Attributes:
        title: Of its article.
        context: Its text.
        questions: Id and text of each.
        node: Where it stands.
    """

    title: str
    context: str
    questions: list[tuple[str, str]]
    node: Node


def paragraphs(member: Member) -> Iterator[Paragraph]:
    """The paragraphs of a SQuAD file.

    Raises:
        InputError: It is of another schema; the path of the first odd field is told.
    """
    for article in document(member).items("data"):
        title = article.text("title") if article.maybe("title") else ""
        for node in article.items("paragraphs"):
            questions = [_question(qa) for qa in node.items("qas")]
            yield Paragraph(title, node.text("context"), questions, node)


def _question(node: Node) -> tuple[str, str]:
    for answer in node.items("answers"):
        answer.text("text"), answer.whole("answer_start")
    return node.name("id"), node.text("question")


def collection_name(lang: str) -> str:
    """The English collection is ``collection.tsv``, the teacher's; others name their language."""
    return "collection.tsv" if lang == ENGLISH else f"collection.{lang}.tsv"


def _xquad(source: Source, part: Part, out: Writer) -> None:
    members = {lang: m for (lang,), m in source.matching(r"xquad\.(\w+)\.json").items()}
    here = [lang for lang in XQUAD if lang in members]
    langs = at_hand(part, part.languages(XQUAD), here, source.where)
    passages = part.passage_languages(XQUAD, [ENGLISH])
    at_hand(part, passages, here, source.where)
    read = {lang: list(paragraphs(source.use(members[lang]))) for lang in {*langs, *passages}}
    for lang in passages:
        with out.texts(collection_name(lang)) as add:
            for place, paragraph in enumerate(read[lang]):
                add(f"p{place:03d}", paragraph.context)
    for lang in langs:
        _queries(f"queries.{lang}.tsv", read[lang], out)
    _judge_by_article(read[passages[0]], out)


def _queries(name: str, read: list[Paragraph], out: Writer) -> None:
    with out.texts(name) as add:
        for paragraph in read:
            for query_id, question in paragraph.questions:
                add(query_id, question)


def _judge_by_article(read: list[Paragraph], out: Writer) -> None:
    """Judgements, all and by a split of articles: every third title in sorted order is train."""
    titles = sorted({paragraph.title for paragraph in read})
    train = set(titles[::TRAIN_EVERY])
    with (
        out.qrels("qrels.txt") as every,
        out.qrels("qrels.train.txt") as of_train,
        out.qrels("qrels.test.txt") as of_test,
        out.rows("articles.tsv") as article,
    ):
        for place, paragraph in enumerate(read):
            article(f"p{place:03d}", paragraph.title)
            for query_id, _ in paragraph.questions:
                for add in (every, of_train if paragraph.title in train else of_test):
                    add(query_id, f"p{place:03d}", 1)


def _xquad_files(part: Part) -> list[RemoteFile]:
    langs = {*part.languages(XQUAD), *part.passage_languages(XQUAD, [ENGLISH])}
    return [github("google-deepmind/xquad", f"xquad.{lang}.json") for lang in sorted(langs)]


def _mlqa(source: Source, part: Part, out: Writer) -> None:
    files = source.matching(r"(dev|test)-context-(\w+)-question-(\w+)\.json")
    here = list(dict.fromkeys(context for _, context, _ in files))
    contexts = at_hand(part, part.passage_languages(MLQA, [ENGLISH]), here, source.where)
    langs = at_hand(part, part.languages(MLQA), [q for _, _, q in files], source.where)
    ids: dict[str, dict[str, str]] = {context: {} for context in contexts}
    questions: dict[tuple[str, str], dict[str, str]] = {}
    for split in part.chosen_splits(("dev", "test")):
        for context in contexts:
            # Every paragraph has questions in its own language, so that file numbers all of them.
            for lang in sorted({context, *langs}, key=lambda code: code != context):
                if member := files.get((split, context, lang)):
                    asked = _judged(source.use(member), split, context, lang, ids[context], out,
                                    write=lang in langs)  # fmt: skip
                    if lang in langs:
                        questions.setdefault((split, lang), {}).update(asked)
    for context, by_text in ids.items():
        with out.texts(collection_name(context)) as add:
            for text, doc_id in by_text.items():
                add(doc_id, text)
    for (split, lang), asked in questions.items():
        with out.texts(f"queries.{lang}.{split}.tsv") as add:
            for query_id, question in asked.items():
                add(query_id, question)


def _judged(
    member: Member, split: str, context: str, lang: str, ids: dict[str, str], out: Writer,
    *, write: bool,
) -> dict[str, str]:  # fmt: skip
    """Number the file's paragraphs in `ids`, write its judgements, and give its questions."""
    asked: dict[str, str] = {}
    with out.qrels(f"qrels.{context}-{lang}.{split}.txt") as add:
        for paragraph in paragraphs(member):
            text = one_line(paragraph.context)
            doc_id = ids.setdefault(text, f"{context}-{len(ids):05d}")
            for query_id, question in paragraph.questions:
                asked[query_id] = question
                if write:
                    add(query_id, doc_id, 1)
    return asked


def _mlqa_files(part: Part) -> list[RemoteFile]:
    return [RemoteFile("MLQA_V1.zip", "https://dl.fbaipublicfiles.com/MLQA/MLQA_V1.zip")]


SETS = (
    Dataset(
        "xquad", "parallel questions about English paragraphs, and their translations", XQUAD,
        "1,190 questions, 240 paragraphs",
        "CC BY-SA 4.0 (README)", "https://github.com/google-deepmind/xquad",
        _xquad, ("lang", "passage_lang"), _xquad_files,
        notes=("The split into train and test articles is ours: every third title is train.",),
    ),
    Dataset(
        "mlqa", "questions and paragraphs in seven languages, any against any (G-XLT)", MLQA,
        "46,000 questions", "CC BY-SA 3.0 (README)", "https://github.com/facebookresearch/MLQA",
        _mlqa, ("lang", "passage_lang", "split"), _mlqa_files,
        notes=("qrels.C-Q.SPLIT.txt judges questions in language Q against passages in C.",),
    ),
)  # fmt: skip
