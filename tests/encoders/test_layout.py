"""Saving and loading, and every folder that is no model."""

import json
import os
import pickle
import shutil
import string

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import T5Config, T5EncoderModel

from optical_cli.encoders import load, stanford, with_head, with_token_weights
from optical_cli.errors import EnvironmentFault, InputError

from .vocabularies import unigram


@pytest.fixture
def saved(encoder, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    encoder.save(folder)
    return folder


def same_vectors(one, other, texts):
    for encode in ("encode_queries", "encode_passages"):
        for a, b in zip(getattr(one, encode)(texts), getattr(other, encode)(texts), strict=True):
            assert torch.equal(a, b)


def file_bytes(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_what_is_saved_is_what_is_loaded(encoder, saved, texts):
    loaded = load(saved)
    assert loaded.config == encoder.config and not loaded.training
    assert loaded.signature() == encoder.signature()
    same_vectors(encoder, loaded, texts)


def test_the_layout_is_the_one_that_others_read(saved):
    assert json.loads((saved / "modules.json").read_text()) == [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Dense", "type": "sentence_transformers.models.Dense"},
    ]
    settings = json.loads((saved / "config_sentence_transformers.json").read_text())
    assert settings["model_type"] == "ColBERT" and settings["similarity_fn_name"] == "MaxSim"
    assert (settings["query_prefix"], settings["document_prefix"]) == ("[Q] ", "[D] ")
    assert (settings["query_length"], settings["document_length"]) == (24, 48)
    assert json.loads((saved / "1_Dense" / "config.json").read_text()) == {
        "in_features": 32, "out_features": 16, "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }  # fmt: skip
    assert load_file(saved / "1_Dense" / "model.safetensors")["linear.weight"].shape == (16, 32)
    keys = load_file(saved / "model.safetensors").keys()
    assert "embeddings.word_embeddings.weight" in keys and not any("pooler" in k for k in keys)


def test_pylates_older_settings_mean_what_they_meant_there(saved):
    path = saved / "config_sentence_transformers.json"
    settings = json.loads(path.read_text())
    for name in ("model_type", "skiplist_words", "query_length", "do_query_expansion"):
        del settings[name]
    path.write_text(json.dumps(settings | {"prompts": {"query": "reading: "}}))
    config = load(saved).config
    assert config.query_length == 32 and config.query_expansion
    assert config.skiplist == tuple(string.punctuation)
    assert config.query_prefix == "[Q] reading: "
    edit(path, do_query_expansion=False, attend_to_expansion_tokens=True)
    assert not load(saved).config.query_expansion and load(saved).config.attend_to_expansion


def test_saving_again_gives_the_same_bytes_wherever_it_was_loaded_from(saved, tmp_path):
    again = tmp_path / "elsewhere"
    again.mkdir()
    loaded = load(saved)
    loaded.tokenizer("a b c", truncation=True, max_length=3, padding="max_length")
    loaded.save(again)
    assert file_bytes(again) == file_bytes(saved)


def test_token_weights_are_saved_with_the_model(encoder, tmp_path, texts):
    weights = torch.rand(len(encoder.tokenizer), generator=torch.Generator().manual_seed(2))
    weighed = with_token_weights(encoder, weights, share_word_mass=True, weigh_by="norm")
    weighed.save(tmp_path, card="# A card\n")
    loaded = load(tmp_path)
    assert torch.equal(loaded.piece_weights, weights) and loaded.config.share_word_mass
    assert loaded.config.weigh_by == "norm"
    assert loaded.signature() == weighed.signature() != encoder.signature()
    same_vectors(weighed, loaded, texts)
    assert (tmp_path / "README.md").read_text() == "# A card\n"


def test_unknown_measures_of_weight_are_refused(saved):
    edit(saved / "config_sentence_transformers.json", optical={"weigh_by": "mood"})
    with pytest.raises(InputError, match="weighs tokens by mood"):
        load(saved)


def test_a_plain_encoder_of_transformers_make_loads_without_markers(roberta_folder, roberta, texts):
    assert roberta.config.is_plain and roberta.dim == 32
    from transformers import AutoModel

    oracle = AutoModel.from_pretrained(roberta_folder)
    for text, vectors in zip(texts, roberta.encode_queries(texts), strict=True):
        ids = torch.tensor([roberta.tokenizer(text)["input_ids"]])[:, :64]
        ids[0, -1] = 2
        states = oracle(ids).last_hidden_state[0].detach()
        torch.testing.assert_close(
            vectors, states / states.norm(dim=1, keepdim=True), atol=2e-6, rtol=0
        )


@pytest.mark.parametrize(
    ("pooling", "weigh_by"),
    [({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "norm"),
     ({"pooling_mode": "mean"}, "norm"), ({"pooling_mode_cls_token": True}, None),
     ({"pooling_mode": "cls"}, None), ({}, None)],
)  # fmt: skip
def test_tokens_of_a_sentence_encoder_weigh_as_in_its_mean(
    roberta_folder, tmp_path, texts, pooling, weigh_by
):
    folder = shutil.copytree(roberta_folder, tmp_path / "model")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    kinds = {"": "Transformer", "1_Pooling": "Pooling"}
    modules = [
        {"path": path, "type": f"sentence_transformers.models.{kind}"}
        for path, kind in kinds.items()
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    encoder = load(folder)
    assert encoder.config.is_plain and encoder.config.weigh_by == weigh_by
    assert encoder.family == load(roberta_folder).signature(), "its passages are the same"
    assert (encoder.signature() == encoder.family) == (weigh_by is None)
    (tmp_path / "saved").mkdir()
    encoder.save(tmp_path / "saved")
    assert load(tmp_path / "saved").config.weigh_by == weigh_by


def test_roberta_like_encoders_survive_saving(roberta, tmp_path, texts):
    made = with_head(roberta, dim=8)
    made.save(tmp_path)
    same_vectors(made, load(tmp_path), texts)


def test_stanfords_layout_round_trips(encoder, tmp_path):
    stanford.write(encoder, tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["architectures"] == ["HF_ColBERT"]
    tensors = load_file(tmp_path / "model.safetensors")
    assert tensors["linear.weight"].shape == (16, 32)
    assert all(name == "linear.weight" or name.startswith("bert.") for name in tensors)
    loaded = load(tmp_path)
    texts = ["the first railway, and when?", "water boils"]
    same_vectors(encoder, loaded, texts)
    assert loaded.config.query_length == 24 and loaded.config.passage_length == 48


def test_stanfords_layout_refuses_what_it_cannot_say(plain, tmp_path):
    for unfit in (plain, with_head(plain, query_expansion=False)):
        with pytest.raises(InputError, match="Stanford"):
            stanford.write(unfit, tmp_path)
    assert not any(tmp_path.iterdir())


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load(tmp_path / "absent")
    with pytest.raises(InputError, match="no such folder"):
        load("./a/b/c")


def test_a_name_that_the_hub_is_not_there_to_resolve_says_what_to_do():
    with pytest.raises(EnvironmentFault, match="no folder here") as caught:
        load("someone/some-model")
    assert "HF_HUB_OFFLINE" in str(caught.value) and "hf download" in caught.value.hint


def test_a_file_or_a_folder_of_something_else_is_no_model(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        load(tmp_path / "file")
    with pytest.raises(InputError, match=r"no config\.json") as caught:
        load(tmp_path)
    assert "model.safetensors" in caught.value.hint
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert "optical inspect" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.safetensors", "no model.safetensors"),
        ("tokenizer.json", "no tokenizer"),
        ("1_Dense/model.safetensors", "no weights"),
        ("1_Dense/config.json", "is missing"),
    ],
)
def test_missing_files_are_named(saved, name, message):
    (saved / name).unlink()
    with pytest.raises(InputError, match=message):
        load(saved)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "1_Dense/model.safetensors", "config.json", "tokenizer.json",
             "modules.json", "config_sentence_transformers.json", "1_Dense/config.json",
             "token_weights.safetensors"],
)  # fmt: skip
@pytest.mark.parametrize("damage", [b"", b"\x00garbage", b"[1, 2"])
def test_damaged_files_are_one_plain_error(saved, name, damage):
    (saved / name).write_bytes(damage)
    with pytest.raises(InputError) as caught:
        load(saved)
    assert str(saved) in str(caught.value) and "\n" not in str(caught.value)


def test_weights_of_another_architecture_are_not_filled_up_with_noise(saved):
    edit(saved / "config.json", num_hidden_layers=3)
    with pytest.raises(InputError, match="another architecture: 16 parameters"):
        load(saved)


def test_weights_of_another_shape_are_refused(saved):
    edit(saved / "config.json", intermediate_size=64)
    with pytest.raises(InputError, match=r"is \(128,\) in its weights and \(64,\) by its config"):
        load(saved)


def test_a_vocabulary_larger_than_the_embeddings_is_refused(saved):
    tensors = load_file(saved / "model.safetensors")
    name = "embeddings.word_embeddings.weight"
    tensors[name] = tensors[name][:-1].clone()
    save_file(tensors, saved / "model.safetensors", metadata={"format": "pt"})
    rows = len(tensors[name])
    edit(saved / "config.json", vocab_size=rows)
    with pytest.raises(InputError, match=f"{rows + 1} tokens, the weights have {rows} embeddings"):
        load(saved)


def test_a_head_of_another_width_is_refused(saved):
    save_file({"linear.weight": torch.zeros(16, 8)}, saved / "1_Dense" / "model.safetensors")
    with pytest.raises(InputError, match="takes vectors 8 wide, the backbone gives 32"):
        load(saved)


@pytest.mark.parametrize(
    ("model_type", "message"),
    [
        ("t5", "encoder-decoder"),
        ("no-such-type", "cannot be loaded"),
        ("resnet", "another architecture"),
    ],
)
def test_models_that_are_no_encoders_are_refused(saved, model_type, message):
    (saved / "config.json").write_text(json.dumps({"model_type": model_type}))
    with pytest.raises(InputError, match=message):
        load(saved)


def test_the_encoder_of_an_encoder_decoder_is_one(tmp_path):
    """The class that its config names, since that of its type has a decoder."""
    tokenizer = unigram()
    config = T5Config(vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=64, num_layers=1)
    T5EncoderModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    encoder = load(tmp_path)
    (tmp_path / "again").mkdir()
    encoder.save(tmp_path / "again")
    assert load(tmp_path / "again").signature() == encoder.signature()
    [vectors] = encoder.encode_queries(["the book"])
    assert vectors.shape[1] == 32


def test_code_in_the_folder_is_never_run(saved):
    edit(saved / "config.json", model_type="mine", auto_map={
        "AutoConfig": "mine.MyConfig", "AutoModel": "mine.MyModel"})  # fmt: skip
    (saved / "mine.py").write_text("open('ran', 'w').close()\nraise SystemExit(9)\n")
    with pytest.raises(InputError, match="never run here"):
        load(saved)
    assert not (saved / "ran").exists()


@pytest.mark.parametrize("head", ["Tanh", "residual", "two", "unknown", "outside"])
def test_heads_that_are_not_one_linear_layer_are_refused(saved, head):
    modules = json.loads((saved / "modules.json").read_text())
    if head == "Tanh":
        edit(saved / "1_Dense" / "config.json", activation_function="torch.nn.Tanh")
    elif head == "residual":
        edit(saved / "1_Dense" / "config.json", use_residual=True)
    elif head == "two":
        modules.append(modules[1])
    elif head == "unknown":
        modules.append({"type": "other.Pooling", "path": ""})
    else:
        modules[1]["path"] = "../1_Dense"
    (saved / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(InputError):
        load(saved)


class Malicious:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def pickled(saved):
    """The same model with pickled backbone weights."""
    tensors = load_file(saved / "model.safetensors")
    torch.save(tensors, saved / "pytorch_model.bin")
    (saved / "model.safetensors").unlink()
    return saved


def test_pickled_weights_need_permission(pickled, encoder, texts):
    with pytest.raises(InputError, match="pickled") as caught:
        load(pickled)
    assert "--allow-pickle" in caught.value.hint
    same_vectors(encoder, load(pickled, allow_pickle=True), texts)


@pytest.mark.parametrize("where", ["pytorch_model.bin", "1_Dense/pytorch_model.bin"])
def test_a_pickle_that_runs_code_is_refused_even_with_permission(pickled, where):
    if where.startswith("1_Dense"):
        (pickled / "1_Dense" / "model.safetensors").unlink()
    trap = pickled / "ran"
    with open(pickled / where, "wb") as stream:
        pickle.dump({"linear.weight": Malicious(trap)}, stream, protocol=2)
    with pytest.raises(InputError):
        load(pickled, allow_pickle=True)
    assert not trap.exists()


def test_a_model_folder_moved_elsewhere_still_loads(saved, tmp_path):
    moved = shutil.move(saved, tmp_path / "mine")
    assert load(moved).dim == 16
