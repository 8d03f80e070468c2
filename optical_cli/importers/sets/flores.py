"""FLORES: refused as bitext, by its own name, as a corpus of OPUS, and as a folder of its files.

Its files are ``LANG.dev`` and ``LANG.devtest``, LANG a code such as ``eng`` (FLORES-101) or
``eng_Latn`` (FLORES-200). Documented in the README of facebookresearch/flores. OPUS calls its
files ``FLORES.SRC-TGT.LANG``, as it calls every corpus's after the corpus.
"""

import re

from optical_cli.errors import UsageError
from optical_cli.importers.dataset import Dataset, Part
from optical_cli.importers.source import Source
from optical_cli.importers.writing import Writer

FILE = re.compile(
    r"(?:^|/)(?:[a-z]{3}(?:_[A-Z][a-z]{3})?\.(?:dev|devtest)(?:\.txt)?|(?i:[^/]*flores)[^/]*)$"
)
REASON = (
    "FLORES is what Belebele and others test on; as bitext it would put the test into the training."
    " optical import ntrex has bitext in as many languages"
)


def refuse_corpus(name: str) -> None:
    """Raise if a corpus goes by FLORES's name.

    Raises:
        UsageError: It does.
    """
    if "flores" in name.lower():
        raise UsageError(f"{name}: {REASON}")


def refuse_files(source: Source) -> None:
    """Raise if a copy holds files that are called as FLORES or OPUS calls those of FLORES.

    Raises:
        UsageError: It does.
    """
    found = next((name for name in source.members if FILE.search(name)), None)
    if found:
        raise UsageError(f"{source.where}: {found} looks like a file of FLORES: {REASON}")


def _never(source: Source, part: Part, out: Writer) -> None:
    raise AssertionError("refused sets are not converted")


SETS = (
    Dataset(
        "flores", "not imported as bitext: it is a test set", (), "", "CC BY-SA 4.0",
        "https://github.com/facebookresearch/flores", _never, refused=REASON,
    ),
)  # fmt: skip
