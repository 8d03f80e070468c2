"""Small fast tokenizers of the kinds that words can be added to."""

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = "the book books water a k na i t u kit ken ##ya ##a ##b ##i ##k ##o ##r ##t ##u ##y ##abu"


def fast(backend):
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), SPECIALS, strict=True))
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, **{f"{name}_token": token for name, token in names.items()}
    )


def wordpiece():
    """BERT's normaliser, pre-tokenizer and model over a few pieces."""
    signs = list("?!,:.()'")
    pieces = [*SPECIALS, *PIECES.split(), *signs]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    return fast(backend)


def unigram():
    """A SentencePiece vocabulary, every space a sign before the word."""
    pieces = [*SPECIALS, "▁", *"abeiknorstuy?!,:.()'", "▁kit", "▁the", "▁book"]
    backend = Tokenizer(models.Unigram([(piece, -3.0) for piece in pieces], unk_id=1))
    backend.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    backend.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    return fast(backend)


def byte_level():
    """GPT-2's and ModernBERT's kind."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*SPECIALS, *alphabet, "Ġk", "it"]
    vocabulary = {piece: place for place, piece in enumerate(pieces)}
    backend = Tokenizer(models.BPE(vocabulary, [("Ġ", "k"), ("i", "t")], unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return fast(backend)
