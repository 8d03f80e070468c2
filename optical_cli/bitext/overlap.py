"""Contamination: which pairs share text with queries, a collection or other bitext.

Texts are compared by their keys, letters and digits without space. A side overlaps a reference
text if the keys are equal, or if the two share enough of the shorter one's character 13-grams;
where one holds the other, that share is 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8, UInt64

from optical_cli.bitext.characters import Characters
from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.hashing import span_hashes
from optical_cli.bitext.keys import hash_keys, key_characters
from optical_cli.bitext.pairs import PairBatch, Side

GRAM = 13
# A shorter text is held by others by chance; it has to be equal.
SHORTEST_HELD = 15
# Slots per gram in the table that most lookups end at: one in sixteen goes on for nothing.
SLOTS_PER_GRAM = 16


@dataclass(frozen=True)
class Grams:
    """The distinct 13-grams of texts, as hashes.

    Attributes:
        hashes: One for each distinct gram of each text, rising.
        rows: The text that each belongs to.
        counts: Distinct grams of each text; 0 where it is too short.
    """

    hashes: UInt64[np.ndarray, " gram"]
    rows: Int[np.ndarray, " gram"]
    counts: Int[np.ndarray, " text"]


def grams_of(keys: Characters) -> Grams:
    """The distinct grams of texts given by their keys."""
    hashes, rows = _all_grams(keys)
    hashes, rows = _distinct(hashes, rows)
    return Grams(hashes, rows, np.bincount(rows, minlength=len(keys.offsets) - 1))


def _all_grams(keys: Characters) -> tuple[UInt64[np.ndarray, " gram"], Int[np.ndarray, " gram"]]:
    ends = keys.offsets[1:][keys.rows]
    place = np.arange(len(keys.codes))
    starts = place[(place + GRAM <= ends) & (keys.lengths[keys.rows] >= SHORTEST_HELD)]
    return span_hashes(keys.codes, starts, starts + GRAM), keys.rows[starts]


def _distinct(hashes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each gram of each text once, in the order of their hashes."""
    order = np.lexsort((rows, hashes))
    hashes, rows = hashes[order], rows[order]
    new = np.ones(len(hashes), dtype=bool)
    new[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    return hashes[new], rows[new]


@dataclass(frozen=True)
class OverlapIndex:
    """Reference texts, ready to be looked for in many pairs.

    Attributes:
        ids: What each text is called in the account.
        keys: Sorted hashes of whole keys, with `key_owner` the text of each.
        grams: Sorted hashes of all different grams.
        begins: Where the texts with a gram begin in `gram_owner`; one more entry than grams.
        gram_owner: Texts, gram by gram.
        counts: Distinct grams of each text.
        slots: A bit for every possible top of a hash, set where some gram has it.
        shift: By how much a hash is shifted to give that top.
    """

    ids: list[str]
    keys: UInt64[np.ndarray, " text"]
    key_owner: Int[np.ndarray, " text"]
    grams: UInt64[np.ndarray, " gram"]
    begins: Int[np.ndarray, " gram_and_one"]
    gram_owner: Int[np.ndarray, " occurrence"]
    counts: Int[np.ndarray, " text"]
    slots: UInt8[np.ndarray, " slot"]
    shift: int

    def score(self, pairs: PairBatch) -> tuple[Float[np.ndarray, " pair"], list[str | None]]:
        """The largest overlap of either side with any text, and that text's id."""
        found = [self._best(side) for side in pairs.sides]
        (one, first), (other, second) = found
        shares = np.maximum(one, other)
        owners = np.where(one >= other, first, second)
        return shares, [self.ids[o] if o >= 0 else None for o in owners.tolist()]

    def _best(self, side: Side) -> tuple[Float[np.ndarray, " text"], Int[np.ndarray, " text"]]:
        shares, owners = np.zeros(len(side.texts)), np.full(len(side.texts), -1)
        rows, texts, values = self._shared(side.key_chars)
        # Written in rising order of share, and of falling text number, the best comes last.
        order = np.lexsort((-texts, values))
        shares[rows[order]], owners[rows[order]] = values[order], texts[order]
        at = np.searchsorted(self.keys, side.keys)
        equal = np.flatnonzero(self.keys[np.minimum(at, len(self.keys) - 1)] == side.keys)
        equal = equal[side.key_chars.lengths[equal] > 0]
        shares[equal], owners[equal] = 1.0, self.key_owner[at[equal]]
        return shares, owners

    def _shared(self, keys: Characters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of a row and a text with grams in common: rows, texts and the share in common."""
        hashes, rows = _all_grams(keys)
        hit = self._maybe_known(hashes)
        if not len(self.grams):
            return tuple(np.zeros(0, dtype=np.int64) for _ in range(3))
        hashes, rows = _distinct(hashes[hit], rows[hit])
        # Both rise, so that neighbors are looked for near each other.
        place = np.searchsorted(self.grams, hashes)
        known = self.grams[np.minimum(place, len(self.grams) - 1)] == hashes
        place, rows = place[known], rows[known]
        times = self.begins[place + 1] - self.begins[place]
        rows = np.repeat(rows, times)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        texts = self.gram_owner[np.repeat(self.begins[place], times) + within]
        cells, common = np.unique(rows * len(self.ids) + texts, return_counts=True)
        rows, texts = cells // len(self.ids), cells % len(self.ids)
        sizes = np.minimum(self._distinct_counts(keys, rows), self.counts[texts])
        return rows, texts, common / sizes

    def _maybe_known(self, hashes: UInt64[np.ndarray, " gram"]) -> Bool[np.ndarray, " gram"]:
        top = hashes >> np.uint64(self.shift)
        bits = self.slots[(top >> np.uint64(3)).astype(np.int64)]
        return (bits >> (top & np.uint64(7)).astype(np.uint8)) & 1 == 1

    def _distinct_counts(self, keys: Characters, rows: np.ndarray) -> np.ndarray:
        """Distinct grams of the text of each row; rows rise."""
        wanted = np.unique(rows)
        hashes, owners = _all_grams(keys.take(wanted))
        # One number for text and gram, since sorting numbers is much faster than sorting rows; 44
        # bits tell the grams of one text apart.
        cells = np.sort((owners.astype(np.uint64) << np.uint64(44)) | (hashes >> np.uint64(20)))
        new = np.ones(len(cells), dtype=bool)
        new[1:] = cells[1:] != cells[:-1]
        counts = np.bincount((cells[new] >> np.uint64(44)).astype(np.int64), minlength=len(wanted))
        return counts[np.searchsorted(wanted, rows)]


def overlap_index(references: Iterable[tuple[str, str]]) -> OverlapIndex:
    """Index reference texts, given as (id, text)."""
    ids, texts = [], []
    for name, text in references:
        ids.append(name)
        texts.append(text)
    keys = key_characters(clean_all(texts))
    key_hashes = hash_keys(keys)
    grams = grams_of(keys)
    key_order = np.argsort(key_hashes, kind="stable")
    different, begins = np.unique(grams.hashes, return_index=True)
    slots, shift = _slots(different)
    return OverlapIndex(
        ids, key_hashes[key_order], key_order, different, np.append(begins, len(grams.hashes)),
        grams.rows.astype(np.int32), grams.counts, slots, shift,
    )  # fmt: skip


def _slots(hashes: UInt64[np.ndarray, " gram"]) -> tuple[UInt8[np.ndarray, " slot"], int]:
    bits = max((len(hashes) * SLOTS_PER_GRAM).bit_length(), 10)
    slots = np.zeros(1 << bits, dtype=bool)
    slots[(hashes >> np.uint64(64 - bits)).astype(np.int64)] = True
    return np.packbits(slots, bitorder="little"), 64 - bits
