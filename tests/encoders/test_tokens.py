"""Markers, [MASK]s, scored tokens, and what happens at the edges."""

import numpy as np
import pytest
import torch

from optical_cli.encoders import with_head
from optical_cli.errors import UsageError

QUERY = "Who built the first railway, and when?"


def pieces(encoder, batch, row=0):
    return encoder.tokenizer.convert_ids_to_tokens(batch.input_ids[row].tolist())


def test_a_query_is_cls_marker_pieces_sep_and_masks(encoder):
    batch = encoder.tokenize_queries([QUERY])
    found = pieces(encoder, batch)
    own = encoder.tokenizer.tokenize(QUERY)[: 24 - 3]
    masks = 24 - 3 - len(own)
    assert found == ["[CLS]", "[Q] ", *own, "[SEP]"] + ["[MASK]"] * masks and masks > 0
    assert batch.expansion[0].tolist() == [False] * (24 - masks) + [True] * masks
    assert torch.equal(batch.attention_mask.bool(), ~batch.expansion)
    assert batch.scored.all()


def test_masks_are_attended_to_only_where_the_config_says_so(encoder):
    from dataclasses import replace

    from optical_cli.encoders import LateInteractionEncoder

    config = replace(encoder.config, attend_to_expansion=True)
    other = LateInteractionEncoder(encoder.backbone, encoder.tokenizer, config, head=encoder.head)
    assert other.tokenize_queries([QUERY]).attention_mask.all()


def test_a_passage_is_padded_and_its_punctuation_is_read_but_not_scored(encoder):
    batch = encoder.tokenize_passages(["The first railway (1825)!", "the"])
    found = pieces(encoder, batch)
    assert found[:2] == ["[CLS]", "[D] "] and found[-1] == "[SEP]"
    unscored = {p for p, scored in zip(found, batch.scored[0], strict=True) if not scored}
    assert unscored and all(set(p.strip("▁")) <= set("()!") for p in unscored)
    assert batch.attention_mask[0].all()
    assert pieces(encoder, batch, 1)[-1] == "[PAD]"
    assert not batch.scored[1][batch.attention_mask[1] == 0].any()
    assert not batch.expansion.any()


def test_unknown_tokens_are_scored_although_punctuation_is_not(encoder):
    batch = encoder.tokenize_passages(["☃ ☂ ♞"])
    unknown = batch.input_ids[0] == encoder.tokenizer.unk_token_id
    assert unknown.any() and batch.scored[0][unknown].all()


def test_cutting_keeps_the_end_token_and_is_reported(encoder):
    side = encoder.query_side(length=8)
    long, short = side.rows([QUERY, "the"])
    assert len(long.ids) == 8 and long.ids[-1] == encoder.tokenizer.sep_token_id
    assert long.cut and not short.cut
    exact = encoder.query_side(length=len(short.ids)).rows(["the"])[0]
    assert not exact.cut and np.array_equal(exact.ids, short.ids)


def test_a_plain_encoder_gets_neither_markers_nor_masks(plain):
    query = plain.tokenize_queries([QUERY])
    assert torch.equal(query.input_ids[0], torch.tensor(plain.tokenizer(QUERY)["input_ids"]))
    assert not query.expansion.any()
    passage = plain.tokenize_passages([QUERY])
    assert torch.equal(passage.input_ids, query.input_ids)
    assert plain.config.is_plain


def test_expansion_can_be_asked_for_or_left_out_per_call(encoder, plain):
    assert not encoder.tokenize_queries([QUERY], expand=False).expansion.any()
    assert plain.tokenize_queries(["the"], expand=True, length=9).input_ids.shape == (1, 9)


def test_words_number_the_pieces_of_the_text_alone(encoder):
    batch = encoder.tokenize_queries(["reading their books"], expand=False)
    words = batch.words[0].tolist()
    assert words[:2] == [-1, -1] and words[-1] == -1
    assert sorted(set(words[2:-1])) == [0, 1, 2] and words[2:-1] == sorted(words[2:-1])
    counts = batch.pieces_in_word()[0].tolist()
    assert counts[:2] == [1, 1] and counts[2:-1] == [words.count(w) for w in words[2:-1]]


def test_limits_that_others_left_on_the_tokenizer_do_not_cut(encoder):
    before = encoder.tokenize_passages([QUERY])
    encoder.tokenizer(QUERY, truncation=True, max_length=4, padding="max_length")
    assert torch.equal(encoder.tokenize_passages([QUERY]).input_ids, before.input_ids)


def test_roberta_like_vocabularies_work_without_berts_special_tokens(roberta):
    made = with_head(roberta, dim=8, query_length=20)
    found = pieces(made, made.tokenize_queries(["the"]))
    assert found == ["<s>", "[Q] ", "▁the", "</s>"] + ["<mask>"] * 16
    assert pieces(made, made.tokenize_passages(["the"]))[1] == "[D] "
    assert pieces(roberta, roberta.tokenize_queries(["the"])) == ["<s>", "▁the", "</s>"]


@pytest.mark.parametrize("length", [1, 3])
def test_a_length_without_room_for_text_is_refused(encoder, length):
    with pytest.raises(UsageError, match=f"a length of {length} tokens"):
        encoder.tokenize_queries([QUERY], length=length)


def test_a_length_beyond_the_backbones_positions_is_refused(plain, roberta):
    assert plain.passage_side(length=64).length == 64
    with pytest.raises(UsageError, match="reads at most 64"):
        plain.passage_side(length=65)
    with pytest.raises(UsageError, match="reads at most 64"):  # 66 positions, of which 2 unused
        roberta.passage_side(length=65)
    roberta.encode_passages(["the " * 100])


def test_a_text_marker_is_its_pieces(encoder):
    from optical_cli.encoders.tokens import marker_ids

    tokenizer = encoder.tokenizer
    assert marker_ids(tokenizer, "") == ()
    assert marker_ids(tokenizer, "[Q] ") == (tokenizer.convert_tokens_to_ids("[Q] "),)
    text = tuple(tokenizer("reading:", add_special_tokens=False)["input_ids"])
    assert marker_ids(tokenizer, "reading: ") == text and len(text) > 1


def test_empty_texts_have_their_special_tokens(encoder):
    assert pieces(encoder, encoder.tokenize_passages([""])) == ["[CLS]", "[D] ", "[SEP]"]
