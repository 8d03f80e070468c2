"""What is imported, from where, and which part of it."""

from dataclasses import dataclass
from pathlib import Path

from optical_cli.settings import argument, option


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """The data set, and where a copy of it lies."""

    name: str | None = argument(
        None, help="Data set, such as xquad, opus:TED2020/v1 or irds:mmarco/v2/de/dev/small.",
        metavar="[NAME]",
    )  # fmt: skip
    origin: str | None = option(
        None, help="Your own copy: a folder, an archive, a file or a URL. Default: download it.",
        flags=("--from",), metavar="PATH|URL",
    )  # fmt: skip
    cache: Path | None = option(
        None, help="Where downloads are kept; the user's cache directory by default.",
        metavar="DIR", occasion=True,
    )  # fmt: skip
    list: bool = option(False, help="Print the data sets, and stop.", occasion=True)


@dataclass(frozen=True, kw_only=True)
class PartSettings:
    """Which part of the data set is wanted."""

    lang: tuple[str, ...] = option(
        (), help="Language of queries or of the foreign side; all by default. Repeatable.",
        metavar="CODE",
    )  # fmt: skip
    passage_lang: tuple[str, ...] = option(
        (), help="Language of passages, where there is a choice; English by default. Repeatable.",
        metavar="CODE",
    )  # fmt: skip
    split: tuple[str, ...] = option(
        (), help="Split, where there are several; all by default. Repeatable.", metavar="NAME"
    )
    source_lang: str = option("en", help="The teacher's side of bitext.", metavar="CODE")
    field: tuple[str, ...] = option(
        ("title", "description"),
        help="Parts of a topic that make the query: title, description, narrative. Repeatable.",
        metavar="NAME",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ImportOutputSettings:
    """Where it goes."""

    output: Path | None = option(
        None, help="Directory to write; whole when its manifest.json is there.",
        flags=("--output", "-o"), metavar="DIR", occasion=True,
    )  # fmt: skip
    overwrite: bool = option(False, help="Replace an existing output.", occasion=True)
