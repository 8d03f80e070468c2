"""A small encoder from nothing but text: a SentencePiece vocabulary and random weights."""

import itertools
import logging
from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from optical_cli.encoders.backbone import drop_pooler
from optical_cli.encoders.config import plain_config
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.encoders.settings import ScratchSettings, VocabularySettings
from optical_cli.encoders.skiplist import punctuation_pieces
from optical_cli.errors import InputError, UsageError
from optical_cli.seeds import derive
from optical_cli.text.unigram import train_unigram

log = logging.getLogger(__name__)

SPECIALS = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
PAD, UNK, CLS, SEP, MASK = range(5)
SPACE_SIGN = "▁"
HEAD_WIDTH = 64
# Characters may take at most this share of the vocabulary; the rarest are unknown then.
CHARACTER_SHARE = 0.5


def encoder_from_texts(
    texts: Iterable[str], vocabulary: VocabularySettings, size: ScratchSettings, seed: int
) -> LateInteractionEncoder:
    """A vocabulary learned from `texts` and an encoder of random weights over it."""
    tokenizer = train_vocabulary(
        texts, vocabulary.vocab_size, lowercase=vocabulary.lowercase, max_length=size.max_length
    )
    return new_encoder(
        tokenizer, layers=size.layers, hidden=size.hidden, max_length=size.max_length, seed=seed
    )


def train_vocabulary(
    texts: Iterable[str], size: int, *, lowercase: bool = True, max_length: int = 512
) -> PreTrainedTokenizerBase:
    """Learn a SentencePiece unigram vocabulary and make it a fast tokenizer.

    Deterministic: one thread, no sampling. Text is brought to NFC (never NFKC: it would rewrite
    Thai and Arabic), white space is folded, and combining marks stay. Segmentation is that of
    SentencePiece itself.

    Args:
        texts: What to learn from.
        size: Entries, five special ones included; fewer if the text does not yield so many.
        lowercase: Fold case.
        max_length: What the tokenizer says is the longest text.

    Raises:
        InputError: There is no text.
        UsageError: `size` is too small.
    """
    normalizer = _normalizer(lowercase)
    lines = _with_common_characters(map(normalizer.normalize_str, texts), size)
    if not lines:
        raise InputError("there is no text to learn a vocabulary from")
    pieces = train_pieces(lines, size)
    if len(pieces) < size:
        log.info("the text yields %d entries, fewer than --vocab-size %d", len(pieces), size)
    return _as_tokenizer(pieces, normalizer, max_length)


def _normalizer(lowercase: bool) -> normalizers.Normalizer:
    # SentencePiece reads its own word sign as a space, too.
    spaces = normalizers.Replace(Regex(rf"[\s{SPACE_SIGN}]+"), " ")
    steps = [normalizers.NFC(), spaces, normalizers.Strip()]
    # Lowercasing first: it decomposes some letters, which NFC then puts together again.
    return normalizers.Sequence([normalizers.Lowercase(), *steps] if lowercase else steps)


def train_pieces(lines: Sequence[str], size: int) -> list[tuple[str, float]]:
    """The pieces of a unigram model and their log probabilities, in the order of their ids."""
    names = {f"{role}_piece": SPECIALS[name] for role, name in ROLES.items()}
    trained = train_unigram(
        lines, size, option="--vocab-size", pad_id=PAD, unk_id=UNK, bos_id=CLS, eos_id=SEP,
        control_symbols=[SPECIALS["mask"]], **names,
    )  # fmt: skip
    ids = range(trained.get_piece_size())
    return [(trained.id_to_piece(i), trained.get_score(i)) for i in ids]


# SentencePiece's names for the special tokens that BERT calls differently.
ROLES = {"pad": "pad", "unk": "unk", "bos": "cls", "eos": "sep"}


def _with_common_characters(texts: Iterable[str], size: int) -> list[str]:
    """The lines with text in them, without the rarest characters if all do not fit.

    SentencePiece would refuse such a text; its own coverage option ends at 98%.
    """
    lines = [line for line in texts if line]
    counts = Counter(itertools.chain.from_iterable(lines))
    room = max(int(size * CHARACTER_SHARE), 1)
    if len(counts) <= room:
        return lines
    kept = {char for char, _ in counts.most_common(room)}
    lost = sum(count for char, count in counts.items() if char not in kept)
    log.info(
        "%d of %d different characters (%.2f%% of the text) do not fit the vocabulary",
        len(counts) - room, len(counts), 100 * lost / counts.total(),
    )  # fmt: skip
    spaces = dict.fromkeys((ord(char) for char in counts if char not in kept), " ")
    return [line for line in (line.translate(spaces) for line in lines) if line.strip()]


def _as_tokenizer(
    pieces: list[tuple[str, float]], normalizer: normalizers.Normalizer, max_length: int
) -> PreTrainedTokenizerBase:
    backend = Tokenizer(models.Unigram(pieces, unk_id=UNK, byte_fallback=False))
    backend.normalizer = normalizer
    backend.pre_tokenizer = pre_tokenizers.Metaspace(SPACE_SIGN, prepend_scheme="always")
    backend.decoder = decoders.Metaspace(SPACE_SIGN, prepend_scheme="always")
    cls, sep = SPECIALS["cls"], SPECIALS["sep"]
    backend.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} $B:1 {sep}:1",
        special_tokens=[(cls, CLS), (sep, SEP)],
    )  # fmt: skip
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_max_length=max_length,
        **{f"{name}_token": token for name, token in SPECIALS.items()},
    )


def new_encoder(
    tokenizer: PreTrainedTokenizerBase,
    *,
    layers: int = 2,
    hidden: int = 128,
    max_length: int = 512,
    seed: int = 13,
) -> LateInteractionEncoder:
    """A BERT of random weights over `tokenizer`, as a plain encoder.

    Heads are 64 wide where `hidden` divides so, feed-forward layers four times `hidden`.

    Raises:
        UsageError: A size is not positive.
    """
    if min(layers, hidden, max_length) < 1:
        raise UsageError("--layers, --hidden and --max-length must be positive")
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=hidden, num_hidden_layers=layers,
        num_attention_heads=attention_heads(hidden), intermediate_size=4 * hidden,
        max_position_embeddings=max_length, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "weights"))
        backbone = BertModel(config)
    drop_pooler(backbone)
    plain = plain_config(hidden, punctuation_pieces(tokenizer), max_length)
    return LateInteractionEncoder(backbone, tokenizer, plain).eval()


def attention_heads(hidden: int) -> int:
    """How many heads a layer `hidden` wide has: as near to 64 wide each as divides evenly."""
    wanted = max(hidden // HEAD_WIDTH, 1)
    return next(heads for heads in range(wanted, 0, -1) if hidden % heads == 0)
