"""`optical export` as a user calls it."""

import json

import pytest


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from optical_cli.encoders import new_encoder, train_vocabulary, with_head

    folder = tmp_path_factory.mktemp("export") / "student"
    folder.mkdir()
    texts = ["The child is eating an apple.", "Mtoto anakula tofaa.", "Water is life."] * 4
    encoder = new_encoder(train_vocabulary(texts, 80), layers=1, hidden=16)
    encoder.save(folder.with_name("student"))
    plain = folder.with_name("plain")
    folder.rename(plain)
    folder.mkdir()
    with_head(encoder, dim=8).save(folder, card="# The student's own card\n")
    return folder


@pytest.mark.parametrize("layout", ["sentence-transformers", "stanford"])
def test_writes_an_encoder_with_the_same_vectors(model, layout, tmp_path, optical_here):
    import torch

    from optical_cli.encoders import load

    out = tmp_path / "exported"
    code, stdout, err = optical_here("export", "--to", layout, model, "-o", out)
    assert (code, stdout) == (0, ""), err
    texts = ["Mtoto anakula", "an apple"]
    for one, other in zip(
        load(model).encode_queries(texts), load(out).encode_queries(texts), strict=True
    ):
        assert torch.equal(one, other)
    assert (out / "README.md").read_text() == "# The student's own card\n"
    assert (out / "artifact.metadata").exists() is (layout == "stanford")
    what = json.loads((out / "manifest.json").read_text())["what"]
    assert what["signature"] == load(model).signature()


@pytest.mark.parametrize("measure", [None, "attention"])
def test_token_weights_are_warned_about(model, tmp_path, optical_here, measure):
    import torch

    from optical_cli.encoders import load, with_token_weights

    encoder = load(model)
    weighed = tmp_path / "weighed"
    weighed.mkdir()
    weights = None if measure else torch.ones(len(encoder.tokenizer))
    with_token_weights(encoder, weights, weigh_by=measure).save(weighed)
    code, _, err = optical_here("export", "--to", "stanford", weighed, "-o", tmp_path / "out")
    assert code == 0 and "ignore token weights" in err


@pytest.mark.parametrize(
    ("known", "warnings"),
    [
        ({"min_similarity": 0.5}, {"spelt like"}),
        ({"min_similarity": None}, set()),
        ({"min_similarity": None, "unspaced": {"น้ำ": 2}}, {"do not tell words"}),
    ],
)
def test_words_that_others_do_not_see_are_warned_about(
    model, tmp_path, optical_here, known, warnings
):
    from optical_cli.encoders import load, with_vocabulary
    from optical_cli.encoders.known_words import KnownWords

    encoder = load(model)
    table = encoder.backbone.get_input_embeddings().weight
    words = KnownWords((), len(encoder.tokenizer), **known)
    folder = tmp_path / "known"
    folder.mkdir()
    with_vocabulary(encoder, encoder.tokenizer, table, known_words=words).save(folder)
    code, _, err = optical_here("export", "--to", "stanford", folder, "-o", tmp_path / "out")
    said = {text for text in ("spelt like", "do not tell words") if text in err}
    assert (code, said) == (0, warnings), err


def test_what_a_layout_cannot_say_is_refused(model, tmp_path, optical_here):
    plain = model.with_name("plain")
    code, _, err = optical_here("export", "--to", "stanford", plain, "-o", tmp_path / "out")
    assert code == 3 and "--to sentence-transformers" in err and not any(tmp_path.iterdir())


def test_no_model_is_one_plain_error(tmp_path, optical_here):
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "manifest.json").write_text("{}")
    for name, code, message in (
        (tmp_path / "vectors", 3, "is no model"),
        (tmp_path / "absent", 3, "no such folder"),
        ("nobody/nothing", 5, "HF_HUB_OFFLINE"),
    ):
        got = optical_here("export", "--to", "stanford", name, "-o", tmp_path / "out")
        assert got[0] == code and message in got[2] and "Traceback" not in got[2]
        assert not (tmp_path / "out").exists()


def test_an_existing_output_is_refused(model, tmp_path, optical_here):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    code, _, err = optical_here("export", "--to", "stanford", model, "-o", tmp_path / "out")
    assert code == 4 and "--overwrite" in err
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine"]


def test_an_unknown_layout_is_a_usage_error(model, tmp_path, optical_here):
    assert optical_here("export", "--to", "onnx", model, "-o", tmp_path / "out")[0] == 2
