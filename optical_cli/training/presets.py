"""Settings that belong together under one name."""

from dataclasses import replace

from optical_cli.errors import UsageError
from optical_cli.settings import Invocation
from optical_cli.training.settings import DistillSettings
from optical_cli.transport.settings import TransportSettings

# The paper extends both sides to one length with [MASK]s, which carry mass as all tokens do.
PAPER = {"distill.expand": True, "transport.marginals": "all", "distill.objective": "ot"}


def with_preset(
    what: DistillSettings, transport: TransportSettings, invocation: Invocation
) -> tuple[DistillSettings, TransportSettings, Invocation]:
    """Settings as ``--preset`` wants them, and the invocation that says so.

    Raises:
        UsageError: An option was given that contradicts the preset.
    """
    if what.preset is None:
        return what, transport, invocation
    settings = {section: dict(entries) for section, entries in invocation.settings.items()}
    for name, value in PAPER.items():
        section, _, option = name.partition(".")
        entry = settings.setdefault(section, {}).get(option)
        if entry and entry["from"] != "default" and entry["value"] != value:
            flag = option.replace("_", "-")
            raise UsageError(f"--preset paper means --{flag} {value}, not {entry['value']}")
        settings[section][option] = {"value": value, "from": "preset paper"}
    return (
        replace(what, expand=True, objective="ot"),
        replace(transport, marginals="all"),
        replace(invocation, settings=settings),
    )
