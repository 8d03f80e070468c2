"""From what the user calls a model to a folder on disk."""

import re
from collections.abc import Iterable
from pathlib import Path

from optical_cli.errors import EnvironmentFault, InputError

HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
# Never remote code (*.py), never weights of other frameworks, pickles only where allowed.
WANTED = ["*.json", "*.txt", "*.model", "*.spm", "artifact.metadata", "*.safetensors"]
PICKLES = ["*.bin", "*.bin.index.json"]
UNWANTED = ["onnx/*", "openvino/*"]


def folders_among(names: Iterable[Path | str | None]) -> list[Path]:
    """Those of `names` that are folders here; others are the hub's, and known by the settings."""
    return [Path(name) for name in names if name is not None and Path(name).is_dir()]


def hub_name(name: str) -> str | None:
    """`name`, unless it is a folder here."""
    return None if Path(name).is_dir() else name


def find_model(name: Path | str, *, allow_pickle: bool = False) -> Path:
    """The folder of a model: `name` itself, or what the hub has by that name.

    Raises:
        InputError: There is no such folder, and `name` cannot be on the hub.
        EnvironmentFault: The hub cannot be reached and its cache does not hold the model.
    """
    path = Path(name)
    if path.is_dir():
        return path
    if path.exists():
        raise InputError("is a file; a model is a folder", where=path)
    if not HUB_NAME.fullmatch(str(name)) or str(name) in (".", ".."):
        raise InputError("no such folder", where=name, hint="give a model's folder or hub name")
    return _from_hub(str(name), allow_pickle=allow_pickle)


def _from_hub(name: str, *, allow_pickle: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    wanted = WANTED + (PICKLES if allow_pickle else [])
    try:
        return Path(snapshot_download(name, allow_patterns=wanted, ignore_patterns=UNWANTED))
    except RepositoryNotFoundError:
        raise InputError(
            "is no folder here, and no public model on the hub", where=name,
            hint="a private or gated model needs `hf auth login`",
        ) from None  # fmt: skip
    except HFValidationError:
        raise InputError("no such folder", where=name) from None
    except OSError as error:
        raise EnvironmentFault(
            f"is no folder here, and the hub cannot be asked ({_reason(error)})", where=name,
            hint=f"`hf download {name}` where there is a network, or give a folder",
        ) from None  # fmt: skip


def _reason(error: OSError) -> str:
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set, and the model is not in its cache"
    return f"{type(error).__name__}, and the model is not in its cache"
