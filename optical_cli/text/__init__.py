"""Text without languages' surprises: normal forms, scripts, language codes, segmentation.

Nothing here imports torch. The public names:

- `clean` (stored form), `nfc`, `fold` and `key` (for comparing), `strip_invisible`,
  `unescape_entities`, `collapse_space`;
- `words`, `word_spans`, `unit_spans` and `graphemes`, right for scripts without spaces too, and
  `refilled` and `capitalized_like` for putting others in their places;
- `script_of`, `main_script`, `code_point_table` (NumPy tables over all code points);
- `canonical`, `same_language`, `language_name`, `scripts_of_language`,
  `spellings`.
"""

from optical_cli.text.languages import (
    Language,
    canonical,
    known_languages,
    language_name,
    same_language,
    scripts_of_language,
    spellings,
)
from optical_cli.text.normalize import (
    clean,
    collapse_space,
    fold,
    key,
    nfc,
    strip_invisible,
    unescape_entities,
)
from optical_cli.text.scripts import code_point_table, main_script, script_class, script_of
from optical_cli.text.segment import (
    capitalized_like,
    graphemes,
    refilled,
    unit_spans,
    word_spans,
    words,
)

__all__ = [
    "Language",
    "canonical",
    "capitalized_like",
    "clean",
    "code_point_table",
    "collapse_space",
    "fold",
    "graphemes",
    "key",
    "known_languages",
    "language_name",
    "main_script",
    "nfc",
    "refilled",
    "same_language",
    "script_class",
    "script_of",
    "scripts_of_language",
    "spellings",
    "strip_invisible",
    "unescape_entities",
    "unit_spans",
    "word_spans",
    "words",
]
