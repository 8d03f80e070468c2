"""What a translation model calls a language: NLLB ``swh_Latn``, M2M ``sw``, MarianMT nothing.

A model's own code is taken as it is; any other spelling (``sw``, ``swa``) is looked for among the
model's. Where a language has several codes, such as Arabic with its dialects, the standard one is
taken.
"""

from collections.abc import Sequence

from optical_cli.errors import UsageError
from optical_cli.text import canonical

# Codes of NLLB-200 for languages of which it has several.
STANDARD = {
    "ar": "arb_Arab", "az": "azj_Latn", "fa": "pes_Arab", "ku": "kmr_Latn", "ms": "zsm_Latn",
    "no": "nob_Latn", "tw": "twi_Latn", "zh": "zho_Hans", "ks": "kas_Deva", "sq": "als_Latn",
}  # fmt: skip


def code_for(language: str, known: Sequence[str], option: str) -> str:
    """What the model calls `language`.

    Args:
        language: A code in any spelling, or the model's own.
        known: The model's codes.
        option: The flag that `language` came from, for the error.

    Raises:
        UsageError: The model does not have it.
    """
    if language in known:
        return language
    matches = [code for code in known if canonical(code) == canonical(language)]
    if not matches:
        raise UsageError(f"{option} {language}: the model has {', '.join(sorted(known)[:40])}, ...")
    standard = STANDARD.get(canonical(language))
    return standard if standard in matches else matches[0]
