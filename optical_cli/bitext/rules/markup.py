"""A rule about what is left of a page's or a program's markup."""

import re

import numpy as np
from jaxtyping import Float

from optical_cli.bitext.pairs import PairBatch, Side
from optical_cli.bitext.passes import marked
from optical_cli.bitext.profile import Profile
from optical_cli.bitext.rules.rule import rule
from optical_cli.text.scripts import CODE_POINTS

Scores = Float[np.ndarray, " pair"]
# A text without one of these has no markup.
TRIGGERS = np.zeros(CODE_POINTS, dtype=bool)
TRIGGERS[[ord(character) for character in "<[]{}&\\"]] = True
_MARKUP = re.compile(
    r"""
    </[A-Za-z][\w:-]*\s*>                                       # </b>
    | <[A-Za-z][\w:-]*(?:\s+[\w:-]+=(?:"[^"]*"|'[^']*'|[^\s>]+))*\s*/?>   # <a href="x">, <br/>
    | <!--|<!\[CDATA\[
    | &(?:[A-Za-z]{2,8}|\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6});      # what two rounds left of &amp;amp;
    | \[/?(?:b|i|u|s|url|img|quote|code|color|size|list)(?:=[^\]]*)?\]     # BBCode
    | \[\[|\]\]|\{\{|\}\}                                       # wiki links and templates
    | \{\\?[a-zA-Z]+\d*(?::[^}]*)\}|\{\\[a-z]+\d*\}             # {y:i} and {\an8} of subtitles
    | \\(?:begin|end|frac|text(?:bf|it|tt)|emph|section|cite|ref)\{        # LaTeX
    | \\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[nrt](?![a-z])      # escapes of a program
    """,
    re.VERBOSE,
)


@rule("markup", "at most", (0, 0, 0))
def markup(pairs: PairBatch, profile: Profile) -> Scores:
    """Tags, entities, templates and escapes on both sides."""
    return sum(map(_count, pairs.sides))


def _count(side: Side) -> Scores:
    found = np.zeros(len(side.texts))
    suspects = marked(side.chars.codes, side.chars.offsets, TRIGGERS)
    for row in np.flatnonzero(suspects).tolist():
        found[row] = sum(1 for _ in _MARKUP.finditer(side.texts[row]))
    return found
