"""sentence-transformers as the oracle: it loads what is saved and gives the same vectors."""

import json

import pytest

from optical_cli.encoders import load, with_head
from optical_cli.encoders.export import export

sentence_transformers = pytest.importorskip(
    "sentence_transformers", reason="sentence-transformers is not installed"
)
if not hasattr(sentence_transformers, "MultiVectorEncoder"):
    pytest.skip("sentence-transformers older than 6 has no MultiVectorEncoder",
                allow_module_level=True)  # fmt: skip

TEXTS = [
    "The first railway (1825) was built in England!", "who built it, and when?", "x", "भूल गयी?",
    "我们去市场买水果。", "☃ unknown ☂", "a long text " * 40,
]  # fmt: skip


def compare(encoder, folder):
    other = sentence_transformers.MultiVectorEncoder(str(folder), device="cpu")
    for own, theirs in (
        (encoder.encode_queries(TEXTS), other.encode_query(TEXTS)),
        (encoder.encode_passages(TEXTS), other.encode_document(TEXTS)),
    ):
        assert [v.shape for v in own] == [v.shape for v in theirs]
        assert max(float((a - b).abs().max()) for a, b in zip(own, theirs, strict=True)) < 1e-6
    return other


@pytest.fixture(params=["bert", "roberta"])
def made(request, encoder, roberta):
    return encoder if request.param == "bert" else with_head(roberta, dim=8, query_length=40)


@pytest.mark.parametrize("layout", ["sentence-transformers", "stanford"])
def test_both_exports_give_the_same_vectors_there(made, layout, tmp_path):
    if layout == "stanford":  # ColBERT skips ASCII marks, whatever the script
        import string
        from dataclasses import replace

        from optical_cli.encoders import LateInteractionEncoder

        config = replace(made.config, skiplist=tuple(string.punctuation))
        made = LateInteractionEncoder(made.backbone, made.tokenizer, config, head=made.head)
    export(made, layout, tmp_path)
    compare(made, tmp_path)


def test_a_plain_encoder_gives_its_own_token_vectors_there(plain, tmp_path):
    plain.save(tmp_path)
    compare(plain, tmp_path)


@pytest.mark.parametrize("expansion", [None, {"strategy": "fixed", "attend": True, "length": 12}])
def test_their_own_newer_layout_loads_here(encoder, tmp_path, expansion):
    (tmp_path / "ours").mkdir()
    encoder.save(tmp_path / "ours")
    other = sentence_transformers.MultiVectorEncoder(str(tmp_path / "ours"), device="cpu")
    other[0].query_expansion = expansion
    other[0].document_length = 20
    other.save(str(tmp_path / "theirs"))
    modules = json.loads((tmp_path / "theirs" / "modules.json").read_text())
    assert modules[-1]["path"] == "3_Normalize"
    loaded = load(tmp_path / "theirs")
    assert loaded.config.passage_length == 20
    assert loaded.config.query_expansion is (expansion is not None)
    compare(loaded, tmp_path / "theirs")


def test_a_strategy_that_is_not_ours_is_refused(encoder, tmp_path):
    from optical_cli.errors import InputError

    (tmp_path / "ours").mkdir()
    encoder.save(tmp_path / "ours")
    other = sentence_transformers.MultiVectorEncoder(str(tmp_path / "ours"), device="cpu")
    other[0].query_expansion = {"strategy": "min", "attend": False, "length": 12}
    other.save(str(tmp_path / "theirs"))
    with pytest.raises(InputError, match="strategy min"):
        load(tmp_path / "theirs")
