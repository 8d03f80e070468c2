"""Every live command stands in README and in its own help with examples that parse."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from optical_cli.app import COMMANDS, app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMES = [name for names in COMMANDS.values() for name in names]
GROUP = typer.main.get_command(app)


def examples(text: str) -> list[list[str]]:
    """The command lines that begin with `optical`, in code or in a table, as words."""
    # A long example goes on in the next line, after a backslash or with an option.
    text = re.sub(r"\\?\n[ \t]*(?=-)|\\\n", " ", text)
    found = re.findall(r"(?:^|`)\s*optical ([a-z][^`\n]*)", text, flags=re.MULTILINE)
    lines = [line.split(" && ")[0].split(" | ")[0] for line in found]
    return [shlex.split(line, comments=True) for line in lines]


def parse(words: list[str]) -> None:
    command = GROUP.commands[words[0]]
    command.make_context(words[0], list(words[1:]), resilient_parsing=False).close()


def readme_examples() -> dict[str, list[list[str]]]:
    by_name: dict[str, list[list[str]]] = {}
    for words in examples(README):
        if words[0] in GROUP.commands and len(words) > 1 and "-h" not in words:
            by_name.setdefault(words[0], []).append(words)
    return by_name


@pytest.mark.parametrize("name", NAMES)
def test_command_stands_in_the_readme_with_an_example_that_parses(name):
    found = readme_examples().get(name, [])
    assert found, f"README has no example of optical {name}"
    for words in found:
        parse(words)


@pytest.mark.parametrize("name", NAMES)
def test_help_has_two_examples_that_parse(name):
    found = [w for w in examples(GROUP.commands[name].help or "") if w[0] == name]
    assert len(found) >= 2
    for words in found:
        parse(words)


@pytest.mark.parametrize("name", NAMES)
def test_every_option_says_what_it_does(name):
    for parameter in GROUP.commands[name].params:
        assert parameter.help, f"{name}: {parameter.name} has no help"


def test_a_wrong_example_does_not_parse():
    with pytest.raises(Exception, match=r"[Nn]o such option"):
        parse(["toy", "--no-such-option", "-o", "x"])


@pytest.mark.parametrize("recipe", sorted((ROOT / "recipes").glob("*.sh")), ids=lambda p: p.name)
def test_recipes_are_plain_shell_that_parses(recipe):
    import subprocess

    sourced = recipe.name in ("parallel-data.sh", "resume.sh")
    assert sourced or "set -euo pipefail" in recipe.read_text(encoding="utf-8")
    subprocess.run(["bash", "-n", recipe], check=True)
