"""What is known of a language pair before its pairs are judged."""

from dataclasses import dataclass

import numpy as np

from optical_cli.text import scripts_of_language


@dataclass(frozen=True)
class Profile:
    """The languages, their scripts, and how long one side is for the other.

    Attributes:
        source_lang: Code as given.
        target_lang: Code as given.
        length_ratio: Median over pairs of target characters per source character. Character
            ratios differ by language (Chinese .3, Somali 1.2), so lengths are compared after
            scaling by it.
    """

    source_lang: str
    target_lang: str
    length_ratio: float = 1.0

    @property
    def source_scripts(self) -> tuple[str, ...]:
        """Scripts of the source language; empty if unknown."""
        return scripts_of_language(self.source_lang)

    @property
    def target_scripts(self) -> tuple[str, ...]:
        """Scripts of the target language; empty if unknown."""
        return scripts_of_language(self.target_lang)


def median_ratio(sources: list[str], targets: list[str]) -> float:
    """Median target characters per source character over pairs with neither side blank."""
    ratios = [
        len(target) / len(source)
        for source, target in zip(sources, targets, strict=True)
        if source.strip() and target.strip()
    ]
    return float(np.median(ratios)) if ratios else 1.0
