"""Many words as one regular expression that reads each character once."""

import re
from collections.abc import Iterable

# What Oniguruma, the engine of the tokenizers library, reads as an operator outside or inside a
# character class.
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}\-&~#\s/]")


def trie_pattern(words: Iterable[str]) -> str:
    """A pattern that matches exactly `words`, the longest one first, in Oniguruma's syntax.

    Words that begin alike share the beginning, and branches that go on alike are written once, so
    tens of thousands of words cost a matcher no more than a few. The empty word is left out.
    """
    root: dict = {}
    for word in sorted(filter(None, words)):
        node = root
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _pattern(root)


def _pattern(node: dict) -> str:
    """What may follow; a node's own end makes it optional, greedily."""
    by_rest: dict[str, list[str]] = {}
    for character, child in node.items():
        if character:
            by_rest.setdefault(_pattern(child), []).append(character)
    if not by_rest:
        return ""
    branches = [_one_of(characters) + rest for rest, characters in by_rest.items()]
    if len(branches) == 1 and "" not in node:
        return branches[0]
    return f"(?:{'|'.join(branches)})" + ("?" if "" in node else "")


def _one_of(characters: list[str]) -> str:
    escaped = [_SPECIAL.sub(r"\\\g<0>", character) for character in characters]
    return escaped[0] if len(escaped) == 1 else f"[{''.join(escaped)}]"
