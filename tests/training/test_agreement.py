from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import torch

from optical_cli.encoders import load
from optical_cli.training import TeacherAgreement
from optical_cli.training.data.bitext import Bitext
from optical_cli.training.settings import SelectionSettings
from optical_cli.training.validation.agreement import PassageAgreement
from optical_cli.training.validation.agreement_score import AgreementScore

from .conftest import translated, write_lines


@pytest.fixture
def sources(world):
    return [line.split("\t")[0] for line in world.dev.read_text().splitlines()]


def test_a_teacher_agrees_with_itself(teacher, sources):
    teacher = load(teacher)
    assert TeacherAgreement(teacher, teacher, sources, sources)() == 1.0


def test_what_cannot_read_the_language_hardly_agrees(teacher, sources):
    teacher = load(teacher)
    targets = [translated(source) for source in sources]
    assert TeacherAgreement(teacher, teacher, sources, targets)() < 0.3


def test_the_own_original_is_not_what_is_to_be_found(teacher, sources):
    teacher = load(teacher)
    agreement = TeacherAgreement(teacher, teacher, sources, sources)
    texts = list(dict.fromkeys(sources))
    assert all(texts[top] != source for top, source in zip(agreement.top, sources, strict=True))


def test_a_given_collection_is_ranked_instead(world, teacher, sources):
    teacher = load(teacher)
    agreement = TeacherAgreement(teacher, teacher, sources, sources, passages=world.passages)
    assert len(agreement.passages.lengths) == len(world.passages)
    assert agreement() == 1.0


def test_passages_of_a_teacher_agree_and_those_it_cannot_read_do_not(teacher, sources):
    teacher = load(teacher)
    same = PassageAgreement(teacher, teacher, sources, {source: source for source in sources})
    assert same() == 1.0
    foreign = {source: translated(source) for source in sources}
    assert PassageAgreement(teacher, teacher, sources[:20], foreign)() < 0.3


class Words:
    """Texts as lists of words; keeps what it is given to read."""

    def __init__(self):
        self.read = []

    def rows(self, texts):
        self.read += texts
        return [SimpleNamespace(words=text.split(), cut=False) for text in texts]

    def width(self, row):
        return len(row.words)

    def collate(self, rows):
        return [row.words for row in rows]


@dataclass
class ByHand:
    """An encoder whose tokens are words, with the vectors and the weights of a table.

    Attributes:
        table: Vector by word; any other word is nothing.
        weights: Weight by word, 1 if it has none.
        new: Vectors of words that are known once they are read.
    """

    table: dict
    weights: dict = field(default_factory=dict)
    new: dict = field(default_factory=dict)
    training = False
    device = torch.device("cpu")

    def __post_init__(self):
        self.queries, self.passages = Words(), Words()

    def query_side(self):
        return self.queries

    def passage_side(self):
        return self.passages

    def train(self, mode):
        self.training = mode

    def reading(self, texts):
        known = {w: v for w, v in self.new.items() if any(w in text.split() for text in texts)}
        return ByHand(self.table | known, self.weights)

    def vectors(self, texts, *, weigh):
        weights = self.weights if weigh else {}
        return [
            torch.tensor([self.table.get(w, (0, 0)) for w in text]).float()
            * torch.tensor([weights.get(w, 1) for w in text])[:, None]
            for text in texts
        ]


AXES = {"east": (1.0, 0.0), "north": (0.0, 1.0), "northeast": (0.7, 0.7), "hill": (0.9, 0.1)}
HEAVY_NORTH = {"north": 4.0}


@pytest.mark.parametrize("teachers", [{}, HEAVY_NORTH])
@pytest.mark.parametrize("students", [{}, HEAVY_NORTH])
def test_queries_are_weighed_for_teacher_and_student(teachers, students):
    """Nothing but the weight of north lifts the passage that is 0.8 north over the other."""
    table = AXES | {"plain": (1.0, 0.0), "mountain": (0.1, 0.8)}
    teacher, student = ByHand(table, teachers), ByHand(table, students)
    sources, passages = ["east north"], ["plain", "mountain"]
    agreement = TeacherAgreement(student, teacher, sources, sources, passages=passages)
    assert agreement.top.tolist() == [1 if teachers else 0]
    assert agreement() == (1.0 if teachers == students else 0.5)
    asked = PassageAgreement(student, teacher, sources, {text: text for text in passages})
    assert asked.top.tolist() == [1 if teachers else 0]


def test_new_words_of_queries_are_read_as_in_search():
    student = ByHand({}, new={"kaskazini": (0.0, 1.0), "mashariki": (1.0, 0.0)})
    agreement = TeacherAgreement(
        student, ByHand(AXES), ["north", "east"], ["kaskazini", "mashariki"],
        passages=["hill", "northeast"],
    )  # fmt: skip
    assert agreement.top.tolist() == [1, 0]
    assert agreement() == 1.0
    student.new.pop("mashariki")
    assert agreement() == 0.75


def test_ties_count_against_the_student():
    sources = ["north", "east", "northeast", "hill", "hill east"]
    nothing = ByHand({})
    assert TeacherAgreement(nothing, ByHand(AXES), sources, sources)() == 1 / 4
    pairs = {source: source for source in sources}
    assert PassageAgreement(nothing, ByHand(AXES), sources, pairs)() == 1 / 4


def test_the_own_translation_is_never_ranked():
    """After it the teacher puts northeast and hill, the student hill and northeast."""
    student = ByHand({"kaskazini": (0.0, 1.0), "kk": (0.0, 0.2), "kilima": (0.0, 0.3)})
    pairs = {"north": "kaskazini", "northeast": "kk", "hill": "kilima"}
    agreement = PassageAgreement(student, ByHand(AXES), ["north"], pairs)
    assert agreement.top.tolist() == [1]
    assert agreement() == 1 / 2
    asks = ByHand({"kaskazini": (-1.0, -0.5)})
    agreement = TeacherAgreement(asks, ByHand(AXES), ["north"], ["kaskazini"], passages=list(pairs))
    assert agreement.top.tolist() == [1]
    assert agreement() == 1 / 2


DEV = {"north": "kaskazini", "east": "mashariki", "hill": "kilima"}


@pytest.fixture
def score(tmp_path):
    """Make the score of dev pairs, for a student that encodes the given sides."""
    dev = write_lines(tmp_path / "dev.tsv", [*DEV.items()])

    def of(student, teacher, *sides, bitexts=(), **settings):
        settings = SelectionSettings(dev=dev, **settings)
        return AgreementScore(settings, sides, bitexts, "float32").of(student, teacher).make()

    return of


def test_a_student_of_both_sides_is_selected_by_the_mean(score):
    """As a query the student's hill finds north before east, which the teacher's finds first."""
    table = {"kaskazini": (0.0, 1.0), "mashariki": (1.0, 0.0), "kilima": (0.2, 1.0)}
    teacher, student = ByHand(AXES), ByHand(table)
    assert score(student, teacher, "query")() == pytest.approx(5 / 6)
    assert score(student, teacher, "passage")() == 1.0
    assert score(student, teacher, "query", "passage")() == pytest.approx(11 / 12)


@pytest.fixture
def bitexts(tmp_path):
    """Two of 1,002 pairs each."""

    def written(name):
        rows = [(f"{name} source {n}", f"{name} target {n}") for n in range(1002)]
        return Bitext(name, write_lines(tmp_path / f"{name}.tsv", rows))

    return [written("sw"), written("so")]


def test_a_thousand_other_sources_of_each_bitext_are_ranked(score, bitexts):
    teacher, student = ByHand(AXES), ByHand({})
    score(student, teacher, "query", bitexts=bitexts)
    others = [f"{name} source {n}" for name in ("sw", "so") for n in range(1000)]
    assert teacher.passages.read == [*DEV, *others]
    assert teacher.queries.read == [*DEV]


def test_a_thousand_other_translations_of_each_bitext_are_ranked(score, bitexts):
    teacher, student = ByHand(AXES), ByHand({})
    score(student, teacher, "passage", bitexts=bitexts)()
    others = [f"{name} target {n}" for name in ("sw", "so") for n in range(1000)]
    assert student.passages.read == [*DEV.values(), *others]
    assert teacher.queries.read == [*DEV] and len(teacher.passages.read) == 2003


def test_a_collection_for_dev_is_ranked_instead(score, bitexts, world):
    teacher, student = ByHand(AXES), ByHand({})
    score(student, teacher, "query", bitexts=bitexts, dev_collection=world.collection, dev_limit=2)
    assert teacher.passages.read == world.passages
    assert teacher.queries.read == ["north", "east"]
