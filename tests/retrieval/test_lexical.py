import math

import numpy as np
import pytest

from optical_cli.bitext.lexicon_settings import BackOffSettings
from optical_cli.errors import InputError
from optical_cli.retrieval.lexical import Bm25, scorer
from optical_cli.retrieval.lexical_psq import StructuredQueries, best_translations
from optical_cli.retrieval.lexical_ranking import Ranker, rank_all
from optical_cli.retrieval.lexical_settings import Bm25Settings, StructuredQuerySettings
from optical_cli.text.terms import terms

PASSAGES = ["The cow drinks water.", "Cow, cow and calf", "Fire"]


def saturation(length, mean_length=3.0):
    """K(d) for the three passages of 4, 4 and 1 words."""
    return 1.2 * (0.25 + 0.75 * length / mean_length)


def idf(df, size=3):
    return math.log(1 + (size - df + 0.5) / (df + 0.5))


def test_bm25_by_hand():
    """Query "cow water water": df(cow) = 2, df(water) = 1, mean length 3."""
    scores = Bm25(PASSAGES, Bm25Settings()).scores("Cow: WATER water")
    k = saturation(4)
    expected = [idf(2) / (1 + k) + 2 * idf(1) / (1 + k), idf(2) * 2 / (2 + k), 0]
    assert scores == pytest.approx(expected, rel=1e-5)


def test_structured_queries_by_hand():
    """ng'ombe is cow (.6), calf (.3) or oxen (.1, in no passage): tf .6 and 1.5, df 2*.6+.3."""
    lexicon = {"ng'ombe": {"cow": 0.6, "calf": 0.3, "oxen": 0.1}}
    index = StructuredQueries(PASSAGES, lambda w: lexicon.get(w, {}), Bm25Settings())
    k = saturation(4)
    expected = [idf(1.5) * 0.6 / (0.6 + k), idf(1.5) * 1.5 / (1.5 + k), 0]
    assert index.scores("Ng'ombe?") == pytest.approx(expected)


# So many that no n-gram of the words in the tests is too frequent to count.
FILLERS = ["".join(chr(97 + digit) for digit in divmod(n, 26)) * 2 + "q" for n in range(400)]


def scored(query, texts, entries, folder, **unknown):
    """The scores of `texts` through a lexicon file of `entries`."""
    path = folder / "lexicon.tsv"
    path.write_text("".join(f"{s}\t{t}\t{p}\n" for s, t, p in entries), encoding="utf-8")
    settings = Bm25Settings(), StructuredQuerySettings(), BackOffSettings(**unknown)
    return scorer(texts, str(path), *settings, [query])(query)


def test_an_unknown_query_word_has_the_translations_of_words_spelt_alike(tmp_path):
    """wang'ombe is like ng'ombe alone, so it is cow and calf as in the example above."""
    entries = [("filler", word, 1) for word in FILLERS]
    entries += [("cow", "ng'ombe", 0.6), ("calf", "ng'ombe", 0.3), ("oxen", "ng'ombe", 0.1)]
    k = saturation(4)
    expected = [idf(1.5) * 0.6 / (0.6 + k), idf(1.5) * 1.5 / (1.5 + k), 0]
    found = scored("Wang'ombe", PASSAGES, entries, tmp_path)
    assert found == pytest.approx(expected)
    alone = scored("Wang'ombe", PASSAGES, entries, tmp_path, back_off="none")
    assert alone.tolist() == [0, 0, 0]


def test_a_name_in_another_script_matches_its_latin_spelling(tmp_path):
    """The lexicon has no word like ντένβερ, which is ntenver: tf 1, df 1."""
    texts = ["Ntenver has much water", "Cow, cow and calf", "Fire"]
    entries = [("book", "κιτ", 1), ("water", "μαγι", 1)]
    expected = [idf(1) / (1 + saturation(4)), 0, 0]
    assert scored("Ντένβερ", texts, entries, tmp_path) == pytest.approx(expected)
    as_typed = scored("Ντένβερ", texts, entries, tmp_path, romanize="none")
    assert as_typed.tolist() == [0, 0, 0]


def test_structured_queries_without_lexicon_are_bm25():
    """Our own arithmetic against bm25s on random texts."""
    generator = np.random.default_rng(5)
    texts = [" ".join(f"w{i}" for i in generator.zipf(1.5, n) % 50) for n in range(1, 60)]
    settings = Bm25Settings(k1=0.9, b=0.4)
    plain, structured = Bm25(texts, settings), StructuredQueries(texts, lambda _: {}, settings)
    for query in ("w1 w2 w1", "w7 w49 unknown", "w3"):
        assert structured.scores(query) == pytest.approx(plain.scores(query), rel=1e-4)


def test_unknown_words_score_nothing():
    assert Bm25(PASSAGES, Bm25Settings()).scores("nobody knows").tolist() == [0, 0, 0]
    assert Bm25(PASSAGES, Bm25Settings()).scores("?!").tolist() == [0, 0, 0]


def test_empty_passages_stay_unranked_and_a_collection_of_them_is_an_error():
    assert Bm25(["...", "fire", "ice"], Bm25Settings()).scores("fire").tolist()[0] == 0
    for index in (Bm25, lambda t, s: StructuredQueries(t, lambda _: {}, s)):
        with pytest.raises(InputError, match="no words"):
            index(["...", ""], Bm25Settings())


def test_translations_are_cut_without_renormalizing():
    entry = {"b": 0.2, "a": 0.2, "c": 0.5, "d": 0.02}
    best = best_translations(entry, StructuredQuerySettings(translations=2))
    assert best == {"c": 0.5, "a": 0.2}
    assert "d" not in best_translations(entry, StructuredQuerySettings())


def test_ranking_follows_the_tie_rule_in_float32():
    """Doc ids descend among equal scores; a difference below float32 is none."""
    ranker = Ranker(["d1", "d3", "d2", "d4", "d0"], top_k=3)
    assert [d for d, _ in ranker(np.array([1.0, 1.0 + 1e-12, 2.0, 0.0, 1.0]))] == ["d2", "d3", "d1"]


def test_passages_that_score_zero_are_left_out():
    run = dict(rank_all({"q": "x"}, lambda _: np.array([0.0, 0.5]), ["a", "b"], 10))
    assert run == {"q": [("b", 0.5)]}


def test_terms_split_hyphens_and_drop_the_possessive():
    assert terms("FORD-Kenya's  Ng'ombe, l’été") == ["ford", "kenya", "ng'ombe", "l’été"]
    assert terms("-- 's") == ["s"]
