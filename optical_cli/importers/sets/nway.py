"""Line-aligned files, one a language: Tatoeba's test sets, NTREX-128, and any folder of such.

- Tatoeba as LASER gives it: ``tatoeba.LANG-eng.LANG`` and ``tatoeba.LANG-eng.eng``, up to 1,000
  lines, English differing between pairs. README of facebookresearch/LASER, data/tatoeba/v1.
- NTREX-128: ``newstest2019-src.eng.txt`` and ``newstest2019-ref.LANG.txt``, 1,997 lines each.
  README of MicrosoftTranslator/NTREX.
- n-way: a folder with ``NAME.LANG``, ``NAME.LANG.txt`` or ``LANG.txt`` files of equal length.
"""

from collections.abc import Sequence

from optical_cli.errors import InputError
from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand, matching
from optical_cli.importers.pins import github, pinned_paths
from optical_cli.importers.sets.flores import refuse_files
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer

LASER = "facebookresearch/LASER"
NTREX = "MicrosoftTranslator/NTREX"
REFERENCE = r"newstest2019-ref\.([\w-]+)\.txt"
ENGLISH = "eng"


def write_pair(source: Member, target: Member, name: str, out: Writer) -> None:
    """Write two line-aligned files as bitext.

    Raises:
        InputError: One has more lines than the other.
    """
    sides = [[line for _, line in member.lines()] for member in (source, target)]
    if len(sides[0]) != len(sides[1]):
        counts = f"{len(sides[0])} lines, {target.where} has {len(sides[1])}"
        raise InputError(f"has {counts}: they are not line-aligned", where=source.where)
    with out.bitext(name) as add:
        for pair in zip(*sides, strict=True):
            add(*pair)


def _tatoeba_languages() -> tuple[str, ...]:
    names = (path.rsplit("tatoeba.", 1)[1].partition("-")[0] for path in pinned_paths(LASER))
    return tuple(sorted(set(names)))


def _tatoeba(source: Source, part: Part, out: Writer) -> None:
    found = source.matching(r"tatoeba\.(\w+)-eng\.(\w+)")
    here = [lang for lang, side in found if side == lang and (lang, ENGLISH) in found]
    for lang in at_hand(part, part.languages(_tatoeba_languages()), here, source.where):
        english, foreign = source.use(found[lang, ENGLISH]), source.use(found[lang, lang])
        write_pair(english, foreign, f"bitext.eng-{lang}.tsv", out)


def _tatoeba_files(part: Part) -> list[RemoteFile]:
    langs = part.languages(_tatoeba_languages())
    return [github(LASER, path) for path in pinned_paths(LASER)
            if path.rsplit("tatoeba.", 1)[1].partition("-")[0] in langs]  # fmt: skip


def _ntrex_languages() -> tuple[str, ...]:
    names = (path.rsplit("/", 1)[1].split(".") for path in pinned_paths(NTREX))
    return tuple(sorted(parts[1] for parts in names if parts[0] == "newstest2019-ref"))


def _ntrex(source: Source, part: Part, out: Writer) -> None:
    found = {lang: m for (lang,), m in source.matching(REFERENCE).items()}
    english = source.matching(r"newstest2019-src\.(eng)\.txt").get((ENGLISH,))
    known = _ntrex_languages()
    wanted = part.languages(known)
    langs = at_hand(part, wanted, list(found) if english else (), source.where)
    for lang in langs:
        write_pair(source.use(english), source.use(found[lang]), f"bitext.eng-{lang}.tsv", out)


def _ntrex_files(part: Part) -> list[RemoteFile]:
    langs = part.languages(_ntrex_languages())
    return [github(NTREX, path) for path in pinned_paths(NTREX)
            if path.split(".")[1] in (*langs, ENGLISH)]  # fmt: skip


def _nway(source: Source, part: Part, out: Writer) -> None:
    refuse_files(source)
    pattern = r"(?:[^/]+\.)?((?!txt)[A-Za-z]{2,3}(?:[-_]\w+)?)(?:\.txt)?"
    members = {lang: member for (lang,), member in source.matching(pattern).items()}
    english = matching(part.source_lang, list(members))
    if not english:
        raise _no_source(part.source_lang, list(members), source.where)
    others = [lang for lang in members if lang not in english]
    for lang in part.languages(others):
        name = f"bitext.{english[0]}-{lang}.tsv"
        write_pair(source.use(members[english[0]]), source.use(members[lang]), name, out)


def _no_source(lang: str, known: Sequence[str], where: str) -> InputError:
    listed = ", ".join(known) or "no file named after a language"
    return InputError(
        f"no file of the source language {lang}; there are {listed}", where=where,
        hint="files are called NAME.LANG, NAME.LANG.txt or LANG.txt",
    )  # fmt: skip


SETS = (
    Dataset(
        "tatoeba", "short sentence pairs with English, for testing alignment (LASER's selection)",
        _tatoeba_languages(), "up to 1,000 pairs a language", "CC BY 2.0 FR (tatoeba.org)",
        "https://github.com/facebookresearch/LASER/tree/main/data/tatoeba/v1",
        _tatoeba, ("lang",), _tatoeba_files,
        notes=("A test set of alignment and bitext retrieval: do not train on it.",),
    ),
    Dataset(
        "ntrex", "news sentences, English and 128 translations of them (NTREX-128)",
        _ntrex_languages(), "1,997 pairs a language", "CC BY-SA 4.0 (LICENSE.md)",
        f"https://github.com/{NTREX}", _ntrex, ("lang",), _ntrex_files,
        notes=("Published as a test set of translation; here it is bitext, so translation scores"
               " on it mean nothing any more.",),
    ),
    Dataset(
        "nway", "a folder of line-aligned files, one a language", (), "yours", "yours",
        "your own copy, --from DIR", _nway, ("lang", "source_lang"),
    ),
)  # fmt: skip
