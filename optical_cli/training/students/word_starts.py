"""Embeddings that new words start from: what their translations are made of.

    start(f) = sum over the best translations e of f of  p(e | f) * mean embedding of e's pieces

with p made to sum to 1 over these. A word that translates to itself is a name or a loan that the
old pieces spell as the passages do, so it gets no embedding of its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from optical_cli.text.terms import terms

# A term to its translations with their probabilities; empty for an unknown one
Translate = Callable[[str], Mapping[str, float]]


class LexiconStart:
    """Starts words of the target language from a lexicon and the old embeddings."""

    def __init__(
        self,
        translate: Translate,
        tokenizer: PreTrainedTokenizerBase,
        table: Float[Tensor, "vocabulary width"],
        *,
        best: int = 5,
    ):
        """Take translations from `translate` and the pieces' embeddings from `table`.

        Args:
            translate: The translations of a term.
            tokenizer: What splits the translations into pieces.
            table: The embeddings of the pieces.
            best: Translations that an embedding is made of.
        """
        self.translate = translate
        self.tokenizer = tokenizer
        self.table = table.detach().float()
        self.best = best
        self._rows: dict[str, Tensor | None] = {}

    def rows(self, words: Iterable[str]) -> dict[str, Float[Tensor, " width"]]:
        """The start of every word that has one, in the order of `words`."""
        starts = ((word, self(word)) for word in words)
        return {word: row for word, row in starts if row is not None}

    def __call__(self, word: str) -> Float[Tensor, " width"] | None:
        """The start of `word`; None if it is unknown, or its own translation."""
        translations = self.translations(word)
        if not translations or next(iter(translations)) in (word, *terms(word)):
            return None
        rows = {source: self._english(source) for source in translations}
        known = {source: row for source, row in rows.items() if row is not None}
        if not known:
            return None
        weights = torch.tensor([translations[source] for source in known])
        return (weights / weights.sum()) @ torch.stack(list(known.values()))

    def translations(self, word: str) -> dict[str, float]:
        """The best translations of `word`, the most probable first.

        A word of several terms, as a vocabulary may keep hyphens, has those of all of them.
        """
        total: dict[str, float] = {}
        for term in terms(word):
            for source, p in self.translate(term).items():
                total[source] = total.get(source, 0.0) + p
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0]))[: self.best])

    def _english(self, word: str) -> Float[Tensor, " width"] | None:
        """The mean embedding of the pieces of `word`; None if the vocabulary does not know it."""
        if word not in self._rows:
            ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
            unknown = not ids or self.tokenizer.unk_token_id in ids
            self._rows[word] = None if unknown else self.table[ids].mean(0)
        return self._rows[word]


def piece_starts(
    starts: Mapping[str, Float[Tensor, " width"]],
    pieces: Mapping[str, Sequence[int]],
    counts: Mapping[str, int],
    first: int,
    size: int,
) -> Float[Tensor, "piece width"]:
    """What each piece starts from: the mean of the words that hold it, by how often they stand.

    Args:
        starts: What each word would start from as a token of its own.
        pieces: The ids of each word's pieces.
        counts: How often each word stands in the text.
        first: The first piece's id.
        size: How many pieces there are; one that no word holds starts from the mean of all.
    """
    width = len(next(iter(starts.values())))
    total, mass = torch.zeros(size, width), torch.zeros(size)
    for word, ids in pieces.items():
        places = torch.tensor(sorted(set(ids))) - first
        total[places] += counts[word] * starts[word].cpu()
        mass[places] += counts[word]
    rows = total / mass.clamp_min(1)[:, None]
    rows[mass == 0] = total.sum(0) / mass.sum()
    return rows
