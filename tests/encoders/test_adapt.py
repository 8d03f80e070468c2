"""Encoders made from encoders."""

import copy

import pytest
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from optical_cli.encoders import (
    LateInteractionEncoder,
    train_vocabulary,
    weighing_by,
    with_head,
    with_token_weights,
    with_vocabulary,
)
from optical_cli.errors import InputError, UsageError
from optical_cli.weighing import Weighing


def rows(encoder, *tokens):
    table = encoder.backbone.get_input_embeddings().weight.detach()
    return table[encoder.tokenizer.convert_tokens_to_ids(list(tokens))]


@pytest.mark.parametrize("fixture", ["plain", "roberta"])
def test_markers_start_where_cls_is(fixture, request):
    before = request.getfixturevalue(fixture)
    made = with_head(before, dim=8)
    cls = made.tokenizer.cls_token
    assert torch.equal(rows(made, "[Q] ", "[D] "), rows(before, cls).expand(2, -1))
    size = len(before.tokenizer)
    assert len(made.tokenizer) == size + 2 == made.backbone.config.vocab_size
    assert "[Q] " not in before.tokenizer.get_vocab()


def test_markers_start_at_the_mean_and_mask_is_made_where_there_is_neither(plain):
    backend = Tokenizer.from_str(plain.tokenizer.backend_tokenizer.to_str())
    bare_tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]"
    )
    bare = LateInteractionEncoder(plain.backbone, bare_tokenizer, plain.config)
    assert bare_tokenizer.mask_token is None and bare_tokenizer.cls_token is None
    made = with_head(bare, dim=8)
    mean = bare.backbone.get_input_embeddings().weight.mean(0)
    torch.testing.assert_close(rows(made, "[Q] ")[0], mean)
    assert made.tokenize_queries(["the"]).expansion.any()


def test_a_random_head_is_orthonormal_and_follows_the_seed(plain):
    one, same, other = (with_head(plain, dim=8, seed=seed).head.weight for seed in (1, 1, 2))
    assert torch.equal(one, same) and not torch.equal(one, other)
    torch.testing.assert_close(one @ one.T, torch.eye(8))


def test_a_new_head_has_no_norms_that_mean_something(plain):
    assert with_head(with_token_weights(plain, weigh_by="norm")).config.weigh_by is None


def test_an_encoder_weighs_by_what_is_asked_and_nothing_else(plain):
    weights = torch.rand(len(plain.tokenizer))
    own = with_token_weights(plain, weights, share_word_mass=True, weigh_by="norm")
    assert weighing_by(own, Weighing()) is own
    by_norm = weighing_by(own, Weighing(True, "norm"))
    assert by_norm.piece_weights is None and by_norm.config == own.config
    assert weighing_by(by_norm, Weighing(True, "norm")) is by_norm
    by_idf = weighing_by(own, Weighing(by="idf"))
    assert torch.equal(by_idf.piece_weights, weights) and by_idf.config.weigh_by is None
    assert not by_idf.config.share_word_mass
    with pytest.raises(UsageError, match="without token weights"):
        weighing_by(plain, Weighing(True, "idf"))


def test_a_given_head_is_taken(plain):
    weight = torch.randn(5, 32, generator=torch.Generator().manual_seed(1))
    made = with_head(plain, weight=weight, query_expansion=False)
    assert made.dim == 5 and torch.equal(made.head.weight, weight)
    assert not made.tokenize_queries(["the"]).expansion.any()


def test_another_vocabulary_keeps_body_head_and_markers(encoder, texts):
    vocabulary = train_vocabulary([text.upper() for text in texts * 3], 200)
    embeddings = torch.randn(len(vocabulary), 32, generator=torch.Generator().manual_seed(4))
    made = with_vocabulary(encoder, vocabulary, embeddings)
    assert torch.equal(rows(made, "[Q] ", "[D] "), rows(encoder, "[Q] ", "[D] "))
    table = made.backbone.get_input_embeddings().weight
    assert torch.equal(table[: len(embeddings)], embeddings) and len(table) == len(embeddings) + 2
    assert torch.equal(made.head.weight, encoder.head.weight)
    assert made.head.weight.data_ptr() != encoder.head.weight.data_ptr()
    assert len(vocabulary) == len(embeddings), "the vocabulary given is left as it is"
    assert made.encode_queries(["the first railway"])[0].shape == (24, 16)
    assert set(made.config.skiplist) <= set(vocabulary.get_vocab())


def test_a_changed_encoder_leaves_its_origin_as_it_was(encoder, texts):
    signature = encoder.signature()
    vocabulary = train_vocabulary(texts * 3, 150)
    made = with_vocabulary(encoder, vocabulary, torch.zeros(len(vocabulary), 32))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(1.0)
    assert encoder.signature() == signature


def test_embeddings_that_do_not_fit_are_refused(encoder, tokenizer):
    for shape in ((len(tokenizer) - 1, 32), (len(tokenizer), 31)):
        with pytest.raises(InputError, match="embeddings of shape"):
            with_vocabulary(encoder, tokenizer, torch.zeros(shape))


def test_a_padding_id_that_would_shift_positions_is_refused(roberta, tokenizer):
    with pytest.raises(InputError, match="padding id is 0; this backbone counts positions from 1"):
        with_vocabulary(roberta, tokenizer, torch.zeros(len(tokenizer), 32))
    same = copy.deepcopy(roberta.tokenizer)
    made = with_vocabulary(roberta, same, torch.zeros(len(same), 32))
    assert made.config.is_plain and len(made.tokenizer) == len(same)


def test_queries_keep_the_family_of_the_passages_that_they_were_made_for(encoder, plain):
    size = len(plain.tokenizer)
    student = with_vocabulary(encoder, plain.tokenizer, torch.zeros(size, 32))
    weighed = with_token_weights(student, torch.ones(len(student.tokenizer)))
    assert weighed.signature() != student.signature() != encoder.signature()
    assert weighed.family == student.family == encoder.family == encoder.signature()
    assert with_head(weighed, dim=8).family != encoder.family, "a new head is a new space"
