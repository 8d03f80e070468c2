import numpy as np
import pytest
import torch

from optical_cli.encoders import PackedVectors
from optical_cli.errors import InputError, UsageError
from optical_cli.training.settings import ValidationSettings
from optical_cli.training.validation.judged import (
    JudgedPrecision,
    read_dev_queries,
    require_collection,
)


@pytest.fixture
def judged(tmp_path):
    """Settings over three queries, of which the second has no relevant passage, and 40 passages."""
    (tmp_path / "q.tsv").write_text("q1\tone\nq2\ttwo\nq3\tthree\n")
    (tmp_path / "c.tsv").write_text("".join(f"d{n}\tpassage {n}\n" for n in range(40)))
    (tmp_path / "qrels").write_text("q1 0 d3 1\nq2 0 d4 0\nq3 0 d5 2\nq3 0 d39 1\n")

    def settings(**more) -> ValidationSettings:
        given = {"dev_queries": "q.tsv", "dev_qrels": "qrels", "dev_collection": "c.tsv"}
        return ValidationSettings(**{k: tmp_path / v for k, v in given.items()}, **more)

    return settings


def test_all_relevant_passages_and_some_others_are_ranked(judged):
    dev = read_dev_queries(judged(dev_passages=10), None, 1)
    assert list(dev.queries) == ["q1", "q3"]
    assert {"d3", "d5", "d39"} <= dev.passages.keys() and len(dev.passages) == 10
    assert dev == read_dev_queries(judged(dev_passages=10), None, 1)
    assert dev.passages != read_dev_queries(judged(dev_passages=10), None, 2).passages
    assert len(read_dev_queries(judged(), None, 1).passages) == 40
    assert list(read_dev_queries(judged(dev_limit=1), None, 1).queries) == ["q1"]


def test_what_cannot_be_selected_on_is_an_error(judged, tmp_path):
    with pytest.raises(UsageError, match="go together"):
        ValidationSettings(dev_queries=tmp_path / "q.tsv")
    with pytest.raises(UsageError, match="needs --dev-collection"):
        given = {"dev_queries": tmp_path / "q.tsv", "dev_qrels": tmp_path / "qrels"}
        require_collection(ValidationSettings(**given), None)
    (tmp_path / "qrels").write_text("q9 0 d3 1\n")
    with pytest.raises(InputError, match="for none of the 3 queries"):
        read_dev_queries(judged(), None, 1)
    (tmp_path / "qrels").write_text("q1 0 d99 1\n")
    with pytest.raises(InputError, match="no passage that is relevant"):
        read_dev_queries(judged(), None, 1)


def test_the_score_is_the_mean_average_precision(judged, monkeypatch):
    dev = read_dev_queries(judged(), None, 1)

    def encode(encoder, side, texts, **options) -> PackedVectors:
        wanted = {"one": {3: 1.0, 7: 2.0}, "three": {5: 3.0, 8: 2.0, 39: 1.0}}
        vectors = np.zeros((len(texts), 40), np.float32)
        for row, text in enumerate(texts):
            weights = wanted.get(text) or {int(text.split()[1]): 1.0}
            for place, value in weights.items():
                vectors[row, place] = value
        return PackedVectors(vectors, np.ones(len(texts), np.int64), 0)

    monkeypatch.setattr("optical_cli.training.validation.judged.encode", encode)

    class Encoder:
        device = torch.device("cpu")

        def reading(self, texts):
            return self

        def query_side(self):
            return None

        passage_side = query_side

    # q1: its passage is second. q3: its passages are first and third.
    expected = (1 / 2 + (1 + 2 / 3) / 2) / 2
    assert JudgedPrecision(Encoder(), dev)() == pytest.approx(expected)
    assert JudgedPrecision(Encoder(), dev, teacher=Encoder())() == pytest.approx(expected)
