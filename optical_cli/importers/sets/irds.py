"""Anything that the package ir_datasets has, by its own name.

``irds:mmarco/v2/de/dev/small``: MS MARCO, mMARCO, WikiCLIR, CLIRMatrix, NeuCLIR, HC4 and some
hundred more; documented at ir-datasets.com. It downloads by itself, into its own folder, and asks
for what must be had under an agreement. A set gives what it has of documents, queries, judgements
and training triples; its license is told by what ir_datasets says of it and asks to be agreed to.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from optical_cli.errors import EnvironmentFault, InputError, UsageError
from optical_cli.importers.dataset import ENGLISH, Dataset, Part
from optical_cli.importers.sets.clef import plain
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer, one_line

KINDS = ("docs", "queries", "qrels", "docpairs")


def _convert(source: Source, part: Part, out: Writer) -> None:
    try:
        data = _loaded(part.selector)
        _write(data, out)
        out.terms += _terms(data, part.selector)
        out.downloads += _origins(data, part.selector)
    except (OSError, RuntimeError) as error:
        raise EnvironmentFault(
            f"ir_datasets cannot give it: {error}", where=f"irds:{part.selector}",
            hint=f"https://ir-datasets.com/{part.selector.split('/')[0]} says what it needs",
        ) from None  # fmt: skip


def _loaded(name: str) -> Any:
    try:
        import ir_datasets
    except ImportError:
        raise EnvironmentFault("irds: needs ir_datasets", hint="pip install ir-datasets") from None
    try:
        return ir_datasets.load(name)
    except KeyError:
        root = name.split("/")[0]
        near = [key for key in ir_datasets.registry if key.split("/")[0] == root]
        listed = f"; it has {', '.join(sorted(near)[:20])}" if near else ""
        raise UsageError(f"ir_datasets has no {name}{listed}") from None


def _write(data: Any, out: Writer) -> None:
    if not any(data.has(kind) for kind in KINDS):
        raise InputError("this name has no documents, queries or judgements of its own")
    if data.has("docs"):
        name = _with_language("collection", data.docs_lang())
        with out.texts(name) as add:
            for doc in data.docs_iter():
                add(doc.doc_id, _text(doc))
    if data.has("queries"):
        with out.texts(_with_language("queries", data.queries_lang())) as add:
            for query in data.queries_iter():
                add(query.query_id, _text(query))
    if data.has("qrels"):
        with out.qrels("qrels.txt") as add:
            for judged in data.qrels_iter():
                add(judged.query_id, judged.doc_id, int(judged.relevance))
    if data.has("docpairs"):
        _triples(data.docpairs_iter(), out)


def _handlers(data: Any) -> list[Any]:
    return [getattr(data, f"{kind}_handler")() for kind in KINDS if data.has(kind)]


def _terms(data: Any, name: str) -> Iterator[str]:
    """What ir_datasets says of a set and of the set that it is part of, and asks to agree to."""
    import ir_datasets

    root = name.split("/")[0]
    yield f"Terms: see https://ir-datasets.com/{root}.html#{name}"
    roots = [ir_datasets.registry[root]] if root != name and root in ir_datasets.registry else []
    for told in (*roots, data):
        documented = getattr(told, "documentation", dict)() or {}
        if text := plain(documented.get("desc") or ""):
            yield f"ir_datasets says: {text}"
    agreements = (one_line(file.dua) for file in _downloads(data) if file.dua)
    yield from (f"ir_datasets asks: {text}" for text in dict.fromkeys(agreements))


def _origins(data: Any, name: str) -> Iterator[dict[str, str]]:
    """The package with its version, and the files that it fetches for a set, by their MD5."""
    import ir_datasets

    yield {"ir_datasets": ir_datasets.__version__, "dataset": name}
    files = {file.expected_md5: file for file in _downloads(data) if file.expected_md5}
    for digest, file in sorted(files.items()):
        urls = [mirror.url for mirror in file.mirrors if hasattr(mirror, "url")]
        yield {"url": urls[0] if urls else "", "md5": digest}


def _downloads(data: Any) -> list[Any]:
    """ir_datasets' downloads behind a set: it has no list of them, so its objects are walked."""
    from ir_datasets.util import Download

    found, seen, ahead = [], set(), _handlers(data)
    while ahead:
        thing = ahead.pop()
        if id(thing) in seen or not type(thing).__module__.startswith("ir_datasets"):
            continue
        seen.add(id(thing))
        if isinstance(thing, Download):
            found.append(thing)
        else:
            ahead += getattr(thing, "__dict__", {}).values()
    return found


def _with_language(stem: str, lang: str | None) -> str:
    english_collection = stem == "collection" and lang in (None, ENGLISH)
    return f"{stem}.tsv" if english_collection or lang is None else f"{stem}.{lang}.tsv"


def _text(record: Any) -> str:
    return record.default_text() if hasattr(record, "default_text") else record.text


def _triples(pairs: Iterable[Any], out: Writer) -> None:
    with out.rows("triples.ids.tsv") as add:
        for pair in pairs:
            add(pair.query_id, pair.doc_id_a, pair.doc_id_b)


SETS = (
    Dataset(
        "irds", "whatever ir_datasets has: MS MARCO, mMARCO, WikiCLIR, CLIRMatrix, NeuCLIR, HC4",
        (), "depends", "each set has its own: see its page", "https://ir-datasets.com/",
        _convert, selector="NAME", package="ir-datasets",
        notes=("ir_datasets fetched this; its page has the terms of this very set.",),
    ),
)  # fmt: skip
