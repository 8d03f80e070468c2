import math
from collections import Counter

import numpy as np
import pytest

from optical_cli.text.spelling import FEW_WORDS, LARGEST_SHARE, SpellingIndex, ngrams

WORDS = ["anaitwa", "inaitwa", "unaitwa", "kitabu", "vitabu", "shule", "watoto", "mtoto"]
# So many that no n-gram of WORDS is too frequent to count.
FILLERS = ["".join(chr(97 + digit) for digit in divmod(n, 26)) * 2 + "q" for n in range(400)]


def naive_cosine(known, first, second):
    """The formula, with dictionaries."""
    spread = Counter(gram for word in known for gram in ngrams(word))
    rarest = math.log(len(known))

    def vector(word):
        limit = max(LARGEST_SHARE * len(known), FEW_WORDS)
        return {
            gram: 0.0 if spread[gram] > limit else math.log(len(known) / spread[gram])
            if spread[gram] else rarest
            for gram in ngrams(word)
        }  # fmt: skip

    a, b = vector(first), vector(second)
    lengths = [math.sqrt(sum(value**2 for value in v.values())) for v in (a, b)]
    return sum(a[gram] * b[gram] for gram in a.keys() & b.keys()) / math.prod(lengths)


def test_similarities_are_those_of_the_formula():
    known = WORDS + FILLERS
    index = SpellingIndex(known)
    for word in ("wanaitwa", "tabu", "anaitwa", "wxyz"):
        [found] = index.similar([word], count=500, least=1e-9)
        expected = {w: naive_cosine(known, word, w) for w in known if w != word}
        expected = {w: value for w, value in expected.items() if value >= 1e-9}
        assert {known[place]: value for place, value in found} == pytest.approx(expected)


def test_neighbors_are_sorted_cut_and_not_the_word_itself():
    index = SpellingIndex(WORDS + FILLERS)
    first, second = index.similar(["anaitwa", "wanaitwa"], count=2, least=0.2)
    assert [index.words[place] for place, _ in first] == ["inaitwa", "unaitwa"]
    assert index.words[second[0][0]] == "anaitwa"
    assert len(second) == 2 and second[0][1] >= second[1][1] >= 0.2


def test_blocks_change_nothing(monkeypatch):
    words = [*WORDS, "wanaitwa", "kimya"]
    index = SpellingIndex(WORDS + FILLERS)
    whole = list(index.similar(words, count=3, least=0.1))
    monkeypatch.setattr("optical_cli.text.spelling.ROWS_AT_ONCE", 3)
    assert list(index.similar(words, count=3, least=0.1)) == whole


@pytest.mark.parametrize("words", [[], ["a"], ["ab", "ab c"]])
def test_few_words_are_no_trouble(words):
    index = SpellingIndex(words)
    assert len(list(index.similar(["a", "", "abc"], count=3, least=0.1))) == 3


def test_similarities_are_at_most_one():
    index = SpellingIndex(WORDS + FILLERS)
    for found in index.similar(FILLERS + WORDS, count=900, least=1e-9):
        assert all(np.isfinite(value) and value <= 1 + 1e-9 for _, value in found)
