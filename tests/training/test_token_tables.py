from types import SimpleNamespace

import numpy as np
import pytest
import torch

from optical_cli.encoders import load, new_encoder, with_head, with_token_weights
from optical_cli.encoders.tokens import Row
from optical_cli.training.data.pairs import PairBatch
from optical_cli.training.data.readings import Readings
from optical_cli.training.data.rows import RowStore, RowWriter
from optical_cli.training.data.word_types import WordTypes
from optical_cli.training.distillation.step import DistillationStep
from optical_cli.training.students.informed import informed
from optical_cli.training.students.token_tables import (
    inverse_frequencies,
    lexicon_affinity,
    shared_types,
    word_numbers,
)
from optical_cli.transport import TransportObjective, TransportSettings
from optical_cli.weighing import Weighing


@pytest.fixture(scope="module")
def pieces():
    """A WordPiece vocabulary that splits words."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "wa", "##toto", "##na", "##soma", "2020", "."]
    vocabulary = {word: number for number, word in enumerate(words)}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]")


def test_pieces_are_put_together_to_the_lexicons_words(pieces):
    types = WordTypes(
        new_encoder(pieces, layers=1, hidden=32, max_length=32, seed=3),
        {"watoto": 3, "wanasoma": 5, "2020": 7},
    )
    ids = [2, 4, 5, 4, 6, 7, 8, 9, 3]
    row = Row(np.array(ids), np.array([-1, 0, 0, 1, 1, 1, 2, 3, -1]))
    assert types([row], 10).tolist() == [[-1, 3, 3, 5, 5, 5, 7, -1, -1, -1]]


def test_the_lexicons_probabilities_become_affinities(pieces):
    lexicon = {"watoto": {"children": 0.9, "kids": 0.1}, "maji": {"water": 1.0}}
    sources = word_numbers(word for entry in lexicon.values() for word in entry)
    targets = word_numbers(lexicon)
    affinity = lexicon_affinity(lexicon, sources, targets)
    rows = torch.tensor([[sources["children"], sources["water"], -1]])
    cols = torch.tensor([[targets["watoto"], targets["maji"]]])
    expected = torch.tensor([[[0.9, 0.0], [0.0, 1.0], [0.0, 0.0]]])
    torch.testing.assert_close(affinity.lookup(rows, cols), expected)


def test_a_texts_tokens_count_once_for_its_frequency(tmp_path):
    with RowWriter(tmp_path, "x", 100) as writer:
        texts = [[1, 5, 5, 2], [1, 6, 2], [1, 5, 2]]
        writer.append([Row(np.array(ids), np.zeros(len(ids), int)) for ids in texts])
    weights = inverse_frequencies([RowStore(tmp_path, "x")], 8)
    expected = np.log1p((3 - np.array([0, 3, 3, 0, 0, 2, 1, 0]) + 0.5)
                        / (np.array([0, 3, 3, 0, 0, 2, 1, 0]) + 0.5))  # fmt: skip
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_pieces_of_both_vocabularies_are_numbered_alike(pieces, vocabulary):
    one, other = shared_types(pieces, vocabulary)
    at = pieces.get_vocab(), vocabulary.get_vocab()
    assert one[at[0]["[CLS]"]] == other[at[1]["[CLS]"]] >= 0
    assert one[at[0]["2020"]] == -1 and (other[5:] == -1).all()


@pytest.mark.parametrize(
    "options",
    [["--marginals", "words"], ["--marginals", "idf"], ["--marginals", "norm"],
     ["--marginals", "attention"], ["--prior", "identical"],
     ["--prior", "lexicon", "--prior", "position"]],
)  # fmt: skip
def test_a_student_is_trained_and_saved_with_what_was_known(
    world, teacher, command, tmp_path, options
):
    from .conftest import TRANSLATION

    lexicon = tmp_path / "lexicon.tsv"
    lexicon.write_text("".join(f"{e}\t{f}\t0.8\n" for e, f in TRANSLATION.items()))
    command(
        "distill", "--teacher", teacher, "--bitext", world.bitext, "-o", tmp_path / "student",
        "--lexicon", lexicon, "--student-vocab", "keep", "--steps", 2, "-q", *options,
    )  # fmt: skip
    student = load(tmp_path / "student")
    assert student.config.share_word_mass == ("words" in options)
    (vectors,) = student.encode_queries([next(iter(TRANSLATION.values()))])
    lengths = vectors.norm(dim=1)
    if "idf" in options:  # [CLS] and [SEP] are in every text
        assert lengths[0] < 0.01 < 1 < lengths[-2]
    elif student.config.weigh_by is not None:
        assert student.config.weigh_by in options and lengths.std() > 1e-3
    else:
        torch.testing.assert_close(lengths, torch.ones(len(lengths)))


@pytest.fixture
def source(pieces, tmp_path):
    """What `informed` reads of a bitext: its tokens, the same on both sides."""
    encoder = new_encoder(pieces, layers=1, hidden=32, max_length=32, seed=3)
    with RowWriter(tmp_path, "x", 100) as writer:
        writer.append(encoder.query_side().rows(["watoto wanasoma", "watoto 2020", "wana."]))
    store = [RowStore(tmp_path, "x")]
    return SimpleNamespace(
        store=SimpleNamespace(sources=store, targets=store), readings=Readings(0, 1)
    )


@pytest.mark.parametrize(
    "marginals",
    ["words", "idf", "norm", "attention", "words+idf", "words+norm", "words+attention"],
)
def test_saved_query_vectors_are_as_long_as_transport_weighs(pieces, source, tmp_path, marginals):
    """What the theory of transport and MaxSim asks for, of a text whose words have pieces."""
    teacher, student = (
        with_head(
            new_encoder(pieces, layers=1, hidden=32, max_length=32, seed=seed),
            dim=4,
            seed=seed,
            query_expansion=False,
            markers=("", ""),
        ).eval()
        for seed in (3, 4)
    )
    for weight in (w for e in (teacher, student) for w in e.backbone.encoder.parameters()):
        weight.data.mul_(1 if weight.dim() == 1 else 10)  # or attention would be nearly uniform
    settings = TransportSettings(marginals=marginals, solver="exact")
    student, tables = informed(student, teacher, source, settings.weighing, (), {})
    texts = ["watoto wanasoma 2020.", "wana ."]
    tokens = student.tokenize_queries(texts)
    batch = PairBatch(np.arange(2), tokens, tokens, torch.arange(2))
    views = DistillationStep(student, lambda views, _: views, teacher, tables)(batch, 0.0)
    plan = TransportObjective(settings)(views.teacher, views.student).plan.plan

    (tmp_path / "student").mkdir()
    student.save(tmp_path / "student")
    for vectors, moved in zip(
        load(tmp_path / "student").encode_queries(texts), plan.sum(1), strict=True
    ):
        lengths = vectors.norm(dim=1)
        assert lengths.max() > 1.2 * lengths.min()
        torch.testing.assert_close(lengths / lengths.sum(), moved[: len(lengths)])


def test_a_student_forgets_weights_that_its_new_marginals_do_not_have(pieces, source):
    teacher = new_encoder(pieces, layers=1, hidden=32, max_length=32, seed=3)
    student = with_token_weights(teacher, torch.rand(10), share_word_mass=True, weigh_by="norm")
    student, _ = informed(student, teacher, source, Weighing(), (), {})
    assert not student.weighs_tokens
