"""What objectives are worth, by plain loops over tokens of unequal weight."""

from dataclasses import dataclass, replace
from itertools import product

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from optical_cli.training.objectives import Views, make_objective
from optical_cli.transport import TokenSide, TransportSettings

TEACHERS, STUDENTS = [5, 3, 1], [6, 2, 4]
WORDS = torch.tensor([0, 0, 1, 2, 2, 2])
MARGINALS = ["real", "idf", "words", "words+idf"]
WEIGHED_BY = ("idf", "norm")
TEMPERATURES = [0.1, 0.7]


@dataclass
class Text:
    """The tokens of one text, without padding.

    Attributes:
        hidden: Their vectors as they come.
        weights: What each weighs by itself.
    """

    hidden: Tensor
    weights: list[float]

    @property
    def tokens(self):
        return normalize(self.hidden, dim=-1)

    def counts(self, marginals):
        words = WORDS[: len(self.weights)].tolist()
        counts = [1 / words.count(word) if "words" in marginals else 1.0 for word in words]
        if any(name in marginals for name in WEIGHED_BY):
            counts = [count * weight for count, weight in zip(counts, self.weights, strict=True)]
        return [count / sum(counts) for count in counts]

    def mean(self, marginals, vectors):
        return sum(c * vector for c, vector in zip(self.counts(marginals), vectors, strict=True))

    def score(self, marginals, passage):
        """The mean MaxSim with `passage`."""
        nearest = [max(float(x @ y) for y in passage) for x in self.tokens]
        return sum(c * best for c, best in zip(self.counts(marginals), nearest, strict=True))


def some(lengths, chance):
    return [
        Text(torch.randn(n, 8, generator=chance), (torch.rand(n, generator=chance) + 0.1).tolist())
        for n in lengths
    ]


@pytest.fixture
def texts():
    """The teacher's and the student's."""
    chance = torch.Generator().manual_seed(0)
    return some(TEACHERS, chance), some(STUDENTS, chance)


PASSAGES = normalize(torch.randn(3, 4, 7, 8, generator=torch.Generator().manual_seed(1)), dim=-1)


def padded(rows):
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=3.0)


def views(texts):
    hidden = [padded([text.hidden for text in side]) for side in texts]
    sides = [
        TokenSide(
            normalize(vectors, dim=-1),
            torch.arange(vectors.shape[1]) < torch.tensor([[len(t.weights)] for t in side]),
            word_ids=WORDS[: vectors.shape[1]].expand(len(side), -1),
            weights=padded([torch.tensor(text.weights) for text in side]),
        )
        for vectors, side in zip(hidden, texts, strict=True)
    ]
    return Views(*sides, *hidden, source_keys=torch.arange(len(texts[0])), passages=PASSAGES)


def losses(name, texts, marginals, temperature=0.1, cost="cosine"):
    settings = TransportSettings(marginals=marginals, cost=cost)
    return make_objective(name, settings, temperature=temperature)(views(texts), 0.0).losses


def squared(x, y):
    return sum((a - b) ** 2 for a, b in zip(x.tolist(), y.tolist(), strict=True))


def cosine(x, y):
    return float(x @ y / (x @ x * (y @ y)).sqrt())


@pytest.mark.parametrize("marginals", MARGINALS)
@pytest.mark.parametrize(
    ("name", "vectors", "apart"),
    [("mse", "tokens", squared), ("mse-hidden", "hidden", lambda x, y: squared(x, y) / len(x)),
     ("cosine", "hidden", lambda x, y: 1 - cosine(x, y))],
)  # fmt: skip
def test_pooled_objectives_are_of_weighted_means(texts, name, vectors, apart, marginals):
    expected = [
        apart(*(text.mean(marginals, getattr(text, vectors)) for text in pair))
        for pair in zip(*texts, strict=True)
    ]
    torch.testing.assert_close(losses(name, texts, marginals), torch.tensor(expected))


@pytest.mark.parametrize(
    ("cost", "apart"),
    [("cosine", lambda x, y: 1 - cosine(x, y)), ("euclidean", lambda x, y: squared(x, y) ** 0.5)],
)
@pytest.mark.parametrize("marginals", MARGINALS)
def test_chamfer_weighs_the_way_to_the_nearest_from_both_sides(texts, marginals, cost, apart):
    def covered(text, other):
        ways = [min(apart(x, y) for y in other.tokens) for x in text.tokens]
        return sum(c * way for c, way in zip(text.counts(marginals), ways, strict=True))

    expected = [covered(x, y) + covered(y, x) for x, y in zip(*texts, strict=True)]
    found = losses("chamfer", texts, marginals, cost=cost)
    torch.testing.assert_close(found, torch.tensor(expected))


@pytest.mark.parametrize("marginals", MARGINALS)
def test_greedy_weighs_the_squared_distance_of_each_match_as_the_students_token(texts, marginals):
    expected = []
    for teacher, student in zip(*texts, strict=True):
        counts = student.counts(marginals)
        rows, cols, matches = set(range(len(teacher.tokens))), set(range(len(counts))), []
        while rows and cols:
            row, col = min(
                product(rows, cols), key=lambda at: -teacher.tokens[at[0]] @ student.tokens[at[1]]
            )
            matches.append((counts[col], squared(teacher.tokens[row], student.tokens[col])))
            rows, cols = rows - {row}, cols - {col}
        expected.append(sum(c * far for c, far in matches) / sum(c for c, _ in matches))
    torch.testing.assert_close(losses("greedy", texts, marginals), torch.tensor(expected))


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("marginals", MARGINALS)
@pytest.mark.parametrize("name", ["contrastive", "contrastive-pooled"])
def test_the_own_source_is_found_among_all(texts, name, marginals, temperature):
    def score(student, teacher):
        if name == "contrastive":
            return student.score(marginals, teacher.tokens)
        return cosine(*(text.mean(marginals, text.tokens) for text in (student, teacher)))

    scores = torch.tensor([[score(student, teacher) for teacher in texts[0]]
                           for student in texts[1]])  # fmt: skip
    expected = -(scores / temperature).log_softmax(1).diagonal()
    torch.testing.assert_close(losses(name, texts, marginals, temperature), expected)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(
    ("marginals", "teachers"),
    [*((name, "real") for name in MARGINALS), ("norm", "norm"), ("words+norm", "norm")],
)
def test_passages_are_scored_as_the_tokens_of_each_count(texts, marginals, teachers, temperature):
    """The teacher's all alike, unless by what encoders say of tokens themselves."""
    logs = [
        torch.tensor([[text.score(weighing, passage) for passage in passages]
                      for text, passages in zip(side, PASSAGES, strict=True)])
        .div(temperature).log_softmax(1)
        for side, weighing in zip(texts, (teachers, marginals), strict=True)
    ]  # fmt: skip
    expected = (logs[0].exp() * (logs[0] - logs[1])).sum(1)
    torch.testing.assert_close(losses("score-kl", texts, marginals, temperature), expected)


def test_pooling_takes_masks_for_tokens_where_transport_keeps_them_apart(texts):
    """There blocks are of [MASK]s and of the others, and one mean is of all."""
    batch = views(texts)
    masked = replace(batch.student, expansion=batch.student.scored & (torch.arange(6) >= 2))
    found = [
        make_objective(name, TransportSettings(marginals=marginals), temperature=0.1)(
            replace(batch, student=masked), 0.0
        ).losses
        for name in ("mse", "chamfer")
        for marginals in ("blocks", "all", "real")
    ]
    for blocks, all_tokens, real in (found[:3], found[3:]):
        assert torch.equal(blocks, all_tokens) and not torch.equal(blocks, real)
