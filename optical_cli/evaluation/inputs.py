"""What stands before the equals sign: which system, language and seed a file belongs to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from optical_cli.errors import UsageError
from optical_cli.formats.streams import STDIO

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")


@dataclass(frozen=True)
class RunInput:
    """A run file and what it is a run of."""

    path: str
    system: str
    language: str | None = None
    seed: int | None = None

    @property
    def label(self) -> str:
        """``SYSTEM/LANG/SEED``, as far as given."""
        parts = [self.system, self.language, None if self.seed is None else str(self.seed)]
        return "/".join(part for part in parts if part is not None)


def parse_runs(values: Iterable[str]) -> list[RunInput]:
    """Read ``[SYSTEM[/LANG[/SEED]]=]FILE``.

    Raises:
        UsageError: A label has too many parts, an empty one or a seed that is no whole number,
            or two runs have the same label.
    """
    runs = [_parse_run(value) for value in values]
    labels = [run.label for run in runs]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise UsageError(
            f"--run: more than one run is called {', '.join(twice)}",
            hint="name them: --run SYSTEM=FILE or --run SYSTEM/LANG/SEED=FILE",
        )
    return runs


def _parse_run(value: str) -> RunInput:
    label, path = split_label(value)
    if label is None:
        return RunInput(path, stem_of(path))
    system, *rest = label.split("/")
    if not system or len(rest) > 2 or not all(rest):
        raise UsageError(f"--run {value}: expected [SYSTEM[/LANG[/SEED]]=]FILE")
    if len(rest) == 2 and not re.fullmatch(r"[0-9]+", rest[1]):
        raise UsageError(f"--run {value}: seed {rest[1]!r} is not a whole number")
    return RunInput(path, system, *rest[:1], *map(int, rest[1:]))


def parse_models(values: Iterable[str]) -> list[RunInput]:
    """Read ``[SYSTEM[/LANG]=]DIR``; the system is called as the directory by default.

    Raises:
        UsageError: A label is malformed, or two models have the same.
    """
    models = []
    for value in values:
        label, path = split_label(value)
        system, *rest = (label or Path(path).name).split("/")
        if not system or len(rest) > 1 or not all(rest):
            raise UsageError(f"--student {value}: expected [SYSTEM[/LANG]=]DIR")
        models.append(RunInput(path, system, *rest))
    labels = [model.label for model in models]
    if len(set(labels)) < len(labels):
        raise UsageError(
            "--student: more than one has the same name",
            hint="name them: --student before=DIR --student after=DIR",
        )
    return models


def models_for(language: str | None, models: Sequence[RunInput]) -> list[RunInput]:
    """Those of `language`, and those of no language whose system has none of it.

    Raises:
        UsageError: There are none.
    """
    own = [model for model in models if model.language == language]
    systems = {model.system for model in own}
    found = own + [m for m in models if m.language is None and m.system not in systems]
    if not found:
        raise UsageError(f"--bitext {language}: no student of this language")
    return found


def parse_labelled(option: str, values: Iterable[str]) -> dict[str | None, str]:
    """Read ``[LANG=]FILE`` into file by language, None for the rest.

    Raises:
        UsageError: Two files for one language.
    """
    files: dict[str | None, str] = {}
    for value in values:
        language, path = split_label(value)
        if language in files:
            which = f"language {language}" if language else "every language"
            raise UsageError(f"{option} {value}: a file for {which} is given twice")
        files[language] = path
    return files


def parse_bitexts(values: Iterable[str]) -> dict[str | None, str]:
    """Read the ``[LANG=]FILE`` of ``--bitext`` into file by language.

    Raises:
        UsageError: Two files for one language, or several files of which one has none.
    """
    files = parse_labelled("--bitext", values)
    if None in files and len(files) > 1:
        raise UsageError(
            "--bitext: of several, each needs a language",
            hint="--bitext sw=FILE --bitext so=FILE",
        )
    return files


def parse_tags(values: Iterable[str]) -> dict[str, str | float]:
    """Read ``NAME=VALUE``; what looks like a number is one.

    Raises:
        UsageError: There is no equals sign, or a name comes twice.
    """
    tags: dict[str, str | float] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not (name and equals) or name in tags:
            raise UsageError(f"--tag {value}: expected NAME=VALUE, each name once")
        tags[name] = _number_or_text(text)
    return tags


def split_label(value: str) -> tuple[str | None, str]:
    """The label before the first ``=``, None where there is none or all of it is a file."""
    label, equals, path = value.partition("=")
    if not equals or Path(value).exists():
        return None, value
    return label, path


def stem_of(path: str) -> str:
    """The file's name without its folder, compression suffix and last suffix."""
    if path == STDIO:
        return "stdin"
    name = Path(path).name
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    return Path(name).stem


def _number_or_text(text: str) -> str | float:
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?", text) else text
