import dataclasses

import pytest
import torch

from optical_cli.errors import InputError, UsageError
from optical_cli.settings import ComputeSettings
from optical_cli.translation.languages import code_for
from optical_cli.translation.models import Translator
from optical_cli.translation.settings import DecodingSettings

COMPUTE = ComputeSettings(device="cpu", dtype="float32")
SETTINGS = DecodingSettings(beam=3, max_tokens=8)
TEXTS = ["maji", "mtoto anasoma kitabu leo", "mvua", "ng'ombe wanakula majani sana leo"]
NLLB = ["ace_Arab", "arb_Arab", "ars_Arab", "eng_Latn", "swh_Latn", "zho_Hans", "zho_Hant"]


def test_a_batch_translates_as_each_text_alone(marian):
    translator = Translator(str(marian), SETTINGS, COMPUTE)
    together = translator(TEXTS)
    assert together == [translator([text])[0] for text in TEXTS]
    assert len(set(together)) > 1


def test_it_is_what_transformers_gives(marian):
    from transformers import MarianMTModel, MarianTokenizer

    model, tokenizer = (
        MarianMTModel.from_pretrained(marian),
        MarianTokenizer.from_pretrained(marian),
    )
    with torch.inference_mode():
        rows = [
            model.generate(**tokenizer(text, return_tensors="pt"), num_beams=3, max_new_tokens=8,
                           do_sample=False, max_length=None)
            for text in TEXTS
        ]  # fmt: skip
    expected = [" ".join(tokenizer.decode(r[0], skip_special_tokens=True).split()) for r in rows]
    assert Translator(str(marian), SETTINGS, COMPUTE)(TEXTS) == expected


def test_batches_are_of_alike_length(marian):
    translator = Translator(str(marian), dataclasses.replace(SETTINGS, batch_size=2), COMPUTE)
    seen = []
    batch = translator._batch
    translator._batch = lambda texts: seen.append(texts) or batch(texts)
    translator(TEXTS)
    lengths = [[len(translator.tokenizer(text)["input_ids"]) for text in texts] for texts in seen]
    assert lengths == [sorted(row) for row in lengths] and lengths == sorted(lengths)


def test_what_does_not_fit_is_counted(marian):
    translator = Translator(str(marian), SETTINGS, COMPUTE)
    translator(["maji " * 40, "maji"])
    assert (translator.length, translator.cut) == (24, 1)


def test_m2m_begins_with_the_language_that_it_translates_into(m2m):
    with pytest.raises(UsageError, match="--target-lang"):
        Translator(str(m2m), SETTINGS, COMPUTE)
    settings = dataclasses.replace(SETTINGS, target_lang="swa")
    translator = Translator(str(m2m), settings, COMPUTE)
    assert translator.tokenizer.src_lang == "sw"
    assert translator.first_token == translator.tokenizer.get_lang_id("en")
    rows = translator.tokenizer(["maji"], return_tensors="pt")["input_ids"]
    assert rows[0, 0] == translator.tokenizer.get_lang_id("sw")
    assert len(translator(TEXTS)) == len(TEXTS)
    other = dataclasses.replace(settings, target_lang="tlh")
    with pytest.raises(UsageError, match="--target-lang tlh: the model has af, am"):
        Translator(str(m2m), other, COMPUTE)


def test_nllb_is_read_as_it_is_published(nllb):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    settings = dataclasses.replace(SETTINGS, target_lang="sw")
    with pytest.raises(InputError, match="has only pickled weights") as refused:
        Translator(str(nllb), settings, COMPUTE)
    assert refused.value.hint == "--allow-pickle"
    translator = Translator(str(nllb), dataclasses.replace(settings, allow_pickle=True), COMPUTE)
    tokenizer = AutoTokenizer.from_pretrained(nllb, src_lang="swh_Latn")
    english = tokenizer.convert_tokens_to_ids("eng_Latn")
    assert translator.first_token == english != tokenizer.unk_token_id
    inputs = translator.tokenizer(["maji"])["input_ids"][0]
    assert tokenizer.convert_ids_to_tokens(inputs)[0] == "swh_Latn"
    model = AutoModelForSeq2SeqLM.from_pretrained(nllb)
    with torch.inference_mode():
        rows = model.generate(
            **tokenizer(["mtoto anasoma"], return_tensors="pt"), forced_bos_token_id=english,
            num_beams=3, max_new_tokens=8, do_sample=False, max_length=None,
        )  # fmt: skip
    assert rows[0, 1] == english
    expected = " ".join(tokenizer.decode(rows[0], skip_special_tokens=True).split())
    assert translator(["mtoto anasoma"]) == [expected]


def test_nllb_without_its_languages_is_refused(nllb, tmp_path):
    pytest.importorskip("google.protobuf", reason="reads SentencePiece's file")
    for file in nllb.iterdir():
        if file.name != "tokenizer.json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    settings = dataclasses.replace(SETTINGS, target_lang="sw", allow_pickle=True)
    with pytest.raises(InputError, match="has a tokenizer without languages"):
        Translator(str(tmp_path), settings, COMPUTE)


def test_what_was_not_fetched_may_be_a_pickle(nllb, tmp_path):
    (tmp_path / "config.json").write_bytes((nllb / "config.json").read_bytes())
    with pytest.raises(InputError, match=r"has no weights: no model\.safetensors") as refused:
        Translator(str(tmp_path), SETTINGS, COMPUTE)
    assert "--allow-pickle" in refused.value.hint


def test_languages_of_nllb():
    own = {"zho_Hant": "zho_Hant", "ars_Arab": "ars_Arab"}
    found = {"sw": "swh_Latn", "ar": "arb_Arab", "zh": "zho_Hans", "EN": "eng_Latn"} | own
    for given, code in found.items():
        assert code_for(given, NLLB, "--target-lang") == code


def test_what_is_no_translation_model(marian, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match="is no translation model"):
        Translator(str(tmp_path), SETTINGS, COMPUTE)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "config.json").write_bytes((marian / "config.json").read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(InputError, match="has only pickled weights"):
        Translator(str(tmp_path), SETTINGS, COMPUTE)
