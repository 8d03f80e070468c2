import pytest

from optical_cli.encoders import load
from optical_cli.training import TeacherAgreement
from optical_cli.training.validation.agreement import PassageAgreement

from .conftest import translated


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
