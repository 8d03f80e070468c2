"""recipes/dense-encoder.py on tiny random encoders in the layout of those that it is for."""

import sys

import pytest
import torch

QUERIES = {"q1": "who built the railway", "q2": "water boils"}
PASSAGES = {"d1": "the railway was built in england", "d2": "milk and water boil",
            "d3": "children read books"}  # fmt: skip
WORDS = "query passage : the railway was built in england who milk and water boil boils children"


@pytest.fixture(scope="session")
def backbone(tmp_path_factory):
    """A BERT of random weights, as transformers saves it."""
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("backbone")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS.split()]
    tokenizer = BertTokenizer(vocab={word: i for i, word in enumerate(words)})
    torch.manual_seed(5)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=len(words), intermediate_size=32, initializer_range=1.0, **sizes)
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def published(tmp_path_factory, backbone):
    """Save the backbone under a name, with a way of pooling."""
    library = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    def published(name, pooling):
        folder = tmp_path_factory.mktemp("published") / name
        modules = [Transformer(str(backbone)), Pooling(16, pooling)]
        library.SentenceTransformer(modules=modules, device="cpu").save(str(folder))
        return folder

    return published


@pytest.fixture
def search(load, tmp_path, monkeypatch):
    """Run the script; give its scores by query and passage."""
    from optical_cli.formats.trec import read_run

    for name, texts in (("queries", QUERIES), ("collection", PASSAGES)):
        rows = "".join(f"{key}\t{text}\n" for key, text in texts.items())
        (tmp_path / f"{name}.tsv").write_text(rows)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")

    def search(model, *options):
        files = [f"--queries={tmp_path}/queries.tsv", f"--collection={tmp_path}/collection.tsv"]
        output = tmp_path / f"{model.name}.trec"
        words = ["dense-encoder", "--model", str(model), *files, "--output", str(output), *options]
        monkeypatch.setattr(sys, "argv", words)
        load("dense-encoder").main()
        run = read_run(output)
        output.unlink()
        return run

    return search


def vectors(folder, texts, pool):
    """The unit vectors of `texts` by transformers alone, one at a time."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    with torch.inference_mode():
        states = [
            model.eval()(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
            for text in texts
        ]
    return torch.nn.functional.normalize(torch.stack([pool(rows) for rows in states]), dim=1)


@pytest.mark.parametrize(
    ("name", "pooling", "pool", "words"),
    [
        ("multilingual-e5-base", "mean", lambda rows: rows.mean(0), ("query: ", "passage: ")),
        ("bge-m3", "cls", lambda rows: rows[0], ("", "")),
    ],
)
def test_pooling_and_prompts_are_the_models_own(search, published, name, pooling, pool, words):
    folder = published(name, pooling)
    asked, found = (
        vectors(folder, [word + text for text in texts.values()], pool)
        for word, texts in zip(words, (QUERIES, PASSAGES), strict=True)
    )
    run = search(folder)
    for query, row in zip(QUERIES, (asked @ found.T).tolist(), strict=True):
        expected = dict(zip(PASSAGES, row, strict=True))
        assert run[query] == pytest.approx(expected, abs=1e-5)
        assert list(run[query]) == sorted(expected, key=expected.get, reverse=True)


def test_a_pickle_is_read_where_it_is_allowed(search, published, capsys):
    from safetensors.torch import load_file

    folder = published("bge-m3", "cls")
    expected = search(folder)
    safe = folder / "model.safetensors"
    torch.save(load_file(safe), folder / "pytorch_model.bin")
    safe.unlink()
    with pytest.raises(SystemExit) as stop:
        search(folder)
    assert stop.value.code == 3
    err = capsys.readouterr().err
    assert "is not all in safetensors: pytorch_model.bin" in err and "--allow-pickle" in err
    assert search(folder, "--allow-pickle") == expected
