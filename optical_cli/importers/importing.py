"""One import: from a copy or a download to a directory of our files."""

import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from optical_cli.errors import InputError, UsageError
from optical_cli.importers import registry
from optical_cli.importers.dataset import Dataset, Part, RemoteFile
from optical_cli.importers.fetching import Fetched, default_cache, fetch_all
from optical_cli.importers.settings import ImportSettings, PartSettings
from optical_cli.importers.source import Source, members_of, members_within, open_copy
from optical_cli.importers.writing import Writer

LICENSE_FILE = "LICENSE.txt"
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
        UsageError: There is no such set.
    """
    dataset, selector = registry.find(what.name)
    return dataset, Part(
        dataset.name, selector, part.lang, part.passage_lang, part.split, part.source_lang,
        part.field,
    )  # fmt: skip


def open_it(dataset: Dataset, part: Part, what: ImportSettings) -> Copy:
    """The user's copy, or a download.

    Raises:
        InputError: The copy is missing, or a license must be agreed to first.
        UsageError: It is not said which part to download.
        EnvironmentFault: It cannot be downloaded.
    """
    folder = (what.cache or default_cache()) / dataset.name
    if what.origin is not None and "://" in what.origin:
        return _from_url(dataset, what.origin, folder)
    if what.origin is not None:
        return Copy(open_copy(what.origin, Path(what.origin)), given=what.origin)
    if dataset.extra:
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
    fetched = fetch_all(dataset.files(part), folder, lambda file: _told(dataset, file))
    members = (m for f in fetched for m in members_within(f.file.name, f.file.name, f.path))
    return Copy(Source(dataset.name, members), fetched)


def _from_url(dataset: Dataset, url: str, folder: Path) -> Copy:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise UsageError(f"--from {url}: expected a path, or a URL with http or https")
    name = Path(parts.path).name or "download"
    fetched = fetch_all([RemoteFile(name, url)], folder, lambda file: _told(dataset, file))
    return Copy(Source(url, members_of(name, url, fetched[0].path)), fetched)


def _told(dataset: Dataset, file: RemoteFile) -> str:
    return (
        f"fetch {file.url} on a machine with a network ({dataset.license}; {dataset.home}), and"
        f" give the file, or a folder with all of the set's files, with --from"
    )


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
    out.note(LICENSE_FILE, "".join(f"{line}\n" for line in _license_lines(dataset, part, copy)))
    return out


def _license_lines(dataset: Dataset, part: Part, copy: Copy) -> Iterator[str]:
    whole = f"{dataset.name}:{part.selector}" if part.selector else dataset.name
    yield f"{whole}: {dataset.what}"
    yield f"License: {dataset.license}"
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
    needed = dataset.files or dataset.extra
    return (
        f"{dataset.name}:{dataset.selector}" if needed else f"{dataset.name}[:{dataset.selector}]"
    )


def _at_hand(dataset: Dataset, folder: Path) -> str:
    if dataset.refused:
        return "refused"
    if dataset.extra:
        import importlib.util

        there = importlib.util.find_spec("ir_datasets")
        return "fetches itself" if there else f"needs optical-cli[{dataset.extra}]"
    if folder.is_dir() and any(not p.name.startswith(".") for p in folder.iterdir()):
        return "yes, some or all of it"
    if dataset.agree:
        return "your copy, by agreement"
    return "to download" if dataset.files else "your copy"


def summary(out: Writer) -> list[tuple[str, int]]:
    """Written files with their records, then what was left out and why."""
    left_out = [(f"left out: {why}", count) for why, count in out.left_out.items()]
    return [*out.counts.items(), *left_out]
