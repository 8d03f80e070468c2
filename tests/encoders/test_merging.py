import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from optical_cli.encoders import new_encoder
from optical_cli.encoders.known_words import KnownWords
from optical_cli.encoders.merging import merge
from optical_cli.errors import InputError, UsageError

from .vocabularies import byte_level, wordpiece


@pytest.fixture(scope="module")
def start():
    return new_encoder(wordpiece(), layers=1, hidden=32, max_length=32, seed=3)


def moved(encoder, seed, by=0.01):
    """What training makes of an encoder: every weight a little elsewhere."""
    other = copy.deepcopy(encoder)
    chance = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in other.parameters():
            weight += by * weight.std() * torch.randn(weight.shape, generator=chance)
    return other


@pytest.fixture(scope="module")
def students(start):
    return {"one": moved(start, 1), "two": moved(start, 2), "three": moved(start, 3)}


@settings(max_examples=10)
@given(weights=st.lists(st.floats(0.1, 9), min_size=3, max_size=3))
def test_every_weight_is_the_mean_of_those_of_the_models(students, weights):
    found = merge(students, weights)
    assert found.shares == pytest.approx([weight / sum(weights) for weight in weights])
    states = [student.state_dict() for student in students.values()]
    for name, value in found.encoder.state_dict().items():
        parts = [share * state[name] for share, state in zip(found.shares, states, strict=True)]
        torch.testing.assert_close(value, sum(parts))


def test_all_count_alike_and_stay_as_they_are(students):
    before = [student.signature() for student in students.values()]
    assert merge(students).shares == pytest.approx([1 / 3] * 3)
    assert [student.signature() for student in students.values()] == before


def test_a_model_and_itself_are_that_model(start):
    found = merge({"one": start, "again": copy.deepcopy(start)}, [0.25, 0.75])
    assert found.distances == [0, 0]
    assert found.encoder.signature() == start.signature()


def test_distance_is_a_share_of_the_means_length(start):
    """w and 3w are both w from their mean, which is 2w long."""
    threefold = copy.deepcopy(start)
    with torch.no_grad():
        for weight in threefold.parameters():
            weight *= 3
    assert merge({"one": start, "three": threefold}).distances == pytest.approx([0.5, 0.5])


def test_what_began_apart_is_warned_of(start, students, caplog):
    merge(students)
    assert not caplog.text
    stranger = new_encoder(wordpiece(), layers=1, hidden=32, max_length=32, seed=4)
    merge({"one": start, "stranger": stranger})
    assert "stranger is 1.00 of the mean's length away" in caplog.text


def of_other_vocabulary(start):
    other = copy.deepcopy(start)
    other.tokenizer = byte_level()
    return other


def of_other_size(start):
    return new_encoder(wordpiece(), layers=1, hidden=64, max_length=32)


def deeper(start):
    return new_encoder(wordpiece(), layers=2, hidden=32, max_length=32)


def of_other_words(start):
    other = copy.deepcopy(start)
    other.known_words = KnownWords(("kitabu",), 5, None)
    return other


def weighing_tokens(start):
    other = copy.deepcopy(start)
    other.piece_weights = torch.ones(len(start.tokenizer))
    return other


@pytest.mark.parametrize(
    "make, said",
    [(of_other_vocabulary, "another vocabulary than one"), (of_other_size, "config than one: dim"),
     (deeper, "architecture than one: num_hidden_layers 2, not 1"),
     (of_other_words, "another known words than one"),
     (weighing_tokens, "another weights than one: piece_weights")],
)  # fmt: skip
def test_models_that_differ_in_more_than_weights_are_refused(start, make, said):
    with pytest.raises(InputError, match=said):
        merge({"one": start, "other": make(start)})


@pytest.mark.parametrize(
    "names, weights, said",
    [(["one"], [], "two or more"), (["one", "two"], [1], "given 1 times for 2 models")],
)
def test_impossible_wishes_are_usage_errors(students, names, weights, said):
    with pytest.raises(UsageError, match=said):
        merge({name: students[name] for name in names}, weights)
