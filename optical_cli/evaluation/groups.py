"""Named groups of languages: which are called high-resource and which low, and on whose word."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optical_cli.errors import InputError, UsageError
from optical_cli.evaluation.signature import short
from optical_cli.formats.manifest import sha256
from optical_cli.text import canonical

HIGH, LOW = "high", "low"
EXAMPLE = 'source = "whose grouping", then [groups], high = ["de", "es"], low = ["sw"]'


@dataclass(frozen=True)
class Grouping:
    """Languages by group.

    Attributes:
        name: What the setting is called.
        source: Who says so.
        groups: Group name to language codes; at least `HIGH` and `LOW`.
        digest: Of the file that it stands in; None for a preset.
    """

    name: str
    source: str
    groups: Mapping[str, tuple[str, ...]]
    digest: str | None = None

    @property
    def label(self) -> str:
        """The name, with a file's short hash."""
        return f"{self.name}@{short([self.digest])}" if self.digest else self.name

    def group_of(self, language: str | None) -> str | None:
        """The group of a language, or None."""
        if language is None:
            return None
        code = canonical(language)
        return next((name for name, codes in self.groups.items() if code in codes), None)

    def members(self, languages: Iterable[str | None]) -> dict[str, list[str]]:
        """Which of `languages` are in which group."""
        found: dict[str, list[str]] = {}
        for language in dict.fromkeys(languages):
            if language is not None and (group := self.group_of(language)) is not None:
                found.setdefault(group, []).append(language)
        return found


# Classes by the amount of labelled and unlabelled data, of the languages that have retrieval
# collections or bitext worth the name.
JOSHI = {
    5: "ar de en es fr ja zh",
    4: "ca cs eu fa fi hi hr hu it ko nl pl pt ru sr sv tr vi",
    3: "af be bg bn bs ceb da el et gl he id ka kk lt lv ms ro sk sl ta th tl uk ur uz",
    2: "am ga ha is kok lo mr mt pa sw ti tn wo xh yo zu",
    1: "as az eo gu hy ig jv km kn ky ml mn my ne om or ps rw sn so sq te tg tk tt tw",
}
JOSHI_SOURCE = (
    "Joshi et al., The State and Fate of Linguistic Diversity and Inclusion in the NLP World,"
    " ACL 2020"
)


def _classes(*numbers: int) -> tuple[str, ...]:
    return tuple(code for number in numbers for code in JOSHI[number].split())


PRESETS = {
    grouping.name: grouping
    for grouping in (
        Grouping(
            "joshi2020",
            f"{JOSHI_SOURCE}: classes 4 and 5 high, 3 middle, 1 and 2 low",
            {HIGH: _classes(5, 4), "middle": _classes(3), LOW: _classes(2, 1)},
        ),
        # XQuAD and MLQA have no language below class 3; this is the contrast that they do have.
        Grouping(
            "joshi2020-5-3",
            f"{JOSHI_SOURCE}: class 5 high, 4 middle, 3 and below low",
            {HIGH: _classes(5), "middle": _classes(4), LOW: _classes(3, 2, 1)},
        ),
    )
}


def read_grouping(value: str) -> Grouping:
    """The preset called `value`, or else the file.

    Raises:
        UsageError: It is neither; the presets are named.
        InputError: The file is malformed.
    """
    if value in PRESETS:
        return PRESETS[value]
    path = Path(value)
    if not path.is_file():
        raise UsageError(
            f"--groups {value}: neither a file nor one of the presets {', '.join(PRESETS)}"
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not TOML: {error}", where=path) from None
    return _grouping_of(table, path)


def _grouping_of(table: Mapping[str, Any], path: Path) -> Grouping:
    groups = table.get("groups")
    unknown = sorted(table.keys() - {"name", "source", "groups"})
    if unknown or not isinstance(groups, dict):
        raise InputError("expected name, source and a table [groups]", where=path, hint=EXAMPLE)
    for name, codes in groups.items():
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise InputError(f"group {name} is not a list of codes", where=path, hint=EXAMPLE)
    canonical_groups = {n: tuple(canonical(code) for code in codes) for n, codes in groups.items()}
    missing = [name for name in (HIGH, LOW) if not groups.get(name)]
    listed = [code for codes in canonical_groups.values() for code in codes]
    twice = sorted({code for code in listed if listed.count(code) > 1})
    if missing:
        raise InputError(f"no languages in group {' and '.join(missing)}", where=path, hint=EXAMPLE)
    if twice:
        raise InputError(f"{', '.join(twice)} stands in more than one group", where=path)
    name, source = str(table.get("name", path.stem)), str(table.get("source", path.name))
    return Grouping(name, source, canonical_groups, sha256(path))
