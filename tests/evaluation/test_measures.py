"""Our numbers against trec_eval's own, which get the same run with its ties in it."""

import random

import ir_measures
import numpy as np
import pytest
import pytrec_eval

from optical_cli.errors import InputError, UsageError
from optical_cli.evaluation import evaluate, parse_measures, rank_run, read_judged_ranks
from optical_cli.formats.trec import read_qrels

# Our name -> trec_eval's.
NAMES = {
    "AP": "map", "AP@5": "map_cut_5", "nDCG": "ndcg", "nDCG@5": "ndcg_cut_5", "RR": "recip_rank",
    "P@5": "P_5", "P@30": "P_30", "R@5": "recall_5", "R@100": "recall_100", "Rprec": "Rprec",
    "Bpref": "bpref", "NumRet": "num_ret", "SetP": "set_P", "infAP": "infAP",
}  # fmt: skip
MEASURES = parse_measures(NAMES)


def oracle(qrels, run) -> dict[str, dict[str, float]]:
    # With nothing but negative judgements the C code reads foreign memory; zeros mean the same.
    qrels = {q: j if max(j.values()) >= 0 else dict.fromkeys(j, 0) for q, j in qrels.items()}
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, set(NAMES.values()))
    return evaluator.evaluate({q: docs for q, docs in run.items() if docs})


def assert_same(qrels, run):
    ours = evaluate(qrels, rank_run(run, qrels), MEASURES)
    theirs = oracle(qrels, run)
    for name, trec_name in NAMES.items():
        expected = [theirs[q][trec_name] if q in theirs else 0.0 for q in ours.query_ids]
        np.testing.assert_allclose(ours.values[name], expected, atol=1e-9, rtol=0, err_msg=name)
        if name != "NumRet":
            assert ours.means[name] == pytest.approx(np.mean(expected), abs=1e-9)


def random_pair(seed: int):
    rng = random.Random(seed)
    docs = [rng.choice("abAB9é語") + str(i) for i in range(rng.choice([3, 20, 60]))]
    levels = rng.choice([10**6, 3, 1])  # How many different scores: none tied, many, all.
    queries = [f"q{i}" for i in range(rng.randint(2, 4))]
    qrels = {
        q: {d: rng.choice([-1, 0, 0, 1, 1, 2, 3]) for d in rng.sample(docs, rng.randint(1, 3))}
        for q in queries
    }
    run = {
        q: {
            d: rng.randrange(levels) * 0.37 - 0.5
            for d in rng.sample(docs, rng.randint(1, len(docs)))
        }
        for q in [*queries[: rng.randint(1, len(queries))], "unjudged"]
    }
    return qrels, run


@pytest.mark.parametrize("block", range(20))
def test_two_thousand_random_pairs_give_trec_evals_numbers(block):
    # A hundred pairs make one run: queries of different pairs do not see each other.
    qrels, run = {}, {}
    for seed in range(100 * block, 100 * block + 100):
        pair_qrels, pair_run = random_pair(seed)
        qrels |= {f"{seed}.{q}": judged for q, judged in pair_qrels.items()}
        run |= {f"{seed}.{q}": scores for q, scores in pair_run.items()}
    assert_same(qrels, run)


TIED = {f"d{i}": 1.0 for i in range(12)}
ADVERSARIAL = {
    "all tied": ({"q": {"d3": 1, "d11": 1}}, {"q": TIED}),
    "tied across lengths": ({"q": {"d1": 1}}, {"q": {"d1": 1, "d10": 1, "d": 1, "d100": 1}}),
    "tied in float32 only": ({"q": {"a": 1}}, {"q": {"a": 1 + 1e-12, "b": 1.0, "c": 1 - 1e-12}}),
    "apart in float32": ({"q": {"a": 1}}, {"q": {"a": 1 + 1e-6, "b": 1.0}}),
    "beyond float32": ({"q": {"a": 1}}, {"q": {"a": 1e300, "b": 1e200, "c": 1.0}}),
    "infinite": ({"q": {"a": 1}}, {"q": {"a": float("inf"), "b": float("-inf"), "c": 0.0}}),
    "minus zero": ({"q": {"a": 1}}, {"q": {"a": -0.0, "b": 0.0}}),
    "denormal": ({"q": {"a": 1}}, {"q": {"a": 1e-50, "b": 0.0, "c": -1e-50}}),
    "negative scores": ({"q": {"b": 1}}, {"q": {"a": -1.0, "b": -2.0, "c": -3.0}}),
    "case and digits": ({"q": {"a": 1}}, {"q": {"a": 1, "A": 1, "9": 1, "_": 1, "-": 1}}),
    "other scripts": ({"q": {"語": 1}}, {"q": {"語": 1, "é": 1, "z": 1, "𝒳": 1, "": 1}}),
    "graded": ({"q": {"a": 3, "b": 2, "c": 1, "d": 0}}, {"q": {"d": 4, "c": 3, "b": 2, "a": 1}}),
    "negative judgements": ({"q": {"a": -1, "b": -2, "c": 1}}, {"q": {"a": 3, "b": 2, "c": 1}}),
    "nothing relevant": ({"q": {"a": 0, "b": -1}}, {"q": {"a": 1, "b": 2}}),
    "nothing judged retrieved": ({"q": {"x": 1, "y": 2}}, {"q": {"a": 1, "b": 2}}),
    "relevant unretrieved": ({"q": {"a": 1, "x": 1, "y": 1}}, {"q": {"b": 3, "a": 2}}),
    "query without results": ({"q": {"a": 1}, "r": {"a": 1}}, {"q": {"a": 1}}),
    "query without judgements": ({"q": {"a": 1}}, {"q": {"a": 1}, "r": {"a": 1}}),
    "deep": ({"q": {"d7": 1, "d990": 2}}, {"q": {f"d{i}": -float(i) for i in range(1500)}}),
    "names like fillers": ({"q": {"unjudged-0": 1, "unjudged--1": 1}}, {"q": {"unjudged-0": 1}}),
}  # fmt: skip


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_twenty_adversarial_pairs_give_trec_evals_numbers(name):
    assert len(ADVERSARIAL) == 20
    assert_same(*ADVERSARIAL[name])


def test_measures_without_cutoff_see_judged_only_rankings_whole():
    qrels = {"q": {"a": 1, "b": 1}}
    run = {"q": {f"d{i}": 100.0 - i for i in range(50)} | {"a": 1.0, "b": 0.5}}
    names = ["P(judged_only=True)@2", "nDCG(judged_only=True)@2", "P@2", "Judged@60"]
    found = evaluate(qrels, rank_run(run, qrels), parse_measures(names)).means
    assert found["P(judged_only=True)@2"] == 1.0
    assert found["nDCG(judged_only=True)@2"] == pytest.approx(1.0)
    assert found["P@2"] == 0.0
    assert found["Judged@60"] == pytest.approx(2 / 52)


def test_missing_queries_count_zero_and_unjudged_ones_not_at_all():
    found = evaluate(
        {"a": {"d": 1}, "b": {"d": 1}},
        rank_run({"a": {"d": 1.0}, "c": {"d": 1.0}}, {"a": {"d": 1}}),
        parse_measures(["AP"]),
    )
    assert found.means == {"AP": 0.5}
    assert (found.missing, found.unjudged) == (["b"], ["c"])


def test_no_query_in_common_names_the_first_of_both():
    with pytest.raises(InputError, match=r"the qrels have a, b, c, the run has x"):
        evaluate(
            {q: {"d": 1} for q in "abcd"}, rank_run({"x": {"d": 1.0}}, {}), parse_measures(["AP"])
        )


def test_all_unknown_measures_are_named_at_once_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        parse_measures(["AP", "nDGC@10", "Pr@5", "P", "P@0", "AP(", "alpha_nDCG@5", "AP(nope=1)"])
    text = str(caught.value)
    assert "--measure nDGC@10: unknown measure (did you mean" in text and "NDCG@10" in text
    for name in ("Pr@5", "P:", "P@0", "AP(:", "alpha_nDCG@5", "AP(nope=1)"):
        assert f"--measure {name}" in text
    assert "--measure AP:" not in text


def test_repeated_measures_are_computed_once():
    assert [str(m) for m in parse_measures(["AP", "RR@10", "AP", "MAP"])] == ["AP", "RR@10"]


def overlap_run(queries: dict[str, str], passages: dict[str, str]) -> dict[str, dict[str, float]]:
    """Words in common: a crude search with ties in nearly every query."""
    words = {doc_id: set(text.lower().split()) for doc_id, text in passages.items()}
    run = {}
    for query_id, text in queries.items():
        asked = set(text.lower().split())
        scored = {doc_id: float(len(asked & has)) for doc_id, has in words.items()}
        run[query_id] = {doc_id: score for doc_id, score in scored.items() if score > 1}
    return {query_id: scores for query_id, scores in run.items() if scores}


@pytest.mark.parametrize(
    ("folder", "qrels_file", "queries_file"),
    [
        ("clir/xquad", "qrels.test.txt", "queries.en.tsv"),
        ("clir/xquad", "qrels.test.txt", "queries.es.tsv"),
        ("clir/afriqa", "qrels.swa.test.txt", "queries.swa.test.tsv"),
        ("clir/afriqa", "qrels.swa.test.txt", "queries.swa.test.en-translated.tsv"),
    ],
)
def test_real_files_give_ir_measures_own_numbers(
    real_data, tmp_path, folder, qrels_file, queries_file
):
    def texts(name):
        lines = (real_data / folder / name).read_text(encoding="utf-8").split("\n")
        return dict(line.split("\t")[:2] for line in lines if line)

    qrels_path = real_data / folder / qrels_file
    qrels = read_qrels(qrels_path)
    relevant = {doc_id for judged in qrels.values() for doc_id in judged}
    passages = {
        doc_id: text
        for place, (doc_id, text) in enumerate(texts("collection.tsv").items())
        if doc_id in relevant or place % 8 == 0
    }
    run = overlap_run(texts(queries_file), passages)
    path = tmp_path / "overlap.run"
    path.write_text("".join(
        f"{q} Q0 {d} {rank} {score} overlap\n"
        for q, scores in run.items()
        for rank, (d, score) in enumerate(scores.items(), start=1)
    ))  # fmt: skip
    names = ["AP", "nDCG@10", "RR", "P@10", "R@100", "Success@5"]
    ours = evaluate(qrels, dict(read_judged_ranks(path, qrels)), parse_measures(names))
    theirs = ir_measures.calc(
        [ir_measures.parse_measure(name) for name in names],
        ir_measures.read_trec_qrels(str(qrels_path)), ir_measures.read_trec_run(str(path)),
    )  # fmt: skip
    assert len(ours.query_ids) > 200
    for measure, mean in theirs.aggregated.items():
        assert ours.means[str(measure)] == pytest.approx(mean, abs=1e-12)
    places = {query_id: place for place, query_id in enumerate(ours.query_ids)}
    for metric in theirs.per_query:
        assert ours.values[str(metric.measure)][places[metric.query_id]] == metric.value
