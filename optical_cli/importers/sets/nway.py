"""Line-aligned files, one a language: Tatoeba's test sets, NTREX-128, and any folder of such.

- Tatoeba as LASER gives it: ``tatoeba.LANG-eng.LANG`` and ``tatoeba.LANG-eng.eng``, up to 1,000
  lines, English differing between pairs. README of facebookresearch/LASER, data/tatoeba/v1.
- NTREX-128: ``newstest2019-src.eng.txt`` and ``newstest2019-ref.LANG.txt``, 1,997 lines each.
  README of MicrosoftTranslator/NTREX.
- n-way: a folder with ``NAME.LANG``, ``NAME.LANG.txt`` or ``LANG.txt`` files of equal length. What
  stands beside the language is one in files that belong together; where the source's own name is
  another, as NTREX has it, the others are the most that are called alike.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from optical_cli.errors import InputError
from optical_cli.importers.dataset import Dataset, Part, RemoteFile, at_hand, matching
from optical_cli.importers.pins import github, pinned_paths
from optical_cli.importers.sets.flores import refuse_files
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer
from optical_cli.text import canonical, known_languages

LASER = "facebookresearch/LASER"
NTREX = "MicrosoftTranslator/NTREX"
REFERENCE = r"newstest2019-ref\.([\w-]+)\.txt"
ENGLISH = "eng"
LANGUAGE_FILE = re.compile(
    r"((?:.*/)?(?:[^/]+\.)?)((?!txt)[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)?)((?:\.txt)?)"
)


def write_pair(source: Member, target: Member, name: str, out: Writer) -> None:
    """Write two line-aligned files as bitext, read in step: they may be of any length.

    Raises:
        InputError: One has more lines than the other.
    """
    sides = source.lines(), target.lines()
    with out.bitext(name) as add:
        for (count, one), (other_count, other) in zip_longest(*sides, fillvalue=(0, "")):
            if not (count and other_count):
                shorter = max(count, other_count) - 1
                # The side that ended has nothing more.
                longer = shorter + 1 + sum(1 for side in sides for _ in side)
                counts = (longer, shorter) if count else (shorter, longer)
                raise _unaligned(source, target, counts)
            add(one, other)


def _unaligned(source: Member, target: Member, counts: tuple[int, int]) -> InputError:
    lines = f"has {counts[0]} lines, {target.where} has {counts[1]}"
    return InputError(f"{lines}: they are not line-aligned", where=source.where)


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
    # Spanish has a second reference, called ref-2, which is not imported.
    return [github(NTREX, path) for path in pinned_paths(NTREX)
            if path.split(".")[1] in (*langs, ENGLISH) and "-ref-2." not in path]  # fmt: skip


def _nway(source: Source, part: Part, out: Writer) -> None:
    refuse_files(source)
    texts = _texts(source)
    stem, english = _of_source(texts, part.source_lang, source.where)
    others = _beside(texts, stem, english, source.where)
    for lang in part.languages([lang for lang in others if not matching(lang, [english])]):
        name = f"bitext.{english}-{lang}.tsv"
        write_pair(source.use(texts[stem][english]), source.use(others[lang]), name, out)


def _texts(source: Source) -> dict[str, dict[str, Member]]:
    """Files by the path that they share but for the language, then by that language."""
    texts: dict[str, dict[str, Member]] = {}
    for name, member in sorted(source.members.items()):
        if match := LANGUAGE_FILE.fullmatch(name):
            texts.setdefault(f"{match[1]}LANG{match[3]}", {})[match[2]] = member
    return texts


def _of_source(
    texts: dict[str, dict[str, Member]], lang: str, where: str
) -> tuple[str, str]:  # fmt: skip
    """The one text that has a file of the source language, and how it spells it.

    Raises:
        InputError: There is none, or there are several.
    """
    codes = sorted({code for text in texts.values() for code in text}, key=len)
    spelled = matching(lang, codes)
    if not spelled:
        raise _no_source(lang, codes, where)
    # A plain code before its variants, such as eng before eng-GB.
    found = [stem for stem, text in texts.items() if spelled[0] in text]
    fuller = [stem for stem in found if len(texts[stem]) > 1] or found
    if len(fuller) > 1:
        raise _several(fuller, where)
    return fuller[0], spelled[0]


def _beside(
    texts: dict[str, dict[str, Member]], stem: str, lang: str, where: str
) -> dict[str, Member]:  # fmt: skip
    """The other languages of the source's text, or else those of the largest other text.

    Raises:
        InputError: Several are largest.
    """
    own = {code: member for code, member in texts[stem].items() if code != lang}
    if own:
        return own
    rest = {name: text for name, text in texts.items() if name != stem and _of_languages(text)}
    most = max(map(len, rest.values()), default=0)
    largest = [name for name, text in rest.items() if len(text) == most]
    if len(largest) > 1:
        raise _several([stem, *largest], where)
    return rest[largest[0]] if largest else {}


def _of_languages(text: Iterable[str]) -> bool:
    """Whether one of the codes is a language that we know, as ``md`` of a README is not."""
    return any(canonical(code) in known_languages() for code in text)


def _several(stems: Sequence[str], where: str) -> InputError:
    return InputError(
        f"has several texts: {', '.join(stems)}", where=where,
        hint="give a folder with one of them; the files of one text are called alike",
    )  # fmt: skip


def _no_source(lang: str, known: Sequence[str], where: str) -> InputError:
    listed = ", ".join(known) or "none that is called after a language"
    return InputError(
        f"no file of the source language {lang}; it has {listed}", where=where,
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
        "ntrex",
        "news sentences, English and 129 versions of them, three of them English (NTREX-128)",
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
