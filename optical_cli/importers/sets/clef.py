"""CLEF ad hoc news retrieval from a licensed copy: topics, documents, judgements.

A folder or archive in which files are told apart by what they hold:

- topics, before 2006 ``<top> <num> C141 </num> <XX-title> .. </XX-title> <XX-desc> .. <XX-narr>``,
  the language in the tags; later ``<topic lang="xx"> <identifier>10.2452/451-AH</identifier>
  <title> <description> <narrative>``, or without ``lang`` in files called ``XX_topics.xml``;
- documents, TREC's SGML: ``<DOC> <DOCNO>GH950103-000000</DOCNO> <HEADLINE> <TEXT> .. </DOC>``;
- judgements: four columns, topic, 0, document, relevance.

A document's id begins with its newspaper, and `NEWSPAPERS` says which language that is in: a copy
holds articles and judgements of many languages, and a search in one wants those of one. They are
the prefixes of the ids in CLEF's own judgement files. Another newspaper is named by the selector,
``clef:PREFIX,PREFIX``, and is then of the one ``--passage-lang``.

The collections are distributed by ELRA and the CLEF organisers; their formats are described in
Braschler and Peters, CLEF 2003 Methodology and Metrics, and in the CLEF guidelines. This is SGML
without a DTD, so tags are found by pattern and nothing is ever expanded but character references.
Lines are UTF-8 where they can be read as such, else ISO 8859-1.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from optical_cli.errors import FAULTS_SHOWN, InputError, UsageError
from optical_cli.importers.dataset import ENGLISH, Dataset, Part, at_hand, matching
from optical_cli.importers.sets.squad import collection_name
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer, one_line

NEWSPAPERS = {
    "LA": "en", "GH": "en",  # Los Angeles Times, Glasgow Herald
    "FR": "de", "SDA": "de", "SPIEGEL": "de",  # Frankfurter Rundschau, Swiss agency, Spiegel
    "ATS": "fr", "LEMONDE": "fr", "AGZ": "it", "LASTAMPA": "it", "EFE": "es", "AD": "nl",
    "NH": "nl", "AAMU": "fi", "TT": "sv", "IZV": "ru", "PUBLICO": "pt", "FSP": "pt", "MH": "hu",
    "SEGA": "bg", "NST": "bg", "NOVINAR": "bg", "H": "fa",
}  # fmt: skip
HEAD_BYTES = 1 << 16
MAX_RECORD_BYTES = 16 << 20
FIELDS = {"title": "title", "description": "desc(?:ription)?", "narrative": "narr(?:ative)?"}
# What stands before the text of a document; everything between <TEXT> and </TEXT> is text.
HEADLINES = r"headline|title|ti|hd|tit"
TEXTS = r"text|tx|body|st"
TAG = re.compile(r"<[^>]*>")
JUDGEMENT = re.compile(rb"\s*\S+[ \t]+\S+[ \t]+\S+[ \t]+-?\d+[ \t]*\r?(?:\n|\Z)")
NAMED_TOPICS = re.compile(r"(?:^|/)([A-Za-z]{2})_topics[^/]*$")


@dataclass
class Files:
    """The files of a copy by what they hold; `skipped` are the names of the others."""

    topics: list[Member] = field(default_factory=list)
    documents: list[Member] = field(default_factory=list)
    judgements: list[Member] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def _convert(source: Source, part: Part, out: Writer) -> None:
    _check_fields(part)
    language_of = _newspapers(part)
    files = _sorted_out(source)
    if not files.topics and not files.documents:
        raise InputError("has neither <top> topics nor <DOC> documents", where=source.where)
    for name in files.skipped[:FAULTS_SHOWN]:
        out.left_out[f"{name}: no topics, documents or judgements"] = 1
    if more := files.skipped[FAULTS_SHOWN:]:
        out.left_out["further files without topics, documents or judgements"] = len(more)
    _topics(source, files.topics, part, out)
    langs = list(part.passage_langs or (ENGLISH,))
    _documents(source, files.documents, langs, language_of, out)
    _judgements(source, files.judgements, langs, language_of, out)


def _sorted_out(source: Source) -> Files:
    files = Files()
    for member in source.members.values():
        head = b"".join(_head(member))
        tags = head.lower()
        if b"<top" in tags:
            files.topics.append(member)
        elif b"<docno>" in tags:
            files.documents.append(member)
        elif JUDGEMENT.match(head):
            files.judgements.append(member)
        else:
            files.skipped.append(member.name)
    return files


def _check_fields(part: Part) -> None:
    for name in part.fields:
        if name not in FIELDS:
            raise UsageError(f"--field {name}: a topic has {', '.join(FIELDS)}")


def newspaper(doc_id: str) -> str:
    """The letters that a document's id begins with, which say its newspaper."""
    return re.match(r"[A-Za-z]*", doc_id)[0].upper()


def _newspapers(part: Part) -> Callable[[str], str | None]:
    """The language of a newspaper; None where it is not known, or not asked for.

    Raises:
        UsageError: Newspapers are named, and so are several languages of passages.
    """
    if not part.selector:
        return NEWSPAPERS.get
    if len(part.passage_langs) > 1:
        raise UsageError(f"clef:{part.selector} are in one language: give one --passage-lang")
    lang = (part.passage_langs or (ENGLISH,))[0]
    return dict.fromkeys(part.selector.upper().split(","), lang).get


def _head(member: Member) -> Iterator[bytes]:
    held = 0
    for block in member.blocks():
        yield block[: HEAD_BYTES - held]
        held += len(block)
        if held >= HEAD_BYTES:
            return


def _elements(member: Member, tag: str) -> Iterator[tuple[int, str]]:
    """Line number and markup of each ``<tag ...> .. </tag>``, wherever on a line its tags stand.

    Raises:
        InputError: One does not end, or is over 16 MiB.
    """
    opening = re.compile(rb"<%b(?=[\s>])[^>]*>" % tag.encode(), re.I)
    closing = re.compile(rb"</%b\s*>" % tag.encode(), re.I)
    held, line, start, inside, seen = bytearray(), 1, 1, False, 0
    for block in member.blocks():
        held += block
        while match := (closing if inside else opening).search(held, seen):
            cut = match.end() if inside else match.start()
            line += held.count(b"\n", 0, cut)
            element = bytes(held[:cut])
            del held[:cut]
            if inside:
                yield start, _whole(element, opening, f"{member.where}:{start}", tag)
            # The next search is for the other tag, behind the one that was found.
            start, inside, seen = line, not inside, 0 if inside else match.end() - match.start()
        # What comes next may complete a tag whose beginning is here.
        last = held.rfind(b"<", seen)
        seen = len(held) if last < 0 else last
        if not inside:
            line += held.count(b"\n", 0, seen)
            del held[:seen]
            seen = 0
        if len(held) > MAX_RECORD_BYTES:
            raise InputError(f"<{tag}> is over 16 MiB", where=f"{member.where}:{line}")
    if inside:
        raise _unended(tag, f"{member.where}:{start}")


def _whole(element: bytes, opening: re.Pattern[bytes], where: str, tag: str) -> str:
    """The text of an element, in which no other may begin."""
    if opening.search(element, opening.match(element).end()):
        raise _unended(tag, where)
    return "\n".join(_decoded(line.removesuffix(b"\r")) for line in element.split(b"\n"))


def _unended(tag: str, where: str) -> InputError:
    name = "topic" if tag.startswith("top") else tag
    return InputError(f"<{name}> does not end: is the file cut off?", where=where)


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
        for line, element in _elements(source.use(member), "top(?:ic)?"):
            lang, topic_id, texts = _topic(element, member.name, f"{member.where}:{line}")
            query = " ".join(texts[name] for name in part.fields if texts.get(name))
            found.setdefault(lang, {})[topic_id] = query
    if not found:
        return
    wanted = part.languages(sorted(found))
    for lang in at_hand(part, wanted, sorted(found), source.where):
        with out.texts(f"queries.{lang}.tsv") as add:
            for topic_id, query in sorted(found[lang].items()):
                add(topic_id, query)


def _topic(element: str, name: str, where: str) -> tuple[str, str, dict[str, str]]:
    """Language, number and parts of a topic; `name` is its file's."""
    tagged = re.search(r"<([A-Za-z]{2})-title>", element)
    attribute = re.search(r"<topic\b[^>]*\blang\s*=\s*[\"']?([A-Za-z-]+)", element, re.I)
    of_file = NAMED_TOPICS.search(name)
    if not (tagged or attribute or of_file):
        raise InputError(
            "topic without a language: no <XX-title>, no lang= and no file name XX_topics.xml",
            where=where,
        )
    lang = (tagged or attribute or of_file)[1].lower()
    prefix = f"{lang}-" if tagged else ""
    topic_id = _content(element, "num" if tagged else "identifier")
    if not topic_id:
        raise InputError("topic without a number", where=where)
    texts = {name: _content(element, prefix + tag) or "" for name, tag in FIELDS.items()}
    if not texts["title"]:
        raise InputError(f"topic {topic_id} without a title", where=where)
    return lang, normal_topic(topic_id), texts


def normal_topic(topic_id: str) -> str:
    """``C041`` for ``C041``, ``41``, ``41-AH`` and ``10.2452/41-AH``, as files differ in it."""
    digits = re.fullmatch(r"(?:10\.2452/)?[Cc]?(\d{1,3})(?:-AH)?", topic_id.strip())
    return f"C{int(digits[1]):03d}" if digits else topic_id.strip()


def _documents(
    source: Source, members: list[Member], langs: list[str],
    language_of: Callable[[str], str | None], out: Writer,
) -> None:  # fmt: skip
    """Write the collections of `langs`, and which newspapers there were and were taken.

    Raises:
        InputError: There are documents, and none in one of the languages.
    """
    if not members:
        return
    there: Counter[str] = Counter()
    with ExitStack() as stack:
        add = {
            lang: stack.enter_context(out.titled(collection_name(_ours(lang)))) for lang in langs
        }
        for member in members:
            for line, element in _elements(source.use(member), "DOC"):
                doc_id = _content(element, "docno")
                if not doc_id:
                    raise InputError("document without <DOCNO>", where=f"{member.where}:{line}")
                there[newspaper(doc_id)] += 1
                lang = _among(langs, language_of(newspaper(doc_id)))
                if lang:
                    add[lang](doc_id, *_article(element))
    missing = [lang for lang in langs
               if not any(_among([lang], language_of(name)) for name in there)]  # fmt: skip
    if missing:
        listed = ", ".join(f"{name} ({language_of(name) or '?'})" for name in sorted(there))
        raise InputError(
            f"has no documents in {', '.join(missing)}; their ids begin with {listed}",
            where=source.where, hint="clef:PREFIX,PREFIX takes the newspapers that are named",
        )  # fmt: skip
    _account(there, langs, language_of, out)


def _ours(lang: str) -> str:
    return ENGLISH if matching(ENGLISH, [lang]) else lang


def _among(langs: list[str], lang: str | None) -> str | None:
    """The spelling of `lang` among those that are wanted."""
    return next((own for own in langs if lang and matching(lang, [own])), None)


def _account(
    there: Counter[str], langs: list[str], language_of: Callable[[str], str | None], out: Writer
) -> None:
    """A row for each newspaper that was taken; the others are counted as left out."""
    with out.rows("newspapers.tsv") as add:
        for name, count in sorted(there.items()):
            if lang := _among(langs, language_of(name)):
                add(name, lang, str(count))
            else:
                what = f"in {language_of(name)}" if language_of(name) else "of no known language"
                out.left_out[f"documents {name}*, {what}"] = count


def _article(element: str) -> tuple[str, str]:
    """Title and text of a document; a caption has a headline alone, and is retrieved by it."""
    bodies = re.findall(rf"<(?:{TEXTS})>(.*?)</(?:{TEXTS})\s*>", element, re.I | re.S)
    return _content(element, HEADLINES) or "", " ".join(plain(body) for body in bodies)


def _judgements(
    source: Source, members: list[Member], langs: list[str],
    language_of: Callable[[str], str | None], out: Writer,
) -> None:  # fmt: skip
    """One file of judgements for each of `langs`, of all years and of documents in it alone.

    Raises:
        InputError: Two judgements of one document for one topic differ, or a line is malformed.
    """
    judged: dict[str, dict[tuple[str, str], int]] = {lang: {} for lang in langs}
    for member in members:
        for where, topic_id, doc_id, relevance in _judged(source.use(member)):
            lang = _among(langs, language_of(newspaper(doc_id)))
            if lang is None:
                out.left_out["judgements of documents in other languages"] += 1
            elif judged[lang].setdefault((topic_id, doc_id), relevance) != relevance:
                raise InputError(
                    f"{topic_id} and {doc_id} are judged otherwise before", where=where
                )
    for lang, relevance_of in judged.items():
        with out.qrels(f"qrels.{_ours(lang)}.txt") as add:
            for (topic_id, doc_id), relevance in relevance_of.items():
                add(topic_id, doc_id, relevance)


def _judged(member: Member) -> Iterator[tuple[str, str, str, int]]:
    """Place, topic, document and relevance of each line."""
    for number, line in member.lines():
        where, fields = f"{member.where}:{number}", line.split()
        if len(fields) != 4 or not fields[3].lstrip("-").isdigit():
            raise InputError("expected topic, 0, document and a whole relevance", where=where)
        yield where, normal_topic(fields[0]), fields[2], int(fields[3])


SETS = (
    Dataset(
        "clef", "CLEF topics, news documents and judgements, from your licensed copy", (),
        "200 topics, 170,000 English documents (2000-2003)",
        "by agreement with ELRA; not to be passed on",
        "https://www.clef-initiative.eu/", _convert, ("lang", "passage_lang", "field"),
        agree="https://catalogue.elra.info/ (CLEF Test Suites)", selector="NEWSPAPERS",
        notes=(
            "Queries are title and description, unless --field says otherwise.",
            "newspapers.tsv says which newspapers were taken; qrels.LANG.txt judges them alone.",
        ),
    ),
)  # fmt: skip
