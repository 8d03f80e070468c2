"""Signatures: what a number depends on, in one line that fits below a table."""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version

import optical_cli

SHORT = 8
# More hashes than these are hashed together.
FEW = 4


def signature(measure: str, parts: Mapping[str, object]) -> str:
    """``measure|key:value|...|optical:version``; parts that are None are left out.

    Two numbers with equal signatures answer the same question about the same files.
    """
    known = (f"{name}:{value}" for name, value in parts.items() if value is not None)
    return "|".join([measure, *known, f"optical:{optical_cli.__version__}"])


def library() -> str:
    """The library behind the retrieval measures, with the versions that are installed."""
    names = ("ir-measures", "pytrec-eval-terrier")
    return "+".join(f"{name}-{version(name)}" for name in names)


def short(hashes: Iterable[str]) -> str:
    """The first digits of a few hashes; of many, how many and a hash of them all."""
    digests = list(hashes)
    if len(digests) <= FEW:
        return "+".join(digest[:SHORT] for digest in digests)
    together = hashlib.sha256("+".join(digests).encode()).hexdigest()
    return f"{len(digests)}@{together[:SHORT]}"
