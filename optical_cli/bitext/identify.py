"""Which language a text is in, for many texts at once.

The model is py3langid's: a finite automaton over UTF-8 bytes whose states emit features, and a
naive Bayes weight for every feature and language. Its own loop takes a text byte by byte; here all
texts of a batch take their next byte together, which is several times as fast and gives the same
answer.
"""

import functools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8
from scipy.sparse import csr_array

from optical_cli.text import canonical

# Labels of the identifier that are another's for us: Nigerian Pidgin is read as English, and the
# label for text without language is no language.
AS_ANOTHER = {"pcm": "en", "zxx": ""}
# More of a text tells no more about its language, and the longest text sets the number of steps.
CHARACTERS_READ = 512


@dataclass(frozen=True)
class _Model:
    """The automaton and the weights.

    Attributes:
        moves: The next state, by 256 times the row of the state plus the byte.
        base: 256 times the row of each state.
        feature: What each state emits, or -1.
        weights: Log probabilities by feature and label.
        prior: Log prior of each label.
        member: For each label, the place of its canonical code in `codes`.
        codes: Canonical codes.
    """

    moves: Int[np.ndarray, " move"]
    base: Int[np.ndarray, " state"]
    feature: Int[np.ndarray, " state"]
    weights: Float[np.ndarray, "feature label"]
    prior: Float32[np.ndarray, " label"]
    member: Int[np.ndarray, " label"]
    codes: list[str]


@functools.cache
def _model() -> _Model:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    loaded = LanguageIdentifier.from_model_file(MODEL_FILE)
    labels = [AS_ANOTHER.get(label, canonical(label)) for label in loaded.nb_classes]
    codes = list(dict.fromkeys(labels))
    return _Model(
        moves=np.asarray(loaded.tk_nextmove).astype(np.int32),
        base=np.asarray(loaded.tk_row).astype(np.int32) << 8,
        feature=np.asarray(loaded.tk_output, dtype=np.int32),
        weights=loaded.nb_ptc,
        prior=loaded.nb_pc.astype(np.float32),
        member=np.array([codes.index(label) for label in labels]),
        codes=codes,
    )


@functools.cache
def supported() -> frozenset[str]:
    """Canonical codes of the languages that can be told."""
    return frozenset(_model().codes) - {""}


def identify(texts: list[str]) -> tuple[list[str], Float[np.ndarray, " text"]]:
    """The canonical code of the likeliest language of each text, and its probability.

    Members of a macrolanguage are one language, whose probabilities add up; an empty code means
    no language. A text without any known feature is as likely in every language.
    """
    if not texts:
        return [], np.zeros(0)
    model = _model()
    data = [_encoded(text) for text in texts]
    sizes = np.fromiter(map(len, data), np.int64, len(data))
    scores = _scores(model, np.frombuffer(b"".join(data), dtype=np.uint8), sizes)
    # The model's temperature: without it every long text is certain.
    scores /= np.sqrt(np.maximum(sizes, 1))[:, None]
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    by_code = np.zeros((len(texts), len(model.codes)), dtype=likely.dtype)
    for label, code in enumerate(model.member.tolist()):
        by_code[:, code] += likely[:, label]
    best = by_code.argmax(axis=1)
    return [model.codes[code] for code in best.tolist()], by_code[np.arange(len(texts)), best]


def _encoded(text: str) -> bytes:
    text = text[:CHARACTERS_READ]
    return (text.lower() if text.isupper() else text).encode()


def _scores(
    model: _Model, data: UInt8[np.ndarray, " byte"], sizes: Int[np.ndarray, " text"]
) -> Float32[np.ndarray, "text label"]:
    """Log posterior of every label; no feature, no preference."""
    rows, features = _visited(model, data, sizes)
    cells, times = np.unique(rows * len(model.feature) + features, return_counts=True)
    rows, features = np.divmod(cells, len(model.feature))
    used, column = np.unique(features, return_inverse=True)
    shape = (len(sizes), len(used))
    seen = csr_array((np.log1p(times.astype(np.float32)), (rows, column)), shape=shape)
    scores = seen @ model.weights[used].astype(np.float32) + model.prior
    scores[np.bincount(rows, minlength=len(sizes)) == 0] = 0
    return scores


def _visited(
    model: _Model, data: UInt8[np.ndarray, " byte"], sizes: Int[np.ndarray, " text"]
) -> tuple[Int[np.ndarray, " hit"], Int[np.ndarray, " hit"]]:
    """Every feature that the automaton emits: the text it is in, and the feature."""
    order = np.argsort(-sizes, kind="stable")
    starts = (np.cumsum(sizes) - sizes)[order]
    # Longest first, so that the texts which are not at their end are always the first ones.
    active = np.searchsorted(-sizes[order], -np.arange(sizes.max(initial=0)), side="left")
    state = np.zeros(len(sizes), dtype=np.int32)
    hits: list[tuple[np.ndarray, np.ndarray]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for step, count in enumerate(active.tolist()):
        state = model.moves[model.base[state[:count]] + data[starts[:count] + step]]
        emitted = model.feature[state]
        found = np.flatnonzero(emitted >= 0)
        hits.append((order[found], emitted[found]))
    rows, features = (np.concatenate(column) for column in zip(*hits, strict=True))
    return rows, features
