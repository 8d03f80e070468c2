"""The passages that a pair is scored on."""

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from optical_cli.encoders import load
from optical_cli.encoders.scoring import maxsim
from optical_cli.formats.vectors_encodings import ENCODINGS
from optical_cli.formats.vectors_parts import PartWriter
from optical_cli.training.data import candidates as room
from optical_cli.training.data.candidates import BestPassages, Candidates, write_best
from optical_cli.training.data.passages import write_passages, written_passages
from optical_cli.training.data.rows import RowStore, RowWriter

from .conftest import write_lines


@pytest.fixture(scope="module")
def passages(world, teacher, tmp_path_factory):
    """The world's passages and one of an unknown word."""
    folder = tmp_path_factory.mktemp("passages")
    path = write_lines(folder / "collection.tsv", [(f"p{n}", p) for n, p in
                                                   enumerate([*world.passages, "x"])])  # fmt: skip
    encoder = load(teacher)
    write_passages(folder, path, encoder, "float32")
    return written_passages(folder)


@pytest.fixture
def sources(world, teacher, tmp_path):
    encoder = load(teacher)
    side = encoder.query_side(length=8, expand=False)
    with RowWriter(tmp_path, "source", len(encoder.tokenizer)) as writer:
        writer.append(side.rows(world.queries))
    return encoder, side, RowStore(tmp_path, "source")


def test_passages_are_what_the_teacher_encodes_and_copies_fill_them_up(world, teacher, passages):
    expected = load(teacher).encode_passages(world.passages[:3])
    for place, vectors in enumerate(expected):
        np.testing.assert_allclose(passages.vectors(place), vectors.numpy(), atol=1e-3)
    padded = passages.padded([0, 1, 60])
    width = max(passages.lengths[[0, 1, 60]])
    assert padded.shape == (3, width, 32)
    assert (padded[2, passages.lengths[60] :] == padded[2, 0]).all()


def test_the_best_passages_are_those_of_a_full_ranking(
    world, passages, sources, tmp_path, monkeypatch
):
    """In small chunks and blocks, so that merging is tested too."""
    monkeypatch.setattr(room, "ROWS_AT_ONCE", 25)
    monkeypatch.setattr(room, "QUERIES_AT_ONCE", 10)
    monkeypatch.setattr(room, "TOKENS_AT_ONCE", 40)
    teacher, side, store = sources
    write_best(tmp_path, teacher, side, store, passages, 5, "float32")
    best = BestPassages(tmp_path, 5).rows(np.arange(len(world.queries)))
    batch = side(world.queries)
    with torch.no_grad():
        asked = teacher(batch)
    held = [torch.from_numpy(passages.vectors(n)) for n in range(61)]
    texts = torch.nn.utils.rnn.pad_sequence(held, batch_first=True)
    mask = torch.arange(texts.shape[1]) < torch.tensor(passages.lengths)[:, None]
    scores = maxsim(asked, batch.scored, texts, mask)
    torch.testing.assert_close(
        scores.gather(1, torch.tensor(best).long()), scores.topk(5).values, atol=1e-4, rtol=0
    )


def test_random_passages_depend_on_row_and_seed_alone_and_are_not_the_best(passages, tmp_path):
    best = np.arange(20, dtype=np.int32)
    chosen = Candidates(passages, [], random=16, seed=7)
    first, again = chosen._drawn(3, best), Candidates(passages, [], 16, 7)._drawn(3, best)
    other, reseeded = chosen._drawn(4, best), Candidates(passages, [], 16, 8)._drawn(3, best)
    assert len(set(first)) == 16 and not set(first) & set(best) and (first == again).all()
    assert (first != other).any() and (first != reseeded).any()
    assert len(Candidates(passages, [], 60, 7)._drawn(3, best)) == len(passages.usable) - 20
    batch = chosen.vectors(np.array([3, 4]), [best, best])
    assert batch.shape[:2] == (2, 36)
    alone = chosen.vectors(np.array([4]), [best])
    width = alone.shape[2]
    torch.testing.assert_close(batch[1, :, :width], alone[0])


def test_passages_without_tokens_are_never_scored(tmp_path):
    writer = PartWriter(tmp_path / "part-00000", ENCODINGS["float16"], 4)
    writer.append(["a", "b", "c"], np.array([0, 2, 1]), np.eye(4, dtype=np.float32)[:3])
    writer.close()
    found = written_passages(tmp_path)
    assert found.usable.tolist() == [1, 2]
    assert [block.tolist() for block in found.blocks(1)] == [[1], [2]]
    assert [block.tolist() for block in found.blocks(100)] == [[2, 1]]


def test_padding_by_copies_changes_no_score():
    chance = torch.Generator().manual_seed(2)
    query = normalize(torch.randn(4, 5, 8, generator=chance), dim=-1)
    held = normalize(torch.randn(3, 6, 8, generator=chance), dim=-1)
    longer = torch.cat([held, held[:, :1].expand(-1, 4, -1)], 1)
    torch.testing.assert_close(room._scores(query, held), room._scores(query, longer))
