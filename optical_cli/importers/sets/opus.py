"""OPUS: bitext by corpus and release.

A zip for a pair, ``CORPUS.SRC-TGT.SRC`` and ``CORPUS.SRC-TGT.TGT`` inside, line-aligned, beside a
README and often a LICENSE. Lies at ``https://object.pouta.csc.fi/OPUS-CORPUS/RELEASE/moses/
SRC-TGT.txt.zip``, the codes in alphabetical order. Documented at opus.nlpl.eu.
"""

import re
from pathlib import PurePosixPath

from optical_cli.errors import InputError, UsageError
from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand, matching
from optical_cli.importers.sets.flores import refuse_corpus, refuse_files
from optical_cli.importers.sets.nway import write_pair
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer

SERVER = "https://object.pouta.csc.fi"
# Answers with JSON: corpora, releases and languages.
CATALOGUE = "https://opus.nlpl.eu/opusapi/"


def _convert(source: Source, part: Part, out: Writer) -> None:
    refuse_corpus(part.selector)
    refuse_files(source)
    found = source.matching(r"[^/]+\.([\w-]+?)-([\w-]+)\.([\w-]+)")
    pairs = {(one, other) for one, other, side in found if side in (one, other)}
    here = {_foreign(pair, part.source_lang): pair for pair in sorted(pairs)}
    here.pop(None, None)
    if not here:
        listed = ", ".join("-".join(pair) for pair in sorted(pairs)) or "no Moses files"
        raise InputError(
            f"has no pair with {part.source_lang}; it has {listed}", where=source.where
        )
    for lang in at_hand(part, part.languages(tuple(here)), tuple(here), source.where):
        pair = here[lang]
        source_lang = pair[0] if pair[1] == lang else pair[1]
        sides = [source.use(found[(*pair, side)]) for side in (source_lang, lang)]
        write_pair(*sides, f"bitext.{source_lang}-{lang}.tsv", out)
    for name in ("LICENSE", "README"):
        _note(source, name, out)


def _note(source: Source, name: str, out: Writer) -> None:
    """What the zips say of themselves, once where several say the same."""
    members = (m for path, m in source.members.items() if PurePosixPath(path).name == name)
    if texts := dict.fromkeys(m.whole().decode("utf-8", "replace") for m in members):
        out.note(f"{name}.opus.txt", "\n".join(texts))


def _foreign(pair: tuple[str, str], source_lang: str) -> str | None:
    """The side of `pair` that is not the source language, if one is."""
    for own, other in (pair, pair[::-1]):
        if matching(source_lang, [own]):
            return other
    return None


def _files(part: Part) -> list[RemoteFile]:
    match = re.fullmatch(r"([\w.-]+)/([\w.-]+)", part.selector)
    if not match or ".." in part.selector:
        raise UsageError(f"opus:{part.selector}: expected opus:CORPUS/RELEASE, as opus:TED2020/v1")
    refuse_corpus(match[1])
    if not part.langs:
        raise UsageError("opus: say which languages with --lang")
    folder = f"{SERVER}/OPUS-{match[1]}/{match[2]}/moses"
    pairs = ("-".join(sorted((part.source_lang, lang))) for lang in part.langs)
    return [RemoteFile(f"{pair}.txt.zip", f"{folder}/{pair}.txt.zip") for pair in pairs]


def _known(part: Part) -> str:
    corpus, release = part.selector.split("/")
    query = f"corpus={corpus}&version={release}&preprocessing=moses&source={part.source_lang}"
    return (
        f"{CATALOGUE}?{query} lists the languages that {corpus} {release} has beside"
        f" {part.source_lang}, and {CATALOGUE}?corpora=True the corpora"
    )


SETS = (
    Dataset(
        "opus", "bitext of OPUS by corpus and release, in any of its languages", (),
        "depends on the corpus", "each corpus has its own: LICENSE.opus.txt, where it is packed",
        "https://opus.nlpl.eu/", _convert, ("lang", "source_lang"), _files, _known,
        selector="CORPUS/RELEASE",
        notes=("Clean it with optical prepare-bitext before you train on it.",),
    ),
)  # fmt: skip
