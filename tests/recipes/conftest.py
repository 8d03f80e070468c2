"""What the tests of recipes share."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="session")
def load() -> Callable[[str], ModuleType]:
    """Import a Python file that stands beside the recipes."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(
            name.replace("-", "_"), RECIPES / f"{name}.py"
        )
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
