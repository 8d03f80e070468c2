"""The command table in pipeline order, and the way from an exception to an exit code."""

import importlib
import keyword
import os
import signal
import sys
from typing import Annotated

import typer

import optical_cli
from optical_cli import console
from optical_cli.command_line import as_command
from optical_cli.errors import OpticalError, UsageError
from optical_cli.formats.outputs import no_space_as_fault

# Group -> subcommands, in the order in which a pipeline calls them.
COMMANDS = {
    "Prepare data": [
        "toy", "import", "prepare-bitext", "score-bitext", "segment", "lexicon", "crop-bitext",
        "code-switch", "inject-noise",
    ],
    "Train": ["init-model", "train-teacher", "distill", "merge", "export"],
    "Retrieve": ["encode", "index", "retrieve", "bm25", "fuse", "translate"],
    "Report": ["evaluate", "evaluate-alignment", "report", "align", "inspect"],
}  # fmt: skip

# Typer vendors its click, so this is where to find the base of what is wrong with a command line.
CommandLineFault = typer.BadParameter.__base__
# Where a value came from, by the name that Typer has for it, if not from the command line.
PLACES = {
    "ENVIRONMENT": lambda context, name: f"OPTICAL_{name.upper()}",
    "DEFAULT_MAP": lambda context, name: context.params.get("settings"),
}

INTERRUPTED = 130

app = typer.Typer(
    name="optical",
    help="Train and run cross-lingual retrieval for languages that have bitext but no relevance"
    " judgements.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def version_text() -> str:
    """Our version with torch's, CUDA's and the device that ``--device auto`` takes."""
    import torch

    cuda = torch.version.cuda or "none"
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    version = optical_cli.__version__
    return f"optical {version} (torch {torch.__version__}, CUDA {cuda}, device {device})"


def _print_version(wanted: bool) -> None:
    if wanted:
        print(version_text())
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print versions and exit."
        ),
    ] = False,
) -> None:
    pass


def identifier(name: str) -> str:
    """What a subcommand's module and function are called: ``import_`` for ``import``."""
    plain = name.replace("-", "_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _register() -> None:
    for group, names in COMMANDS.items():
        for name in names:
            python_name = identifier(name)
            module = importlib.import_module(f"optical_cli.commands.{python_name}")
            function = getattr(module, python_name)
            app.command(name, rich_help_panel=group)(as_command(function))


_register()


def _run() -> int | None:
    """Run the command line; Typer's own faults become ours, which are one plain line."""
    try:
        code = app(standalone_mode=False)
        if code == INTERRUPTED:  # While the command line was read, which Typer ends without a word.
            raise KeyboardInterrupt
        return code
    except CommandLineFault as fault:
        if not sys.argv[1:]:  # The help has been shown.
            return fault.exit_code
        raise _usage_error(fault) from None


def _usage_error(fault: CommandLineFault) -> UsageError:
    """What Typer says of the command line, the environment or a settings file, with the place."""
    context, parameter = fault.ctx, getattr(fault, "param", None)
    where = None
    if context and parameter and (source := context.get_parameter_source(parameter.name)):
        place = PLACES.get(source.name)
        where = place(context, parameter.name) if place else None
    message = fault.format_message().rstrip(".").replace("Value error, ", "")
    command = context.command_path if context else "optical"
    hint = f"{command} -h lists what there is"
    return UsageError(message[:1].lower() + message[1:], where=where, hint=hint)


def main() -> None:
    """Run the command line; an `OpticalError` becomes one plain line and its exit code."""
    # A closed pipe ends the process quietly (141 to the shell) as for any Unix filter.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        with no_space_as_fault("stdout"):  # Help, too, may be sent to a full disk.
            code = _run()
            sys.stdout.flush()
        sys.exit(code)
    except OpticalError as error:
        console.error(str(error), error.hint)
        _empty_stdout()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.error("interrupted")
        sys.exit(INTERRUPTED)


def _empty_stdout() -> None:
    """Write what is still buffered, or drop it: Python would complain once more as it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
