"""The house rules that a machine can hold."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "optical_cli"


def test_imports_run_downward():
    command = ["lint-imports", "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    script = Path(sys.executable).with_name(command[0])
    result = subprocess.run(
        [script, *command[1:]], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_help_starts_without_heavy_imports():
    code = (
        "import sys; import optical_cli.app;"
        "print([m for m in ('torch', 'transformers', 'matplotlib', 'ot', 'numba', 'scipy')"
        " if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


@pytest.mark.parametrize("name", ["utils", "common", "helpers", "misc"])
def test_no_drawer_for_odds_and_ends(name):
    assert not list(PACKAGE.rglob(f"{name}.py")) and not list(PACKAGE.rglob(f"{name}/"))


def test_every_folder_is_packaged():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    folders = {p.parent.relative_to(ROOT) for p in PACKAGE.rglob("__init__.py")}
    assert {".".join(folder.parts) for folder in folders} == listed
