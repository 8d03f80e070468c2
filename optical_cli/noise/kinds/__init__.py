"""The kinds of noise, in the order in which they are applied to a pair that several hit.

First what sets pairs together wrongly, then what happens to sentences, to words and to letters,
and last to bytes, as on the way from a web page to a file.
"""

from optical_cli.noise.kind import NoiseKind
from optical_cli.noise.kinds.code_switch import CodeSwitch
from optical_cli.noise.kinds.crawl import Crawl
from optical_cli.noise.kinds.drop_words import drop_words
from optical_cli.noise.kinds.encoding import encoding
from optical_cli.noise.kinds.misalign import Misalign
from optical_cli.noise.kinds.misorder import misorder
from optical_cli.noise.kinds.strip_diacritics import strip_diacritics
from optical_cli.noise.kinds.truncate import truncate
from optical_cli.noise.kinds.typos import typos
from optical_cli.noise.kinds.untranslated import Untranslated
from optical_cli.noise.kinds.wrong_language import WrongLanguage

_IN_ORDER: tuple[NoiseKind, ...] = (
    Crawl, Misalign, WrongLanguage, Untranslated, misorder, truncate, drop_words, CodeSwitch,
    typos, strip_diacritics, encoding,
)  # fmt: skip
KINDS = {kind.name: kind for kind in _IN_ORDER}

__all__ = ["KINDS"]
