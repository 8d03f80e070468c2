"""One declaration: flags, variables, TOML and the record of where each value came from."""

import dataclasses
import importlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args, get_type_hints

import pytest
import typer

from optical_cli.app import COMMANDS, identifier
from optical_cli.bounds import COUNT, Bounds
from optical_cli.command_line import as_command, read_settings_file
from optical_cli.errors import InputError, UsageError
from optical_cli.settings import Invocation, argument, option, restored


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    inputs: tuple[Path, ...] = argument(help="Files.")
    solver: Literal["ipot", "exact"] = option("ipot", help="Solver.")
    beta: float = option(0.5, help="Step.")
    measure: tuple[str, ...] = option(("AP",), help="Measures.")
    prior: tuple[Literal["position", "lexicon"], ...] = option((), help="Priors.")
    cut: int | None = option(None, help="Cut.", within=COUNT)
    share: tuple[float, ...] = option((), help="Shares.", within=Bounds(above=0, most=1))
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


@pytest.mark.parametrize(
    "given, message",
    [(["--cut", "0"], "--cut 0: must be at least 1"),
     (["--share", "0.5", "--share", "0"], "--share 0: must be above 0 and at most 1"),
     (["--share", "nan"], "--share nan: must be"), (["--share", "1.5"], "--share 1.5: must be")],
)  # fmt: skip
def test_numbers_have_bounds(call, given, message):
    with pytest.raises(UsageError, match=message):
        call("a", *given)
    assert call("a", "--cut", "1", "--share", "1")[0].share == (1.0,)


def test_settings_of_another_version_are_refused():
    recorded = {"sample": {"inputs": {"value": ["a"]}, "former": {"value": 1}}}
    with pytest.raises(UsageError, match=r"another version: sample\.former"):
        restored(SampleSettings, recorded)


def test_infinity_is_within_no_bounds():
    assert math.inf not in Bounds(least=0) and 1e9 in Bounds(least=0)
    with pytest.raises(UsageError, match="--weight inf: must be finite"):
        Bounds().require("--weight", math.inf)


# Any integer is a seed; the number of bits is one of three.
UNBOUNDED = {"seed", "bits", "folds"}


def settings_of(command):
    module = importlib.import_module(f"optical_cli.commands.{identifier(command)}")
    hints = get_type_hints(getattr(module, identifier(command)))
    return [kind for kind in hints.values() if dataclasses.is_dataclass(kind)]


@pytest.mark.parametrize("command", [name for group in COMMANDS.values() for name in group])
def test_every_number_that_a_command_takes_has_bounds(command):
    for kind in settings_of(command):
        hints = get_type_hints(kind)
        for field in dataclasses.fields(kind):
            kinds = {hints[field.name], *get_args(hints[field.name])}
            if kinds & {int, float} and "kind" in field.metadata and field.name not in UNBOUNDED:
                assert field.metadata["within"] is not None, field.name


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
