"""Students that are no copies of their teacher."""

import pytest
import torch

from optical_cli.encoders import load, new_encoder, train_vocabulary, with_head
from optical_cli.errors import UsageError
from optical_cli.training.students.heads import joined, ridge_head
from optical_cli.training.students.start import Start, for_retrieval, require_layers

TEXTS = [
    "the first railway was built in england", "who built the first railway and when",
    "water boils at a hundred degrees and milk does too", "the children are reading their books",
]  # fmt: skip


@pytest.fixture(scope="module")
def backbone():
    return new_encoder(train_vocabulary(TEXTS * 5, 90), layers=1, hidden=32, max_length=48, seed=7)


@pytest.fixture(scope="module")
def teacher(backbone):
    return with_head(backbone, dim=16, query_length=12, passage_length=24, seed=7)


@pytest.fixture(scope="module")
def stranger():
    """Another width, another vocabulary."""
    tokenizer = train_vocabulary(TEXTS * 5, 60, lowercase=False)
    return new_encoder(tokenizer, layers=1, hidden=48, max_length=40, seed=5)


def test_the_same_encoder_is_joined_with_itself_token_by_token(backbone):
    states, vectors = joined(backbone, backbone, TEXTS, length=48)
    torch.testing.assert_close(torch.nn.functional.normalize(states, dim=-1), vectors)
    real = backbone.query_side(length=48, expand=False)(TEXTS).scored.sum()
    assert len(states) == real


def spelling(*pieces):
    """A tokenizer that spells words with these pieces."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {name: f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    special = {f"{name}_token": token for name, token in names.items()}
    return PreTrainedTokenizerFast(tokenizer_object=backend, **special)


def test_a_token_is_joined_with_the_mean_over_its_characters():
    """One of rai is the teacher's r, two are of its ailway."""
    student, teacher = (
        new_encoder(spelling(*pieces), layers=1, hidden=32, max_length=16, seed=seed)
        for seed, pieces in enumerate([("rai", "##lway", "boat"), ("r", "##ailway", "bo", "##at")])
    )
    texts = ["railway boat", "railway"]
    _, vectors = joined(student, teacher, texts, length=16, dtype="float32")
    cls, r, ailway, bo, at, sep = teacher.encode_queries(texts)[0]
    boat = [cls, (r + 2 * ailway) / 3, ailway, (bo + at) / 2, sep]
    cls, r, ailway, sep = teacher.encode_queries(texts)[1]
    expected = [*boat, cls, (r + 2 * ailway) / 3, ailway, sep]
    torch.testing.assert_close(vectors, torch.stack(expected))


@pytest.mark.parametrize(
    ("pair_length", "expanded", "length"),
    [(20, False, 20), (5, False, 12), (100, False, 48), (20, True, 12)],
)
def test_queries_may_be_as_long_as_the_pairs_unless_masks_fill_them(
    backbone, teacher, pair_length, expanded, length
):
    student = with_head(backbone, dim=16, query_length=8, passage_length=24, seed=7)
    for_retrieval(student, teacher, pair_length=pair_length, expanded=expanded)
    assert student.config.query_length == length
    assert student.config.query_expansion == expanded
    assert student.config.family == teacher.signature()


def test_ridge_finds_the_teachers_head_on_its_own_backbone(backbone, teacher):
    """But for markers, the teacher's vectors are its head's map of the same states."""
    unmarked = with_head(backbone, weight=teacher.head.weight, markers=("", ""),
                         query_expansion=False)  # fmt: skip
    found = ridge_head(backbone, unmarked, TEXTS * 4, length=48)
    states, vectors = joined(backbone, unmarked, TEXTS, length=48)
    assert torch.cosine_similarity(states @ found.T, vectors, dim=-1).mean() > 0.99


def test_ridge_across_vocabularies_is_nearer_than_chance(stranger, teacher):
    found = ridge_head(stranger, teacher, TEXTS * 4, length=40)
    states, vectors = joined(stranger, teacher, TEXTS, length=40)
    assert found.shape == (16, 48)
    assert torch.cosine_similarity(states @ found.T, vectors, dim=-1).mean() > 0.6


@pytest.fixture
def folder(stranger, tmp_path):
    stranger.save(tmp_path)
    return str(tmp_path)


@pytest.mark.parametrize("head", ["ridge", "random"])
def test_a_student_of_another_family_is_as_wide_as_its_teacher(folder, teacher, head):
    student = Start(folder, head, lambda: TEXTS).student(teacher)
    assert student.dim == 16 and student.config.query_prefix == teacher.config.query_prefix
    assert student.encode_queries(TEXTS[:1])[0].shape[1] == 16
    again = Start(folder, head, lambda: TEXTS).student(teacher)
    assert student.signature() == again.signature()


def test_a_plain_teachers_student_gets_no_markers(folder, backbone):
    student = Start(folder, "ridge", lambda: TEXTS).student(backbone)
    assert student.dim == 32 and not student.config.query_prefix
    assert len(student.tokenizer) == len(load(folder).tokenizer)


def test_heads_that_do_not_fit_are_usage_errors(folder, teacher):
    with pytest.raises(UsageError, match="48 wide, the teacher's 16") as caught:
        Start(folder).student(teacher)
    assert "--head ridge" in caught.value.hint
    with pytest.raises(UsageError, match="48 wide inside, the teacher 32"):
        Start(folder, "teacher").student(teacher)
    with pytest.raises(UsageError, match="another --init"):
        Start("teacher", "ridge").student(teacher)


def test_the_teachers_head_is_taken_as_it_is(backbone, teacher, tmp_path):
    backbone.save(tmp_path)
    student = Start(str(tmp_path), "teacher").student(teacher)
    assert torch.equal(student.head.weight, teacher.head.weight)


def test_layers_that_are_not_there_are_usage_errors(backbone, stranger):
    deep = new_encoder(backbone.tokenizer, layers=3, hidden=32, max_length=48, seed=7)
    require_layers((1, 2), deep, deep)
    for layers, encoders in (((3,), (deep, deep)), ((0,), (deep, deep)), ((1, 1), (deep, deep)),
                             ((1,), (deep, backbone))):  # fmt: skip
        with pytest.raises(UsageError, match="expected layers below the last of"):
            require_layers(layers, *encoders)
    wide = new_encoder(stranger.tokenizer, layers=3, hidden=48, max_length=40, seed=5)
    with pytest.raises(UsageError, match="differ in width"):
        require_layers((1,), deep, wide)
