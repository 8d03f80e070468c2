import numpy as np
import pytest

from optical_cli.training.data.readings import Readings

BATCHES = [np.arange(start, min(start + 7, 100)) for start in range(0, 100, 7)]


def split(readings, epoch=0):
    return [readings.read(numbers) for numbers in readings.of_epoch(epoch, BATCHES)]


def test_plain_reading_is_the_pairs_themselves():
    plain = Readings(100)
    for numbers, rows in zip(plain.of_epoch(3, BATCHES), BATCHES, strict=True):
        assert numbers.tolist() == rows.tolist()


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_each_batch_has_its_share_and_every_pair_is_read_once(share):
    found = split(Readings(100, also_source=share, seed=7))
    counts = [own.sum() for _, own, _ in found]
    assert sum(counts) == int(share * 100 + 1e-9)
    assert max(counts) - min(counts[:-1]) <= 1
    assert np.concatenate([pairs for _, _, pairs in found]).tolist() == list(range(100))


def test_who_is_read_in_the_source_language_follows_from_seed_and_epoch():
    def own(seed, epoch):
        found = split(Readings(100, also_source=0.3, seed=seed), epoch)
        return np.concatenate([own for _, own, _ in found]).tolist()

    assert own(7, 0) == own(7, 0)
    assert own(7, 0) != own(7, 1) and own(7, 0) != own(8, 0)


def test_sides_take_turns_batch_by_batch():
    readings = Readings(100, sides=2, also_source=0.3)
    assert [side for side, _, _ in split(readings)] == [n % 2 for n in range(len(BATCHES))]
    assert split(readings, 1)[0][0] == 1
