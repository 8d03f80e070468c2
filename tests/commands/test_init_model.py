"""`optical init-model` as a user calls it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

SENTENCES = [
    "The child is eating an apple.", "Mtoto anakula tofaa.", "We are going to the market.",
    "Tunaenda sokoni leo.", "भूल गयी? मेरे दादा ओसाका के हैं।", "Water is life; milk too!",
]  # fmt: skip
SMALL = ["--vocab-size", "150", "--layers", "1", "--hidden", "16", "--max-length", "40"]


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("\n".join(SENTENCES * 4) + "\n", encoding="utf-8")
    return path


def bytes_of(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_writes_an_encoder_that_transformers_loads(text, tmp_path, optical_here):
    from transformers import AutoModel, AutoTokenizer

    out = tmp_path / "model"
    code, stdout, err = optical_here("init-model", "--text", text, "-o", out, *SMALL)
    assert (code, stdout) == (0, "") and "parameters" in err
    tokenizer, model = AutoTokenizer.from_pretrained(out), AutoModel.from_pretrained(out)
    config = model.config
    assert (config.num_hidden_layers, config.hidden_size, config.intermediate_size) == (1, 16, 64)
    assert config.max_position_embeddings == tokenizer.model_max_length == 40
    assert config.vocab_size == len(tokenizer) <= 150
    words = "मेरे दादा"
    assert tokenizer.decode(tokenizer(words, add_special_tokens=False)["input_ids"]) == words


def test_the_manifest_and_the_card_say_what_made_it(text, tmp_path, optical_here):
    from optical_cli.encoders import load

    out = tmp_path / "model"
    optical_here("init-model", "--text", text, "-o", out, *SMALL)
    what = json.loads((out / "manifest.json").read_text())["what"]
    assert what["format"] == "optical-model/1" and what["command"] == "init-model"
    encoder = load(out)
    assert what["signature"] == encoder.signature()
    assert what["counts"]["vocabulary"] == len(encoder.tokenizer)
    assert what["files"].keys() == {str(name) for name in bytes_of(out)}
    card = (out / "README.md").read_text()
    assert "By `optical init-model`." in card and "| scratch.hidden | 16 |" in card


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_weights(
    text, tmp_path, optical_here
):
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        out = tmp_path / name
        assert optical_here("init-model", "--text", text, "-o", out, "--seed", seed, *SMALL)[0] == 0
    one, two, three = (bytes_of(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    changed = {str(name) for name in one if one[name] != three[name]}
    assert changed == {"model.safetensors", "README.md"}


def test_an_existing_output_is_refused_and_left_alone(text, tmp_path, optical_here):
    out = tmp_path / "model"
    optical_here("init-model", "--text", text, "-o", out, *SMALL)
    before = bytes_of(out)
    code, _, err = optical_here("init-model", "--text", text, "-o", out, *SMALL, "--seed", "5")
    assert code == 4 and "--overwrite" in err and bytes_of(out) == before
    assert optical_here("init-model", "--text", text, "-o", out, *SMALL, "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("content", "options", "code", "message"),
    [
        (None, [], 3, "text.tsv: cannot be read"),
        (b"", [], 3, "text.tsv: is empty"),
        (b" \n\t\n", [], 3, "there is no text"),
        (b"fine\n\xff\xfe\n", [], 3, "text.tsv:2: not UTF-8"),
        (b"fine\nnul \0\n", [], 3, "text.tsv:2: NUL"),
        (b"a\tb\nc\n", ["--columns", "2"], 3, "text.tsv:2: expected at least 2"),
        (b"some text\n" * 9, ["--columns", "x"], 2, "--columns x"),
        (b"some text\n" * 9, ["--vocab-size", "3"], 2, "--vocab-size 3: too few for the char"),
        (b"some text\n" * 9, ["--layers", "0"], 2, "--layers 0: must be at least 1"),
    ],
)  # fmt: skip
def test_bad_input_is_one_plain_error_and_leaves_nothing(
    tmp_path, optical_here, content, options, code, message
):
    path = tmp_path / "text.tsv"
    if content is not None:
        path.write_bytes(content)
    got = optical_here("init-model", "--text", path, "-o", tmp_path / "model", *options)
    assert got[0] == code and message in got[2] and "Traceback" not in got[2]
    assert [p.name for p in tmp_path.iterdir()] == ([] if content is None else ["text.tsv"])


def test_killed_in_the_middle_nothing_stands_under_the_final_name(text, tmp_path):
    out = tmp_path / "model"
    command = [sys.executable, "-m", "optical_cli", "init-model", "--text", "-", "-o", str(out)]
    # Standard input never ends, so the command is caught while it reads.
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not (tmp_path / ".model.partial").exists() and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not out.exists() and (tmp_path / ".model.partial").is_dir()


def test_help_shows_the_binding_options(optical_here):
    code, out, _ = optical_here("init-model", "--help")
    assert code == 0
    for flag in ("--text", "--vocab-size", "--layers", "--hidden", "--max-length", "--seed", "-o"):
        assert flag in out
