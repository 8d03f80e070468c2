"""``encoding``: text in the wrong encoding."""

import functools

import numpy as np

from optical_cli.noise.kind import text_kind


@text_kind("encoding")
def encoding(text: str, chance: np.random.Generator, intensity: float) -> str:
    """The bytes of the text's UTF-8 are read as Windows-1252, as browsers do: the five bytes that
    it leaves undefined become control characters. ASCII text does not change.
    """
    return "".join(map(_characters().__getitem__, text.encode()))


@functools.cache
def _characters() -> list[str]:
    """The character of each byte (WHATWG's windows-1252)."""
    return [bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in range(256)]
