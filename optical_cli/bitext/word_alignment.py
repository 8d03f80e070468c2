"""Word translation probabilities whose expectation step is a transport between two sentences.

Model 1 (see `ibm1`) reads a pair of sentences one way: each generated word says which given words
it came from, whatever the others say, so that what nothing explains goes to whatever is rare.
Here both directions are asked, and each token gives and takes itself at most once. With A(i, j)
the share that model 1 gives to "source token i came from target token j", B(i, j) that of "target
token j came from source token i", each beside NULL, and

    K(i, j)  =  sqrt(A(i, j) B(i, j)),

the plan is K with every row that sums to more than 1 scaled down to 1, and then every column so;
what is left over is NULL's. Both tables, p(source | target) and p(target | source), are then
counted from the one plan. -log K is the cost of an entropic partial transport in which each token
has a mass of 1 (Benamou et al. 2015, section 5); one turn of its scalings gives a plan that keeps
to these masses, which is all that is asked, and not its optimum. That directions should agree is
from Liang, Taskar and Klein 2006, whose product A B is sharper.

How near two tokens are *in their sentences* may come from outside, such as from token vectors of a
teacher and of a student: it weighs beside how near their places are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy import sparse

from optical_cli.bitext.ibm1 import Corpus, identical, together
from optical_cli.compiled import compiled
from optical_cli.errors import NumericalError

# Cosines are held as whole numbers of so many a unit: two bytes for a pair of tokens.
COSINE_STEPS = 32000
# So that NULL can make any word.
LEAST_NULL = 1e-9


@dataclass(frozen=True)
class Nearness:
    """How near the tokens of each pair of sentences are in context.

    Attributes:
        cosines: Of each source token (rows) with each target token (columns), pair after pair, in
            steps of 1 / COSINE_STEPS.
        strength: What a cosine is multiplied by before it is an exponent.
    """

    cosines: Int[np.ndarray, " cell"]
    strength: float

    @classmethod
    def of(
        cls, cosines: Iterable[Float[np.ndarray, "source target"]], strength: float
    ) -> "Nearness":
        """Hold the cosines of pair after pair.

        Raises:
            NumericalError: One is no number.
        """
        parts = []
        for number, pair in enumerate(cosines, start=1):
            if not np.isfinite(pair).all():
                raise NumericalError(f"pair {number}: the readers' vectors are not finite")
            parts.append(np.rint(np.asarray(pair) * COSINE_STEPS).astype(np.int16).ravel())
        return cls(np.concatenate(parts) if parts else np.empty(0, np.int16), strength)


class Tables(NamedTuple):
    """Translation probabilities in both directions.

    Attributes:
        source_given_target: Target words in rows, source words in columns; each row sums to 1.
        target_given_source: The same layout and the same entries; each column sums to 1.
    """

    source_given_target: sparse.csr_array
    target_given_source: sparse.csr_array


def align_words(
    source: Corpus,
    target: Corpus,
    iterations: int,
    *,
    diagonal: float = 0.0,
    identity: float = 0.0,
    nearness: Nearness | None = None,
) -> Tables:
    """The tables after `iterations` iterations from uniform ones.

    Args:
        source: Sentences.
        target: Their translations.
        iterations: How often plans and tables follow from each other.
        diagonal: How strongly words keep their relative position, as in `ibm1`.
        identity: Observations that a word has in advance of being its own translation, where the
            two stand in a pair of sentences.
        nearness: How near tokens are in context.

    Raises:
        ValueError: There are not as many cosines as pairs of tokens.
    """
    cosines, scale = np.empty(0, np.int16), 0.0
    if nearness is not None:
        cosines, scale = nearness.cosines, nearness.strength / COSINE_STEPS
        cells = int(np.diff(source.starts) @ np.diff(target.starts))
        if len(cosines) != cells:
            raise ValueError(f"{cells} pairs of tokens, but {len(cosines)} cosines")
    met = together(target, source)
    rows = np.repeat(np.arange(len(target.words)), np.diff(met.indptr))
    columns = met.indices
    itself = identity * identical(met, target, source)
    ahead = _shares(np.ones(met.nnz), rows, len(target.words))
    back = _shares(np.ones(met.nnz), columns, len(source.words))
    nulls = [np.full(len(side.words), 1 / max(len(side.words), 1)) for side in (source, target)]
    sentences = max(len(source.starts) - 1, 1)
    p0 = [1 / (1 + len(side.tokens) / sentences) for side in (target, source)]
    for _ in range(iterations):
        expected, *nulls = _expectation(
            ahead, back, *nulls, met.indptr, columns, *p0, diagonal, cosines, scale,
            source.starts, source.tokens, target.starts, target.tokens,
        )  # fmt: skip
        nulls = [(null + LEAST_NULL) / (null + LEAST_NULL).sum() for null in nulls]
        expected += itself
        ahead = _shares(expected, rows, len(target.words))
        back = _shares(expected, columns, len(source.words))
    return Tables(*(
        sparse.csr_array((data, columns, met.indptr), met.shape) for data in (ahead, back)
    ))  # fmt: skip


def _shares(
    values: Float[np.ndarray, " entry"], groups: Int[np.ndarray, " entry"], count: int
) -> Float[np.ndarray, " entry"]:
    """Each value over the sum of its group."""
    return values / np.maximum(np.bincount(groups, values, count), 1e-300)[groups]


@compiled
def _expectation(
    ahead: Float[np.ndarray, " entry"],
    back: Float[np.ndarray, " entry"],
    null_source: Float[np.ndarray, " source"],
    null_target: Float[np.ndarray, " target"],
    row_starts: Int[np.ndarray, " target_plus_1"],
    row_words: Int[np.ndarray, " entry"],
    p0_ahead: float,
    p0_back: float,
    diagonal: float,
    cosines: Int[np.ndarray, " cell"],
    strength: float,
    source_starts: Int[np.ndarray, " sentence_plus_1"],
    source_tokens: Int[np.ndarray, " source_token"],
    target_starts: Int[np.ndarray, " sentence_plus_1"],
    target_tokens: Int[np.ndarray, " target_token"],
):
    """What plans expect of the tables' entries, of NULL in the source and of NULL in the target."""
    expected = np.zeros(ahead.shape[0])
    left_source = np.zeros(null_source.shape[0])
    left_target = np.zeros(null_target.shape[0])
    cell = 0
    for sentence in range(source_starts.shape[0] - 1):
        es = source_tokens[source_starts[sentence] : source_starts[sentence + 1]]
        fs = target_tokens[target_starts[sentence] : target_starts[sentence + 1]]
        near = np.empty((es.shape[0], fs.shape[0]))
        entry = np.empty((es.shape[0], fs.shape[0]), np.int64)
        for i in range(es.shape[0]):
            for j in range(fs.shape[0]):
                apart = abs((i + 0.5) / es.shape[0] - (j + 0.5) / fs.shape[0])
                near[i, j] = np.exp(-diagonal * apart)
                if cosines.shape[0] > 0:
                    # What all cells of a pair share cancels; less than 1 does not overflow.
                    near[i, j] *= np.exp(strength * (cosines[cell] - COSINE_STEPS))
                cell += 1
                start, stop = row_starts[fs[j]], row_starts[fs[j] + 1]
                entry[i, j] = start + np.searchsorted(row_words[start:stop], es[i])
        plan = _shares_of_rows(ahead, entry, near, null_source[es], p0_ahead)
        of_columns = _shares_of_rows(back, entry.T, near.T, null_target[fs], p0_back)
        plan = np.sqrt(plan * of_columns.T)
        _cap_rows(plan)
        _cap_rows(plan.T)
        for i in range(es.shape[0]):
            left_source[es[i]] += 1 - min(plan[i].sum(), 1.0)
            for j in range(fs.shape[0]):
                expected[entry[i, j]] += plan[i, j]
        for j in range(fs.shape[0]):
            left_target[fs[j]] += 1 - min(plan[:, j].sum(), 1.0)
    return expected, left_source, left_target


@compiled
def _shares_of_rows(
    table: Float[np.ndarray, " entry"],
    entry: Int[np.ndarray, "row column"],
    near: Float[np.ndarray, "row column"],
    null: Float[np.ndarray, " row"],
    p0: float,
):
    """How probably each row's token came from each column's; the rest of a row is NULL's."""
    shares = np.empty(entry.shape)
    for i in range(entry.shape[0]):
        weight = (1 - p0) / max(near[i].sum(), 1e-300)
        total = p0 * null[i]
        for j in range(entry.shape[1]):
            shares[i, j] = weight * near[i, j] * table[entry[i, j]]
            total += shares[i, j]
        shares[i] /= max(total, 1e-300)
    return shares


@compiled
def _cap_rows(plan: Float[np.ndarray, "row column"]):
    """Scale down, in place, each row that sums to more than 1."""
    for i in range(plan.shape[0]):
        total = plan[i].sum()
        if total > 1:
            plan[i] /= total
