"""One import: from a copy or a download to a directory of our files."""

import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from optical_cli.errors import EnvironmentFault, InputError, UsageError
from optical_cli.importers import registry
from optical_cli.importers.dataset import Dataset, Part, RemoteFile
from optical_cli.importers.fetching import (
    Fetched,
    NotThere,
    default_cache,
    fetch_all,
    kept_files,
    kept_name,
)
from optical_cli.importers.settings import ImportSettings, PartSettings
from optical_cli.importers.source import Source, members_of, members_within, open_copy
from optical_cli.importers.writing import Writer
from optical_cli.settings import flag_of

LICENSE_FILE = "LICENSE.txt"
# Where downloads of --from are kept, which no set needs to be made of.
BY_URL = "from-url"
# So many languages are listed one by one.
SHOWN = 12


@dataclass(frozen=True)
class Copy:
    """A copy that is here.

    Attributes:
        source: Its members.
        fetched: What was downloaded for it.
        given: The path that the user named; None for downloads.
    """

    source: Source
    fetched: list[Fetched] = field(default_factory=list)
    given: str | None = None


def part_of(what: ImportSettings, part: PartSettings) -> tuple[Dataset, Part]:
    """The set and its part that the settings mean.

    Raises:
        UsageError: There is no such set, or it does not take an option that is given.
    """
    dataset, selector = registry.find(what.name)
    _refuse_meaningless(dataset, what, part)
    return dataset, Part(
        dataset.name, selector, part.lang, part.passage_lang, part.split, part.source_lang,
        part.field,
    )  # fmt: skip


def _refuse_meaningless(dataset: Dataset, what: ImportSettings, part: PartSettings) -> None:
    """Raise for options that choose nothing in this set."""
    given = [f.name for f in fields(part) if getattr(part, f.name) != f.default]
    taken = [*dataset.takes, *([] if dataset.package else ["from"])]
    meaningless = [name for name in (*given, *(["from"] if what.origin else []))
                   if name not in taken]  # fmt: skip
    if meaningless:
        flags, listed = (", ".join(map(flag_of, names)) for names in (meaningless, taken))
        raise UsageError(
            f"{dataset.name} does not take {flags}; it takes {listed or 'none of them'}"
        )


def open_it(dataset: Dataset, part: Part, what: ImportSettings) -> Copy:
    """The user's copy, or a download.

    Raises:
        InputError: The copy is missing, or a license must be agreed to first.
        UsageError: It is not said which part to download.
        EnvironmentFault: It cannot be downloaded.
    """
    if what.origin is not None and "://" in what.origin:
        return _from_url(dataset, what.origin, what.cache)
    if what.origin is not None:
        return Copy(open_copy(what.origin, Path(what.origin)), given=what.origin)
    if dataset.package:
        if not part.selector:
            raise UsageError(f"{dataset.name}: say which, as {dataset.name}:{dataset.selector}")
        return Copy(Source(dataset.name, ()))
    if dataset.files is None:
        raise _own_copy_needed(dataset)
    if dataset.selector and not part.selector:
        raise UsageError(
            f"{dataset.name}: say which, as {dataset.name}:{dataset.selector}, or give your copy"
            " with --from"
        )
    fetched = _downloaded(dataset, part, (what.cache or default_cache()) / dataset.name)
    members = (m for f in fetched for m in members_within(f.file.name, f.file.name, f.path))
    return Copy(Source(dataset.name, members), fetched)


def _downloaded(dataset: Dataset, part: Part, folder: Path) -> list[Fetched]:
    """The files of a part; what cannot be had is told with what to do about it."""
    try:
        return _fetched(dataset, dataset.files(part), folder)
    except NotThere as fault:
        if dataset.known:
            raise UsageError(str(fault), hint=dataset.known(part)) from None
        hint = f"its publishers moved it: look at {dataset.home}, and give your copy with --from"
        raise NotThere(str(fault), hint=hint) from None


def _fetched(dataset: Dataset, files: Sequence[RemoteFile], folder: Path) -> list[Fetched]:
    """All of `files`; where this machine cannot fetch one that is there, another may."""
    try:
        return fetch_all(files, folder)
    except NotThere:
        raise
    except EnvironmentFault as fault:
        raise EnvironmentFault(str(fault), hint=fault.hint or _elsewhere(dataset, files)) from None


def _from_url(dataset: Dataset, url: str, cache: Path | None) -> Copy:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise UsageError(f"--from {url}: expected a path, or a URL with http or https")
    file = RemoteFile(Path(parts.path).name or "download", url)
    fetched = _fetched(dataset, [file], (cache or default_cache()) / BY_URL)
    return Copy(Source(url, members_of(file.name, url, fetched[0].path)), fetched)


def _elsewhere(dataset: Dataset, files: Sequence[RemoteFile]) -> str:
    """How to come by `files`, all of them, where this machine cannot fetch them."""
    terms = f"on a machine with a network ({dataset.license}; {dataset.home})"
    if len(files) == 1:
        return f"fetch {files[0].url} {terms}, and give the file with --from"
    urls = "".join(f"\n{file.url}" for file in files)
    return f"fetch these {terms} into one folder, and give the folder with --from:{urls}"


def _own_copy_needed(dataset: Dataset) -> InputError:
    if dataset.agree:
        return InputError(
            f"its license has to be agreed to by you, at {dataset.agree}", where=dataset.name,
            hint=f"get your copy there ({dataset.license}), and give it with --from",
        )  # fmt: skip
    return InputError("has no download", where=dataset.name, hint="give your copy with --from")


def convert(dataset: Dataset, part: Part, copy: Copy, directory: Path) -> Writer:
    """Write our files and the license into `directory`.

    Raises:
        InputError: The copy is malformed, or nothing of what was asked for is in it.
    """
    out = Writer(directory)
    dataset.convert(copy.source, part, out)
    if not out.counts:
        raise InputError("nothing of what was asked for is in it", where=copy.source.where)
    lines = _license_lines(dataset, part, copy, out.terms)
    out.note(LICENSE_FILE, "".join(f"{line}\n" for line in lines))
    return out


def _license_lines(
    dataset: Dataset, part: Part, copy: Copy, terms: Sequence[str]
) -> Iterator[str]:  # fmt: skip
    whole = f"{dataset.name}:{part.selector}" if part.selector else dataset.name
    yield f"{whole}: {dataset.what}"
    yield f"License: {dataset.license}"
    yield from terms
    yield f"Home: {dataset.home}"
    for fetched in copy.fetched:
        yield f"From: {fetched.file.url} (sha256 {fetched.sha256})"
    if copy.given is not None:
        yield f"From: a copy of the user's, {Path(copy.given).name}"
    yield "Changed: one record a line, NFC, single spaces, no invisible characters or entities."
    yield from dataset.notes


def read_inputs(copy: Copy) -> list[str]:
    """The files of the user's copy that were read, as the manifest is to name them."""
    if copy.given is None:
        return []
    root = Path(copy.given)
    return [str(root / f.relative_to(root)) if root.is_dir() else str(root)
            for f in copy.source.used]  # fmt: skip


def listing(cache: Path | None) -> Iterator[tuple[str, ...]]:
    """A row for each set: name, what, languages, size, license, at hand or not."""
    folder = cache or default_cache()
    for dataset in registry.known_sets().values():
        count = len(dataset.languages)
        langs = " ".join(dataset.languages) if count <= SHOWN else f"{count} languages"
        yield (_listed_name(dataset), dataset.what, langs or "-", dataset.size or "-",
               dataset.license, _at_hand(dataset, folder / dataset.name))  # fmt: skip


def _listed_name(dataset: Dataset) -> str:
    """The name with what stands behind its colon; in brackets where it is only for choosing."""
    if dataset.selector is None:
        return dataset.name
    needed = dataset.files or dataset.package
    return (
        f"{dataset.name}:{dataset.selector}" if needed else f"{dataset.name}[:{dataset.selector}]"
    )


def _at_hand(dataset: Dataset, folder: Path) -> str:
    if dataset.refused:
        return "refused"
    if dataset.package:
        import importlib.util

        there = importlib.util.find_spec(dataset.package.replace("-", "_"))
        return "fetches itself" if there else f"needs {dataset.package}"
    if dataset.agree:
        return "your copy, by agreement"
    if dataset.files is None:
        return "your copy"
    if dataset.selector:
        return f"kept: {count}" if (count := len(kept_files(folder))) else "to download"
    wanted = dataset.files(Part(dataset.name))
    here = sum((folder / kept_name(file)).is_file() for file in wanted)
    if here < len(wanted):
        return f"{here} of {len(wanted)} files" if here else "to download"
    return "yes"


def summary(out: Writer) -> list[tuple[str, int]]:
    """Written files with their records, then what was left out and why."""
    left_out = [(f"left out: {why}", count) for why, count in out.left_out.items()]
    return [*out.counts.items(), *left_out]
