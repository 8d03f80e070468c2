"""What is known of a data set before a byte of it is here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from optical_cli.errors import InputError, UsageError
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer
from optical_cli.text import canonical

ENGLISH = "en"


@dataclass(frozen=True)
class RemoteFile:
    """A file to download.

    Attributes:
        name: Its path within the set, by which the converter asks for it.
        url: Where it lies.
        sha256: Its hash, only where somebody has hashed it.
    """

    name: str
    url: str
    sha256: str | None = None


@dataclass(frozen=True)
class Part:
    """Which part of a set is wanted.

    Attributes:
        set: The set's name, for errors.
        selector: What stands behind the colon in ``opus:TED2020/v1``.
        langs: Languages of queries or of the foreign side; empty is all.
        passage_langs: Languages of passages; empty is the set's default.
        splits: Wanted splits; empty is all.
        source_lang: The teacher's side of bitext.
        fields: Parts of a topic that make a query.
    """

    set: str
    selector: str = ""
    langs: tuple[str, ...] = ()
    passage_langs: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    source_lang: str = ENGLISH
    fields: tuple[str, ...] = ("title", "description")

    def languages(self, known: Sequence[str]) -> list[str]:
        """The wanted ones among `known`, in its order, spelled as it spells them.

        Raises:
            UsageError: One is not there; those that are are listed.
        """
        return _chosen(self.langs, known, "language", self.set) if self.langs else list(known)

    def passage_languages(self, known: Sequence[str], default: Sequence[str]) -> list[str]:
        """The wanted languages of passages, or `default`.

        Raises:
            UsageError: One is not there; those that are are listed.
        """
        return _chosen(self.passage_langs or default, known, "passage language", self.set)

    def chosen_splits(self, known: Sequence[str]) -> list[str]:
        """The wanted splits among `known`.

        Raises:
            UsageError: One is not there; those that are are listed.
        """
        unknown = [name for name in self.splits if name not in known]
        if unknown:
            listed = ", ".join(known)
            raise UsageError(f"{self.set} has no split {unknown[0]}; it has {listed}")
        return [name for name in known if not self.splits or name in self.splits]


def _chosen(wanted: Sequence[str], known: Sequence[str], what: str, where: str) -> list[str]:
    found: set[str] = set()
    for code in wanted:
        matches = matching(code, known)
        if not matches:
            raise UsageError(f"{where} has no {what} {code}; it has {', '.join(known)}")
        found.update(matches)
    return [code for code in known if code in found]


def matching(code: str, known: Sequence[str]) -> list[str]:
    """The spellings of a language among `known`: its very own, or else every variant of it."""
    own = [name for name in known if name.lower() == code.lower()]
    return own or [name for name in known if canonical(name) == canonical(code)]


def at_hand(part: Part, wanted: Sequence[str], found: Sequence[str], where: str) -> list[str]:
    """Those of `wanted` that a copy has; if languages were asked for, it must have all of them.

    Raises:
        InputError: The copy has none, or lacks one that was asked for.
    """
    here = [code for code in wanted if code in found]
    missing = [code for code in wanted if code not in found]
    if not found:
        raise InputError(f"has no files that are called as those of {part.set} are", where=where)
    if not here or (part.langs and missing):
        listed = ", ".join(found)
        raise InputError(f"has nothing for {', '.join(missing)}; it has {listed}", where=where)
    return here


@dataclass(frozen=True)
class Dataset:
    """A set that can be imported.

    Attributes:
        name: How the command line calls it.
        what: What it holds, in a few words.
        languages: Its languages, spelled as its files spell them; empty if it depends.
        size: How much of what.
        license: Under which license its publishers give it, and where they say so.
        home: Where it is documented.
        convert: Reads a copy and writes our files.
        takes: Fields of `PartSettings` that choose a part of it; the others mean nothing here.
        files: What to download for a part; None if it cannot be downloaded freely.
        agree: Where a license must be agreed to before anything can be had.
        known: What there is, or where that stands, for a part that its server does not know.
        selector: What must stand behind the colon, such as ``CORPUS/RELEASE``.
        package: What has to be installed for it.
        refused: Why it is not imported, if it is not.
        notes: What a user of the output should know; written beside the license.
    """

    name: str
    what: str
    languages: tuple[str, ...]
    size: str
    license: str
    home: str
    convert: Callable[[Source, Part, Writer], None]
    takes: tuple[str, ...] = ()
    files: Callable[[Part], list[RemoteFile]] | None = None
    known: Callable[[Part], str] | None = None
    agree: str | None = None
    selector: str | None = None
    package: str | None = None
    refused: str | None = None
    notes: tuple[str, ...] = field(default=())
