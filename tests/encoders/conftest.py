"""Tiny encoders of every make that the room reads, built once."""

import pytest
import torch

TEXTS = [
    "The first railway (1825) was built in England!", "Who built the first railway, and when?",
    "Water boils at a hundred degrees; milk does, too.", "the children are reading their books",
    "Nani alijenga reli ya kwanza?", "Watoto wanasoma vitabu vyao shuleni.",
    "भूल गयी? मेरे दादा ओसाका के हैं।", "इस दवाई को हर छः घंटे लेना।",
    "我们去市场买水果。", "ฉันไปตลาดทุกวัน", "Я читаю книгу о железной дороге.",
]  # fmt: skip


@pytest.fixture(scope="session")
def texts():
    return TEXTS


@pytest.fixture(scope="session")
def tokenizer():
    from optical_cli.encoders import train_vocabulary

    return train_vocabulary(TEXTS * 3, 400)


@pytest.fixture(scope="session")
def plain(tokenizer):
    """An encoder without head, markers and [MASK]s."""
    from optical_cli.encoders import new_encoder

    return new_encoder(tokenizer, layers=2, hidden=32, max_length=64, seed=7)


@pytest.fixture(scope="session")
def encoder(plain):
    """A late-interaction encoder; tests must not change it."""
    from optical_cli.encoders import with_head

    return with_head(plain, dim=16, query_length=24, passage_length=48, seed=7)


def roberta_tokenizer():
    """XLM-R's special tokens and ids, over single characters."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted({char for text in TEXTS for char in text if char != " "})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *letters, "▁the", "<mask>"]
    backend = Tokenizer(models.Unigram([(piece, -2.0) for piece in pieces], unk_id=3))
    backend.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", cls_token="<s>", pad_token="<pad>",
        eos_token="</s>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>",
    )  # fmt: skip


@pytest.fixture(scope="session")
def roberta_folder(tmp_path_factory):
    """A tiny XLM-R as transformers writes it: positions start behind the padding id."""
    from transformers import XLMRobertaConfig, XLMRobertaModel

    folder = tmp_path_factory.mktemp("roberta")
    tokenizer = roberta_tokenizer()
    torch.manual_seed(3)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=66, pad_token_id=1, bos_token_id=0,
        eos_token_id=2,
    )  # fmt: skip
    XLMRobertaModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def roberta(roberta_folder):
    from optical_cli.encoders import load

    return load(roberta_folder)
