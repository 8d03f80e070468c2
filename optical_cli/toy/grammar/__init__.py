"""What a sentence says (`syntax`), said in English and in Swahili, word by word aligned."""

from optical_cli.toy.grammar import english, swahili, syntax
from optical_cli.toy.grammar.words import Word, links, text

__all__ = ["Word", "english", "links", "swahili", "syntax", "text"]
