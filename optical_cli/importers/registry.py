"""Every data set by the name that the command line knows it by."""

import importlib
from collections.abc import Collection

from optical_cli.errors import UsageError
from optical_cli.importers.dataset import Dataset
from optical_cli.settings import nearest

FAMILIES = (
    "squad", "lareqa", "xglue", "belebele", "flores", "afriqa", "ciral", "xor_tydi", "mkqa",
    "nway", "clef", "beir", "opus", "irds",
)  # fmt: skip


def known_sets() -> dict[str, Dataset]:
    """The sets by name, in the order of their families."""
    modules = (importlib.import_module(f"{__package__}.sets.{name}") for name in FAMILIES)
    return {dataset.name: dataset for module in modules for dataset in module.SETS}


def find(given: str) -> tuple[Dataset, str]:
    """The set that ``NAME`` or ``NAME:SELECTOR`` means, and the selector.

    Raises:
        UsageError: There is none of that name, or a selector is missing or too much.
    """
    name, _, selector = given.partition(":")
    sets = known_sets()
    if name not in sets:
        raise UsageError(
            f"no data set {name}{_meant(name, sets)}", hint="optical import --list shows them"
        )
    dataset = sets[name]
    if dataset.refused:
        raise UsageError(f"{name}: {dataset.refused}")
    if selector and not dataset.selector:
        raise UsageError(f"{name} has no parts to choose from by a colon")
    return dataset, selector


def _meant(name: str, sets: Collection[str]) -> str:
    """The sets of a family that is called `name`, or the set that is called most alike."""
    family = [other for other in sets if other.startswith(f"{name}-")]
    return f"; there are {', '.join(family)}" if family else nearest(name, sets)
