"""Vocabularies and encoders from nothing but text."""

import io
import unicodedata

import pytest
import sentencepiece

from optical_cli.encoders import load, new_encoder, scratch, train_vocabulary
from optical_cli.errors import InputError, UsageError


@pytest.fixture(scope="module")
def lines(real_data):
    """Real text in seven scripts."""
    found = []
    for lang in ("sw", "hi", "zh", "th", "ar", "ru", "el"):
        path = real_data / "bitext_eval" / f"{lang}-en.tatoeba-laser.tsv"
        rows = path.read_text(encoding="utf-8").split("\n")[:150]
        found += [field for row in rows for field in row.split("\t") if field]
    return found


def sentencepiece_of(texts, size):
    """SentencePiece's own model of the same training, from its own output."""
    model = io.BytesIO()
    original = sentencepiece.SentencePieceTrainer.train

    def spy(**options):
        original(**{**options, "model_writer": model})
        options["model_writer"].write(model.getvalue())

    sentencepiece.SentencePieceTrainer.train = spy
    try:
        tokenizer = train_vocabulary(texts, size)
    finally:
        sentencepiece.SentencePieceTrainer.train = original
    return tokenizer, sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def test_segmentation_is_sentencepieces_own_in_seven_scripts(lines):
    tokenizer, oracle = sentencepiece_of(lines, 3000)
    normalize = tokenizer.backend_tokenizer.normalizer.normalize_str
    odd = ["  two  spaces\tand tab ", "", "▁ ☃☃ a▁b", "e\u0301 é", "İSTANBUL", "a\u00a0b\u3000c"]
    differing = [
        text
        for text in [*lines, *odd]
        if tokenizer(text, add_special_tokens=False)["input_ids"] != oracle.encode(normalize(text))
    ]
    assert differing == [] and len(lines) > 1500


def test_vowel_signs_and_accents_survive(lines):
    words = ["हूँ", "किताबें", "café", "τί", "ภาษาไทย", "ẹ̀kọ́"]
    tokenizer = train_vocabulary([*lines, *words], 3000)
    for word in words:
        ids = tokenizer(word, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids
        assert tokenizer.decode(ids).strip() == unicodedata.normalize("NFC", word)


def test_case_is_folded_or_kept(texts):
    folded, kept = (train_vocabulary(texts * 3, 300, lowercase=fold) for fold in (True, False))
    assert folded.tokenize("Water") == folded.tokenize("water")
    assert kept.tokenize("Water") != kept.tokenize("water")


def test_the_same_text_gives_the_same_bytes(texts, tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        new_encoder(train_vocabulary(texts * 3, 300), hidden=32, seed=5).save(folder)
    names = sorted(p.relative_to(folders[0]) for p in folders[0].rglob("*") if p.is_file())
    assert len(names) >= 6
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone(tokenizer):
    import torch

    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    signatures = [new_encoder(tokenizer, hidden=32, seed=seed).signature() for seed in (1, 1, 2)]
    assert torch.equal(torch.rand(1), expected)
    assert signatures[0] == signatures[1] != signatures[2]


def test_transformers_loads_it_with_its_special_tokens(plain, tmp_path):
    from transformers import AutoModel, AutoTokenizer

    plain.save(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer("the children")["input_ids"]
    assert tokenizer.is_fast and ids == plain.tokenizer("the children")["input_ids"]
    assert tokenizer.convert_ids_to_tokens([0, 1, 2, 3, 4]) == list(scratch.SPECIALS.values())
    model = AutoModel.from_pretrained(tmp_path)
    assert model.config.vocab_size == len(tokenizer)
    assert load(tmp_path).config == plain.config


def test_characters_that_do_not_fit_are_unknown_and_the_rest_is_learned(caplog):
    caplog.set_level("INFO", "optical_cli")
    rare = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
    tokenizer = train_vocabulary(["the children are reading"] * 50 + [rare], 60)
    assert "different characters" in caplog.text
    assert (
        tokenizer.unk_token_id not in tokenizer("the children", add_special_tokens=False).input_ids
    )


def test_a_vocabulary_may_turn_out_smaller_than_asked(caplog):
    caplog.set_level("INFO", "optical_cli")
    tokenizer = train_vocabulary(["the cat sat", "a cat ran"] * 5, 8000)
    assert len(tokenizer) < 100 and "fewer than --vocab-size 8000" in caplog.text


@pytest.mark.parametrize("texts", [[], ["", " \t "]])
def test_no_text_is_an_input_error(texts):
    with pytest.raises(InputError, match="no text"):
        train_vocabulary(texts, 100)


def test_an_impossible_size_is_a_usage_error(texts):
    with pytest.raises(UsageError, match="--vocab-size 4"):
        train_vocabulary(texts, 4)
    with pytest.raises(UsageError, match="positive"):
        new_encoder(train_vocabulary(texts * 3, 300), layers=0)


@pytest.mark.parametrize(("hidden", "heads"), [(128, 2), (768, 12), (32, 1), (100, 1), (200, 2)])
def test_heads_divide_the_width(hidden, heads):
    assert scratch.attention_heads(hidden) == heads
