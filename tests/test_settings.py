"""One declaration: flags, variables, TOML and the record of where each value came from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
import typer

from optical_cli.errors import InputError, UsageError
from optical_cli.settings import Invocation, argument, as_command, option, read_settings_file


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    inputs: tuple[Path, ...] = argument(help="Files.")
    solver: Literal["ipot", "exact"] = option("ipot", help="Solver.")
    beta: float = option(0.5, help="Step.")
    measure: tuple[str, ...] = option(("AP",), help="Measures.")
    prior: tuple[Literal["position", "lexicon"], ...] = option((), help="Priors.")
    cut: int | None = option(None, help="Cut.")
    fast: bool = option(True, help="Be fast.")
    output: Path = option(Path("out"), help="Where.", flags=("--output", "-o"), occasion=True)


@pytest.fixture
def call():
    seen = []

    def sample(sample: SampleSettings, invocation: Invocation) -> None:
        """Do it."""
        seen.append((sample, invocation))

    app = typer.Typer()
    app.command("sample")(as_command(sample))

    def run(*args):
        app([*map(str, args)], standalone_mode=False)
        return seen[-1]

    return run


def test_defaults_are_those_of_the_dataclass(call):
    settings, invocation = call("a.tsv", "b.tsv")
    assert settings == SampleSettings(inputs=(Path("a.tsv"), Path("b.tsv")))
    assert invocation.settings["sample"]["beta"] == {"value": 0.5, "from": "default"}


def test_precedence_line_then_environment_then_file_then_default(call, tmp_path, monkeypatch):
    file = tmp_path / "s.toml"
    file.write_text('[sample]\nbeta = 0.1\nsolver = "exact"\nmeasure = ["RR@10", "AP"]\ncut = 3\n')
    monkeypatch.setenv("OPTICAL_BETA", "0.2")
    monkeypatch.setenv("OPTICAL_CUT", "4")
    settings, invocation = call("a", "--settings", file, "--cut", 5, "--no-fast")
    assert (settings.solver, settings.beta, settings.cut) == ("exact", 0.2, 5)
    assert settings.measure == ("RR@10", "AP")
    assert settings.fast is False
    origin = {name: entry["from"] for name, entry in invocation.settings["sample"].items()}
    assert origin["solver"] == "settings file"
    assert origin["beta"] == "environment"
    assert origin["cut"] == "command line"


def test_repeated_choices_are_checked(call):
    settings, _ = call("a", "--prior", "lexicon", "--prior", "position")
    assert settings.prior == ("lexicon", "position")
    with pytest.raises(UsageError, match=r"--prior lexicn: unknown \(did you mean lexicon\?\)"):
        call("a", "--prior", "lexicn")


def test_what_does_not_influence_the_result_is_occasion(call):
    _, invocation = call("a", "-o", "there")
    assert "output" not in invocation.settings["sample"]
    assert invocation.occasion == {"output": "there"}


def test_unknown_keys_are_refused_all_at_once(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text("[sample]\nbetta = 1\n[smaple]\nx = 1\n")
    with pytest.raises(UsageError, match=r"sample.betta \(did you mean beta\?\).*\[smaple\]"):
        read_settings_file(file, {"sample": SampleSettings})


def test_broken_or_missing_settings_file(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text("[sample\n")
    with pytest.raises(UsageError, match="is not TOML"):
        read_settings_file(file, {})
    with pytest.raises(InputError, match="cannot be read"):
        read_settings_file(tmp_path / "absent.toml", {})


def test_a_name_declared_twice_is_our_bug():
    @dataclass(frozen=True, kw_only=True)
    class OtherSettings:
        beta: float = option(1.0, help="Another beta.")

    def twice(one: SampleSettings, two: OtherSettings) -> None:
        """Fail."""

    twice.__annotations__ = {"one": SampleSettings, "two": OtherSettings}
    with pytest.raises(TypeError, match="beta is in SampleSettings"):
        as_command(twice)


def test_a_repeatable_key_may_hold_one_value(tmp_path, call):
    file = tmp_path / "s.toml"
    file.write_text('[sample]\nmeasure = "RR@10"\n')
    assert call("a", "--settings", file)[0].measure == ("RR@10",)
