"""Which pairs belong together, by words that the pairs themselves teach."""

import numpy as np
import pytest

from optical_cli.bitext.evidence import Judge, Sides, mean_log_ratio
from optical_cli.bitext.ibm1 import Corpus, fit
from optical_cli.bitext.word_scoring import judged, right_and_wrong

WORDS = [f"{a}{b}{c}o" for a in "bdgk" for b in "aeiu" for c in "lmnr"]
MEANT = [f"{c}{b}{a}i" for a in "bdgk" for b in "aeiu" for c in "lmnr"]


def bitext(count, wrong=0.0, seed=0):
    """Sentences of 6 to 12 words, translated word by word, the first `wrong` of them exchanged."""
    chance = np.random.default_rng(seed)
    drawn = [chance.integers(0, len(WORDS), chance.integers(6, 13)) for _ in range(count)]
    sources = [" ".join(WORDS[i] for i in row) for row in drawn]
    targets = [" ".join(MEANT[i] for i in row) for row in drawn]
    moved = int(wrong * count)
    return sources, targets[1:moved] + targets[: min(moved, 1)] + targets[moved:], moved


def probabilities(count, wrong, seed=0):
    sources, targets, moved = bitext(count, wrong, seed)
    folds = np.random.default_rng(seed).integers(0, 5, count)
    found = judged(Sides.of(sources, targets), folds, 13)[2]
    return found[:moved], found[moved:]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_wrong_pairs_are_found_and_their_share_with_them(share):
    wrong, right = probabilities(600, share)
    assert (wrong < 0.5).mean() > 0.97 and (right > 0.5).mean() > 0.97
    assert np.concatenate([wrong, right]).mean() == pytest.approx(1 - share, abs=0.04)


def test_clean_bitext_stays_whole():
    wrong, right = probabilities(400, 0)
    assert len(wrong) == 0 and (right > 0.5).mean() > 0.995


def test_a_pair_does_not_vouch_for_itself():
    """What a pair alone says of its words is unknown to the models that judge it."""
    sources, targets, _ = bitext(200)
    sources[0], targets[0] = "unheard xylophone", "kisicho julikana"
    counted = np.ones(200)
    for kept, seems in ((1.0, "known"), (0.0, "unknown")):
        counted[0] = kept
        sides = Sides.of(sources, targets)
        found = mean_log_ratio(
            fit(sides.source, sides.target, 5, weights=counted), sides.source.take(np.array([0])),
            sides.target.take(np.array([0])), sides.target.counts,
        )[0]  # fmt: skip
        assert (found > 1) == (seems == "known")
        if seems == "unknown":
            assert found == pytest.approx(0, abs=1e-9), "nothing is known, so nothing is said"


def test_the_mean_log_ratio_is_that_of_nested_loops():
    given = [["a", "b"], ["a", "c", "c"], ["d"], []]
    generated = [["x", "y"], ["x", "z", "d"], ["d", "x"], ["x"]]
    f, e = Corpus.of(given), Corpus.of(generated)
    model = fit(f, e, 3)
    table = model.table.toarray() * model.observed[:, None]
    q = dict(zip(e.words, e.counts / e.counts.sum(), strict=True))
    expected = []
    for left, right in zip(given, generated, strict=True):
        logs = []
        for word in right:
            p = []
            for w in left:
                at, shared = f.words.index(w), w in e.words
                count = table[at, e.words.index(word)] + q[word] / 2 + (w == word) / 2
                p.append(count / (model.observed[at] + 0.5 + shared / 2))
            logs.append(np.log(0.2 + 0.8 * (np.mean(p) / q[word] if p else 1.0)))
        expected.append(np.mean(logs))
    assert mean_log_ratio(model, f, e, e.counts) == pytest.approx(expected, abs=1e-6)


def test_pairs_without_words_are_neither_right_nor_wrong_by_them():
    sources, targets, _ = bitext(100)
    sources[3], targets[4] = "?!", "..."
    found = Judge(Sides.of(sources, targets), np.ones(100))(np.arange(100), np.arange(100))
    assert np.isfinite(found).all() and found[3] < found[5] and found[4] < found[5]


def test_the_mixture_finds_share_and_posterior_of_two_normals():
    chance = np.random.default_rng(3)
    kinds = chance.random(4000) < 0.7
    evidence = np.where(kinds, chance.normal(1.5, 0.5, 4000), chance.normal(0, 0.4, 4000))
    right, share = right_and_wrong(evidence, chance.normal(0, 0.4, 12000))
    assert share == pytest.approx(0.7, abs=0.03)
    for low in np.arange(0.1, 0.9, 0.2):
        among = (right > low) & (right < low + 0.2)
        assert kinds[among].mean() == pytest.approx(right[among].mean(), abs=0.12)


def test_evidence_far_beyond_either_kind_is_no_riddle():
    chance = np.random.default_rng(3)
    evidence = np.concatenate([chance.normal(1.5, 0.3, 500), chance.normal(0, 0.3, 500), [-9, 9]])
    right, _ = right_and_wrong(evidence, chance.normal(0, 0.3, 3000))
    assert right[-2] == 0 and right[-1] > 0.99
