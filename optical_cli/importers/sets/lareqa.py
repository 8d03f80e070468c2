"""LAReQA: retrieving the sentence that answers, from a pool in many languages.

XQuAD-R and MLQA-R are SQuAD files whose paragraphs also have ``sentence_breaks`` (pairs of first
and past-the-last character) and ``sentences``; ``LANG.json`` a language. A question's answer is the
sentence that holds its first answer's ``answer_start``, in every language that has the question.
Documented in the README of google-research-datasets/lareqa and in arXiv 2004.05484, section 3.1.
"""

from collections.abc import Iterator, Sequence

from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand
from optical_cli.importers.pins import LAREQA_WITH_MLQA, github
from optical_cli.importers.schema import Node
from optical_cli.importers.sets.squad import MLQA, XQUAD, paragraphs
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer

XQUAD_R = tuple(lang for lang in XQUAD if lang != "ro")
REPOSITORY = "google-research-datasets/lareqa"


def _sentences(node: Node) -> list[tuple[int, int, str]]:
    breaks, texts = node.items("sentence_breaks"), node.items("sentences")
    if len(breaks) != len(texts):
        raise node.fault(f"{len(breaks)} sentence_breaks for {len(texts)} sentences")
    found = []
    for bounds, text in zip(breaks, texts, strict=True):
        if not (isinstance(bounds.value, list) and len(bounds.value) == 2):
            raise bounds.fault("expected two numbers")
        if not isinstance(text.value, str):
            raise text.fault("expected text")
        found.append((*bounds.value, text.value))
    return found


def _answered(node: Node, sentences: Sequence[tuple[int, int, str]]) -> Iterator[tuple[str, int]]:
    """Each question's id with the place of its answer's sentence."""
    for qa in node.items("qas"):
        answers = qa.items("answers")
        if not answers:
            raise qa.fault("answers: is empty")
        start = answers[0].whole("answer_start")
        place = next((i for i, (_, end, _) in enumerate(sentences) if start < end), None)
        if place is None:
            raise answers[0].fault(f"answer_start: {start} is behind the last sentence")
        yield qa.name("id"), place


def _convert(source: Source, part: Part, out: Writer, known: Sequence[str], folder: str) -> None:
    """Write the pool of sentences, their languages, judgements and questions.

    A copy of the whole repository may hold both sets; a copy of the one folder need not name it.
    """
    found = source.matching(rf"{folder}/(\w\w)\.json") or source.matching(r"(\w\w)\.json")
    members = {lang: member for (lang,), member in found.items() if lang in known}
    here = [lang for lang in known if lang in members]
    langs = at_hand(part, part.languages(known), here, source.where)
    pool = at_hand(part, part.passage_languages(known, known), here, source.where)
    with (
        out.texts("collection.tsv") as passage,
        out.rows("doc-languages.tsv") as language,
        out.qrels("qrels.txt") as judge,
    ):
        for lang in pool:
            for number, paragraph in enumerate(paragraphs(source.use(members[lang]))):
                sentences = _sentences(paragraph.node)
                for place, (_, _, text) in enumerate(sentences):
                    doc_id = f"{lang}-p{number:04d}-s{place:02d}"
                    if passage(doc_id, text):
                        language(doc_id, lang)
                for query_id, place in _answered(paragraph.node, sentences):
                    judge(query_id, f"{lang}-p{number:04d}-s{place:02d}", 1)
    for lang in langs:
        with out.texts(f"queries.{lang}.tsv") as query:
            for paragraph in paragraphs(source.use(members[lang])):
                for query_id, question in paragraph.questions:
                    query(query_id, question)


def _xquad_r(source: Source, part: Part, out: Writer) -> None:
    _convert(source, part, out, XQUAD_R, "xquad-r")


def _mlqa_r(source: Source, part: Part, out: Writer) -> None:
    _convert(source, part, out, MLQA, "mlqa(?:-dev)?-r")


def _files(folder: str, known: Sequence[str], part: Part, commit: str | None) -> list[RemoteFile]:
    langs = {*part.languages(known), *part.passage_languages(known, known)}
    return [github(REPOSITORY, f"{folder}/{lang}.json", commit) for lang in sorted(langs)]


def _xquad_r_files(part: Part) -> list[RemoteFile]:
    return _files("xquad-r", XQUAD_R, part, None)


def _mlqa_r_files(part: Part) -> list[RemoteFile]:
    return _files("mlqa-r", MLQA, part, LAREQA_WITH_MLQA)


NOTE = (
    "The pool has every language; --passage-lang makes it smaller. doc-languages.tsv is what"
    " optical evaluate --doc-languages reads."
)
SETS = (
    Dataset(
        "xquad-r", "the sentence that answers, in a pool of eleven languages (LAReQA)", XQUAD_R,
        "1,190 questions, 13,000 sentences", "CC BY-SA 4.0 (README)",
        f"https://github.com/{REPOSITORY}", _xquad_r, ("lang", "passage_lang"), _xquad_r_files,
        notes=(NOTE,),
    ),
    Dataset(
        "mlqa-r", "the same over seven languages of MLQA's dev set", MLQA,
        "4,200 questions, 20,500 sentences", "CC BY-NC 4.0 (mlqa-r/LICENSE): not commercial",
        f"https://github.com/{REPOSITORY}", _mlqa_r, ("lang", "passage_lang"), _mlqa_r_files,
        notes=(NOTE, "Its publishers took it out of the current version; this is the last that has"
               " it."),
    ),
)  # fmt: skip
