"""Letters of other scripts in Latin ones: how a name looks to a reader who knows no others."""

from anyascii import anyascii

from optical_cli.text.scripts import UNSEGMENTED, script_of

# Scripts whose letters stand for words, or whose words have no ends, stay.
KEPT = frozenset({"Latin", *UNSEGMENTED})


def romanized(text: str) -> str:
    """`text` with each letter or sign of another script as the ASCII letters nearest to it.

    Letter by letter, so context changes nothing: Greek mu and pi are ``mp``, not ``b``, and
    vowels that a script leaves out stay out. Only letters come out, so a word stays a word: the
    Russian soft sign is nothing, not an apostrophe. Scripts without spaces between words stay as
    they are. Source: the table of the anyascii library.
    """
    return "".join(map(romanized_letter, text))


def romanized_letter(letter: str) -> str:
    """One letter or sign, as `romanized` has it."""
    script = script_of(letter)
    if script is None or script in KEPT:
        return letter
    latin = "".join(filter(str.isalnum, anyascii(letter)))
    # Capitals are those of the letter: the table puts others into syllables (Hangul).
    return latin if letter.lower() != letter else latin.lower()
