"""How text is stored and how it is compared.

Stored text is NFC: compatibility forms rewrite Thai sara am, fractions and Arabic ligatures, so
NFKC serves keys alone. `clean` is what a sentence becomes before it is written, `fold` and `key`
what two sentences are compared by.
"""

import html
import html.entities
import re
import unicodedata

import regex

# Zero-width space, byte order mark, soft hyphen, bidi marks, embeddings and isolates, word joiner
# and invisible operators, interlinear marks: nothing of it is read. ZWNJ and ZWJ (200C, 200D)
# shape letters in Persian, Marathi and others and stay between letters.
INVISIBLE = (
    "\u200b\ufeff\u00ad\u200e\u200f\u061c\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufff9-\ufffb"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_JOINER = re.compile("[\u200c\u200d]")
# A joiner counts as between letters where it follows a letter or mark (or an emoji, whose families
# it joins) and precedes one.
_STRAY_JOINER = regex.compile(
    "(?<![\\p{L}\\p{M}\\p{Emoji}\ufe0f])[\u200c\u200d]+|[\u200c\u200d]+(?![\\p{L}\\p{M}\\p{Emoji}])"
)
# Control characters that str.split does not take for space.
_CONTROL = re.compile("[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NOT_IN_KEY = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def nfc(text: str) -> str:
    """Canonical composition, the form in which text is stored."""
    return unicodedata.normalize("NFC", text)


def strip_invisible(text: str) -> str:
    """Remove characters that nobody sees; joiners stay between letters and inside emoji."""
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    return _STRAY_JOINER.sub("", text) if _JOINER.search(text) else text


def unescape_entities(text: str) -> str:
    """Resolve HTML entities that end in a semicolon, at most twice (``&amp;lt;`` is common)."""
    for _ in range(2):
        if "&" not in text:
            break
        text = _ENTITY.sub(_entity, text)
    return text


def _entity(match: re.Match) -> str:
    # html.unescape also takes the "&copy" out of "&copying;".
    named = not match[0].startswith("&#")
    return html.entities.html5.get(match[0][1:], match[0]) if named else html.unescape(match[0])


def collapse_space(text: str) -> str:
    """Every run of Unicode white space becomes one space; none at the ends."""
    return " ".join(text.split())


def clean(text: str) -> str:
    """The form in which a sentence is stored.

    NFC, entities resolved, invisible characters and controls gone, space collapsed.
    """
    text = strip_invisible(unescape_entities(text))
    return nfc(collapse_space(_CONTROL.sub("", text)))


def fold(text: str) -> str:
    """NFKC and case folding, with its words: for matching, never for storing."""
    # Casefolding may decompose, so it stands between two normalisations.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def key(text: str) -> str:
    """What two sentences are the same by: letters, marks and digits of `fold`.

    Vietnamese, Yoruba, Indic and Thai marks stay; space and punctuation go. Empty for a text
    of punctuation alone.
    """
    return _NOT_IN_KEY.sub("", fold(text))
