"""CLEF ad hoc news retrieval from a licensed copy: topics, documents, judgements.

A folder or archive in which files are told apart by what they hold:

- topics, before 2006 ``<top> <num> C141 </num> <XX-title> .. </XX-title> <XX-desc> .. <XX-narr>``,
  the language in the tags; later ``<topic lang="xx"> <identifier>10.2452/451-AH</identifier>
  <title> <description> <narrative>``;
- documents, TREC's SGML: ``<DOC> <DOCNO>GH950103-000000</DOCNO> <HEADLINE> <TEXT> .. </DOC>``
  (Glasgow Herald 1995, Los Angeles Times 1994, and the other languages' newspapers alike);
- judgements: files whose name begins with ``qrels``, four columns.

The collections are distributed by ELRA and the CLEF organisers; their formats are described in
Braschler and Peters, CLEF 2003 Methodology and Metrics, and in the CLEF guidelines. This is SGML
without a DTD, so tags are found by pattern and nothing is ever expanded but character references.
Files are UTF-8 where they can be read as such, else ISO 8859-1.
"""

import html
import re
from collections.abc import Iterator

from optical_cli.errors import InputError
from optical_cli.formats.streams import split_lines
from optical_cli.importers.dataset import ENGLISH, Dataset, Part, at_hand, matching
from optical_cli.importers.sets.squad import collection_name
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer, one_line

HEAD_BYTES = 1 << 16
MAX_RECORD_BYTES = 16 << 20
FIELDS = {"title": "title", "description": "desc(?:ription)?", "narrative": "narr(?:ative)?"}
# What stands before the text of a document; everything between <TEXT> and </TEXT> is text.
HEADLINES = r"headline|title|ti|hd|tit"
TEXTS = r"text|tx|body|st"
TAG = re.compile(r"<[^>]*>")


def _convert(source: Source, part: Part, out: Writer) -> None:
    topics, documents = [], []
    for member in source.members.values():
        head = b"".join(_head(member)).lower()
        if b"<top" in head:
            topics.append(member)
        elif b"<docno>" in head:
            documents.append(member)
    _check_fields(part)
    qrels = source.matching(r"(qrels[^/]*)")
    if not topics and not documents:
        raise InputError("has neither <top> topics nor <DOC> documents", where=source.where)
    _topics(source, topics, part, out)
    _documents(source, documents, part, out)
    for (name,), member in qrels.items():
        _judgements(source.use(member), _qrels_name(name), out)


def _qrels_name(name: str) -> str:
    """``qrels.txt``, or with what else the file's name says: ``qrels.EN2003.txt``."""
    rest = re.sub(r"[^A-Za-z0-9]+", "-", name.removeprefix("qrels").removesuffix(".txt"))
    return ".".join(filter(None, ("qrels", rest.strip("-"), "txt")))


def _check_fields(part: Part) -> None:
    for name in part.fields:
        if name not in FIELDS:
            raise InputError(f"--field {name}: a topic has {', '.join(FIELDS)}")


def _head(member: Member) -> Iterator[bytes]:
    held = 0
    for block in member.blocks():
        yield block[: HEAD_BYTES - held]
        held += len(block)
        if held >= HEAD_BYTES:
            return


def _elements(member: Member, tag: str) -> Iterator[tuple[int, str]]:
    """Line number and content of each ``<tag ...> .. </tag>``, tags on any place of a line.

    Raises:
        InputError: One does not end, or is over 16 MiB.
    """
    opening, closing = re.compile(rf"<{tag}\b[^>]*>", re.I), re.compile(rf"</{tag}\s*>", re.I)
    held: list[str] | None = None
    size = start = 0
    for number, raw in split_lines(member.blocks()):
        line = _decoded(raw)
        if held is None:
            if not opening.search(line):
                continue
            held, size, start = [], 0, number
        held.append(line)
        size += len(line)
        if size > MAX_RECORD_BYTES:
            raise InputError(f"<{tag}> is over 16 MiB", where=f"{member.where}:{start}")
        if closing.search(line):
            yield start, "\n".join(held)
            held = None
    if held is not None:
        raise InputError(f"<{tag}> does not end: is the file cut off?",
                         where=f"{member.where}:{start}")  # fmt: skip


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


def _content(element: str, tag: str) -> str | None:
    """The text of the first ``<tag>`` without markup; to the end where it is not closed."""
    match = re.search(rf"<(?:{tag})\b[^>]*>(.*?)(?:</(?:{tag})\s*>|\Z)", element, re.I | re.S)
    return plain(match[1]) if match else None


def plain(markup: str) -> str:
    """Text without tags, character references resolved once."""
    return one_line(html.unescape(TAG.sub(" ", markup)))


def _topics(source: Source, members: list[Member], part: Part, out: Writer) -> None:
    found: dict[str, dict[str, str]] = {}
    for member in members:
        for line, element in _elements(member, "top(?:ic)?"):
            lang, topic_id, texts = _topic(element, f"{member.where}:{line}")
            source.use(member)
            query = " ".join(texts[name] for name in part.fields if texts.get(name))
            found.setdefault(lang, {})[topic_id] = query
    if not found:
        return
    wanted = part.languages(sorted(found))
    for lang in at_hand(part, wanted, sorted(found), source.where):
        with out.texts(f"queries.{lang}.tsv") as add:
            for topic_id, query in sorted(found[lang].items()):
                add(topic_id, query)


def _topic(element: str, where: str) -> tuple[str, str, dict[str, str]]:
    named = re.search(r"<([A-Za-z]{2})-title>", element)
    attribute = re.search(r"<topic\b[^>]*\blang\s*=\s*[\"']?([A-Za-z-]+)", element, re.I)
    if not named and not attribute:
        raise InputError("topic without a language: no <XX-title> and no lang=", where=where)
    lang = (named or attribute)[1].lower()
    prefix = f"{lang}-" if named else ""
    topic_id = _content(element, "num" if named else "identifier")
    if not topic_id:
        raise InputError("topic without a number", where=where)
    texts = {name: _content(element, prefix + tag) or "" for name, tag in FIELDS.items()}
    if not texts["title"]:
        raise InputError(f"topic {topic_id} without a title", where=where)
    return lang, normal_topic(topic_id), texts


def normal_topic(topic_id: str) -> str:
    """``C041`` for ``C041``, ``041`` and ``41``, as topics and judgements differ in it."""
    digits = re.fullmatch(r"[Cc]?(\d{1,3})", topic_id.strip())
    return f"C{int(digits[1]):03d}" if digits else topic_id.strip()


def _documents(source: Source, members: list[Member], part: Part, out: Writer) -> None:
    if not members:
        return
    lang = (part.passage_langs or (ENGLISH,))[0]
    with out.titled(collection_name(ENGLISH if matching(ENGLISH, [lang]) else lang)) as add:
        for member in members:
            for line, element in _elements(source.use(member), "DOC"):
                doc_id = _content(element, "docno")
                if not doc_id:
                    raise InputError("document without <DOCNO>", where=f"{member.where}:{line}")
                bodies = re.findall(rf"<(?:{TEXTS})>(.*?)</(?:{TEXTS})\s*>", element, re.I | re.S)
                title = _content(element, HEADLINES) or ""
                text = " ".join(plain(body) for body in bodies)
                # A caption has a headline alone, and is retrieved by it.
                add(doc_id, "" if not text else title, text or title)


def _judgements(member: Member, name: str, out: Writer) -> None:
    with out.qrels(name) as add:
        for number, line in member.lines():
            fields = line.split()
            if len(fields) != 4 or not fields[3].lstrip("-").isdigit():
                raise InputError("expected topic, 0, document and a whole relevance",
                                 where=f"{member.where}:{number}")  # fmt: skip
            add(normal_topic(fields[0]), fields[2], int(fields[3]))


SETS = (
    Dataset(
        "clef", "CLEF topics, news documents and judgements, from your licensed copy", (),
        "200 topics, 170,000 English documents (2000-2003)",
        "by agreement with ELRA; not to be passed on",
        "https://www.clef-initiative.eu/", _convert,
        agree="https://catalogue.elra.info/ (CLEF Test Suites)",
        notes=("Queries are title and description, unless --field says otherwise.",),
    ),
)  # fmt: skip
