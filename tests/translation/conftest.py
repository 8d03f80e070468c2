"""Tiny random translation models, made here: their words are noise, their plumbing is real."""

import json

import pytest

TEXTS = [
    "maji yanachemka sana", "mtoto anasoma kitabu", "ng'ombe wanakula majani", "mvua inanyesha leo",
    "water boils a lot", "the child reads a book", "cows eat grass", "it rains today",
]  # fmt: skip
SIZES = {
    "d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32,
    "max_position_embeddings": 24,
}  # fmt: skip


def sentence_pieces(folder, model_type="unigram"):
    """A SentencePiece model over `TEXTS`, and its pieces."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 5), model_prefix=str(folder / "spm"), vocab_size=60,
        model_type=model_type, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm.model"))
    return folder / "spm.model", [pieces.id_to_piece(i) for i in range(pieces.get_piece_size())]


@pytest.fixture(scope="session")
def marian(tmp_path_factory):
    """A folder as MarianMT models are published: SentencePiece twice, and a joint vocabulary."""
    import torch
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    folder, scratch = tmp_path_factory.mktemp("marian"), tmp_path_factory.mktemp("pieces")
    model, pieces = sentence_pieces(scratch)
    words = ["</s>", "<unk>", *[p for p in pieces if p not in ("<s>", "</s>", "<unk>")], "<pad>"]
    (scratch / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    files = {"source_spm": model, "target_spm": model, "vocab": scratch / "vocab.json"}
    tokenizer = MarianTokenizer(**{k: str(v) for k, v in files.items()})
    torch.manual_seed(3)
    end, pad = 0, len(words) - 1
    config = MarianConfig(
        vocab_size=len(words), pad_token_id=pad, eos_token_id=end, decoder_start_token_id=pad,
        forced_eos_token_id=end, init_std=0.5, **SIZES,
    )  # fmt: skip
    MarianMTModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def m2m(tmp_path_factory):
    """A folder as M2M-100 models are published, with their hundred languages."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    folder, scratch = tmp_path_factory.mktemp("m2m"), tmp_path_factory.mktemp("m2m-pieces")
    model, pieces = sentence_pieces(scratch)
    words = ["<s>", "<pad>", "</s>", "<unk>", *pieces[3:]]
    (scratch / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(words)}))
    tokenizer = M2M100Tokenizer(vocab_file=str(scratch / "vocab.json"), spm_file=str(model))
    torch.manual_seed(3)
    size = max(tokenizer.get_lang_id(code) for code in tokenizer.lang_code_to_id) + 1
    config = M2M100Config(vocab_size=size, init_std=0.5, **SIZES)
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def merged_pieces():
    """The vocabulary and the merges of a BPE over `TEXTS`, without reading SentencePiece's file."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=60, special_tokens=special, show_progress=False)
    )
    model = json.loads(tokenizer.to_str())["model"]
    return {"vocab": model["vocab"], "merges": [tuple(merge) for merge in model["merges"]]}


@pytest.fixture(scope="session")
def nllb(tmp_path_factory):
    """A folder as NLLB is published: two hundred languages, and weights as a pickle alone."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    folder, scratch = tmp_path_factory.mktemp("nllb"), tmp_path_factory.mktemp("nllb-pieces")
    tokenizer = NllbTokenizer(**merged_pieces())
    tokenizer.save_pretrained(folder)
    configured = {"tokenizer_class": "NllbTokenizer", "src_lang": None, "model_max_length": 1024}
    (folder / "tokenizer_config.json").write_text(
        json.dumps(configured | {"additional_special_tokens": None})
    )
    model, _ = sentence_pieces(scratch, "bpe")
    model.rename(folder / "sentencepiece.bpe.model")
    torch.manual_seed(3)
    config = M2M100Config(vocab_size=len(tokenizer), init_std=0.5, **SIZES)
    config.save_pretrained(folder)
    weights = M2M100ForConditionalGeneration(config).state_dict()
    torch.save(weights, folder / "pytorch_model.bin")
    return folder
