"""What every test may use: the command line, and the real data where it is at hand."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# One thread and no hub: the suite gives the same bytes on every machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Output is buffered, as it is for users; a shell that says otherwise would hide what is lost so.
os.environ.pop("PYTHONUNBUFFERED", None)

# The same examples on every run, and no deadline: the first call may load tables or a model.
hypothesis.settings.register_profile("deterministic", derandomize=True, deadline=None)
hypothesis.settings.load_profile("deterministic")

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("OPTICAL_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data, or a skip where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"no real data at {DATA}; set OPTICAL_TEST_DATA")
    return DATA


@pytest.fixture
def optical() -> Callable[..., subprocess.CompletedProcess]:
    """Run `optical ARGS...` in a process of its own; give its exit code and text output."""

    def run(*args: object, stdin: str | None = None, **options) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "optical_cli", *map(str, args)]
        options.setdefault("timeout", 300)
        return subprocess.run(command, input=stdin, capture_output=True, text=True, **options)

    return run


@pytest.fixture
def optical_here(capfd) -> Callable[..., tuple[int, str, str]]:
    """Run `optical ARGS...` in this process (fast); give exit code, stdout and stderr."""
    from optical_cli.app import main

    def run(*args: object) -> tuple[int, str, str]:
        old = sys.argv
        sys.argv = ["optical", *map(str, args)]
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        finally:
            sys.argv = old
        out, err = capfd.readouterr()
        return code, out, err

    return run
