import numpy as np
import pytest
from scipy import stats

from optical_cli.errors import InputError
from optical_cli.evaluation import evaluate, parse_measures, rank_run
from optical_cli.evaluation.fairness import (
    equal_ranks_p,
    peer,
    read_languages,
    same_language_share,
    with_fairness,
)
from optical_cli.evaluation.ranks import JudgedRanks


@pytest.mark.parametrize("seed", range(5))
def test_equal_ranks_is_kruskal_wallis_where_the_ranks_are_one_to_n(seed):
    rng = np.random.default_rng(seed)
    ranks = rng.permutation(24) + 1.0
    groups = [str(g) for g in rng.integers(0, 3, 24)]
    samples = [ranks[np.array(groups) == name] for name in sorted(set(groups))]
    assert equal_ranks_p(ranks, groups) == pytest.approx(stats.kruskal(*samples).pvalue)


LANGUAGES = {f"en{i}": "en" for i in range(10)} | {f"sw{i}": "sw" for i in range(10)}


def ranking(*doc_ids: str, retrieved: int | None = None) -> JudgedRanks:
    ranks = {doc_id: place for place, doc_id in enumerate(doc_ids, start=1)}
    return JudgedRanks(retrieved or len(doc_ids), ranks, doc_ids)


def test_one_language_first_is_unfair_and_alternating_is_fair():
    judged = dict.fromkeys(LANGUAGES, 1)
    english_first = ranking(*sorted(LANGUAGES))
    pairs = zip(sorted(LANGUAGES)[:10], sorted(LANGUAGES)[10:], strict=True)
    alternating = ranking(*(doc_id for pair in pairs for doc_id in pair))
    assert peer(judged, english_first, LANGUAGES, cutoff=100) < 0.001
    assert peer(judged, alternating, LANGUAGES, cutoff=100) > 0.6


def test_what_is_not_retrieved_counts_as_last():
    judged = dict.fromkeys(LANGUAGES, 1)
    only_english = ranking(*(f"en{i}" for i in range(10)))
    assert peer(judged, only_english, LANGUAGES, cutoff=100) < 0.001
    deep = JudgedRanks(500, {f"en{i}": 90 + i for i in range(10)})
    assert peer(judged, deep, LANGUAGES, cutoff=100) < 0.001
    assert peer(judged, deep, LANGUAGES, cutoff=50) == 1.0


def test_each_relevance_level_is_compared_on_its_own():
    judged = {"en0": 2, "en1": 2, "sw0": 1, "sw1": 1}
    assert peer(judged, ranking("en0", "en1", "sw0", "sw1"), LANGUAGES, cutoff=10) == 1.0
    assert peer({"en0": 0}, ranking("en0"), LANGUAGES, cutoff=10) == 1.0


def test_share_of_the_queries_language():
    assert same_language_share(["sw0", "en0", "sw1", "sw2"], "sw", LANGUAGES) == 0.75
    assert same_language_share([], "sw", LANGUAGES) == 0.0


def test_they_are_measures_beside_the_others():
    qrels = {"q1": {"sw0": 1, "en0": 1}, "q2": {"sw1": 1}}
    run = {"q1": {"sw0": 3.0, "en0": 2.0, "en1": 1.0}}
    ranks = rank_run(run, qrels)
    ranks["q1"] = JudgedRanks(3, ranks["q1"].ranks, ("sw0", "en0", "en1"))
    plain = evaluate(qrels, ranks, parse_measures(["AP"]))
    found = with_fairness(plain, qrels, ranks, LANGUAGES, cutoff=2, query_language="swa")
    assert list(found.values) == ["AP", "PEER@2", "SameLanguage@2"]
    assert found.means["SameLanguage@2"] == 0.25
    assert found.values["PEER@2"][1] == 0.0
    unnamed = with_fairness(plain, qrels, ranks, LANGUAGES, cutoff=2, query_language=None)
    assert list(unnamed.values) == ["AP", "PEER@2"]


def test_a_passage_without_language_is_an_error(tmp_path):
    qrels = {"q": {"zz": 1}}
    ranks = rank_run({"q": {"zz": 1.0}}, qrels)
    plain = evaluate(qrels, ranks, parse_measures(["AP"]))
    with pytest.raises(InputError, match="1 passages have no language, the first are zz"):
        with_fairness(plain, qrels, ranks, LANGUAGES, cutoff=2, query_language=None)
    path = tmp_path / "languages.tsv"
    path.write_text("d1\tswa\nd2\teng\nd1\tde\n")
    with pytest.raises(InputError, match=r"languages.tsv:3: passage d1 has two languages"):
        read_languages(path)
