"""`optical align`: which token goes with which, as text and as a picture."""

import re

import pytest
import torch

from optical_cli.encoders import with_vocabulary
from optical_cli.encoders.known_words import KnownWords
from optical_cli.encoders.scratch import SPACE_SIGN, new_encoder, train_vocabulary
from optical_cli.encoders.word_tokens import with_words
from optical_cli.formats.outputs import output_directory

TEXTS = ["the farmer sells maize", "mkulima anauza mahindi", "the child reads", "mtoto anasoma"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("align") / "model"
    tokenizer = train_vocabulary(TEXTS * 5, 60, max_length=64)
    encoder = new_encoder(tokenizer, layers=1, hidden=32, max_length=64, seed=1)
    with output_directory(folder) as directory:
        encoder.save(directory)
    return folder


def align(run, model, *args):
    return run("align", "--teacher", model, "--student", model, *args)


def test_a_sentence_aligns_with_itself(optical_here, model):
    text = "the farmer sells maize"
    code, out, err = align(optical_here, model, "--solver", "exact", text, text)
    assert code == 0, err
    *tokens, total = out.splitlines()
    for line in tokens:
        label, _, cost, partner, share = line.split()[:5]
        assert (label, float(share)) == (partner, 1.0)
        assert float(cost) == pytest.approx(0, abs=1e-3)
    assert float(total.split()[-1]) == pytest.approx(0, abs=1e-3)


def test_all_mass_of_a_token_is_accounted_for(optical_here, model):
    code, out, _ = align(optical_here, model, TEXTS[0], TEXTS[1])
    assert code == 0
    for line in out.splitlines()[:-1]:
        shares = [float(x) for x in re.findall(r" (\d\.\d\d)(?:  |$)", line.split("cost", 1)[1])]
        assert 0 < sum(shares) <= 1.02


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_image_of_scripts_without_glyphs(optical_here, model, tmp_path, suffix):
    file = tmp_path / f"plan.{suffix}"
    args = ("--image", file, "the $child$ reads", "बच्चा पढ़ता है ภาษาไทย")
    code, _, err = align(optical_here, model, *args)
    assert (code, err) == (0, "")
    first = file.read_bytes()
    assert len(first) > 1000
    assert align(optical_here, model, *args)[0] == 4
    assert file.read_bytes() == first
    assert align(optical_here, model, "--overwrite", *args)[0] == 0
    assert file.read_bytes() == first, "the same plan draws the same bytes"


def test_the_image_says_what_made_it(optical_here, model, tmp_path):
    file = tmp_path / "plan.png"
    assert align(optical_here, model, "--image", file, "the farmer", "mkulima")[0] == 0
    code, out, _ = optical_here("inspect", "--verify", file)
    assert code == 0
    assert "optical align" in out
    assert str(model) in out


@pytest.mark.parametrize("marginals", ["words", "norm", "attention", "words+norm"])
def test_tokens_weigh_as_transport_is_told(optical_here, model, marginals):
    text = "the farmer sells maize"
    args = ("--solver", "exact", text, text)
    code, out, err = align(optical_here, model, "--marginals", marginals, *args)
    assert code == 0, err
    assert float(out.splitlines()[-1].split()[-1]) == pytest.approx(0, abs=1e-3)
    code, _, err = align(optical_here, model, "--marginals", "idf", *args)
    assert code == 2 and "saved without token weights" in err


def test_the_cost_is_the_one_that_was_asked_for(optical_here, model):
    from optical_cli import encoders
    from optical_cli.transport import euclidean_cost, solve

    texts = ["the farmer sells maize", "the first railway"]
    one, other = (vectors[None].float() for vectors in encoders.load(model).encode_queries(texts))
    cost = euclidean_cost(one, other)
    masses = (torch.full(side.shape[:2], 1 / side.shape[1]) for side in (one, other))
    expected = solve(cost, *masses, "exact").transport_cost.item()
    code, out, err = align(
        optical_here, model, "--solver", "exact", "--cost", "euclidean", "--marginals", "real",
        *texts,
    )  # fmt: skip
    assert code == 0, err
    assert float(out.splitlines()[-1].split()[-1]) == pytest.approx(expected, abs=2e-3)


def test_an_option_that_nothing_reads_is_told(optical_here, model):
    code, _, err = align(optical_here, model, "--epsilon", "0.2", "the farmer", "mkulima")
    assert code == 0 and "not read: --epsilon (--solver ipot has none)" in err
    code, _, err = align(optical_here, model, "--beta", "0.2", "the farmer", "mkulima")
    assert code == 0 and "not read" not in err


def test_bad_input(optical_here, model, tmp_path):
    code, _, err = align(optical_here, model, "a", " ")
    assert (code, "TARGET: is empty" in err) == (3, True)
    code, _, err = align(optical_here, model, "--image", tmp_path / "plan.doc", "a", "b")
    assert (code, "expected one of .png" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []
    code, out, err = align(optical_here, model, "--image", tmp_path / "plan", "a", "b")
    assert (code, out) == (2, ""), "said before the work, not after it"
    assert align(optical_here, tmp_path, "a", "b")[0] == 3


@pytest.fixture(scope="module")
def student_of_words(tmp_path_factory):
    """A student that has words as tokens, and reads new ones as those that they are spelt like."""
    texts = ["kitabu na maji", "watoto wanasoma kitabu"]
    tokenizer = train_vocabulary([*TEXTS, *texts] * 5, 60, max_length=64)
    teacher = new_encoder(tokenizer, layers=1, hidden=32, max_length=64, seed=1)
    tokenizer, words = with_words(tokenizer, ["kitabu", "maji", "watoto"])
    first = len(teacher.tokenizer)
    table = teacher.backbone.get_input_embeddings().weight.detach()
    rows = torch.randn(len(words), 32, generator=torch.Generator().manual_seed(1))
    known = KnownWords(tuple(words), first, 0.3)
    student = with_vocabulary(
        teacher, tokenizer, torch.cat([table[:first], rows]), known_words=known
    )
    folder = tmp_path_factory.mktemp("words") / "student"
    with output_directory(folder) as directory:
        student.save(directory)
    return folder


def test_words_met_for_the_first_time_are_read_as_in_a_search(optical_here, student_of_words):
    code, out, err = align(optical_here, student_of_words, "maji kitabu", "maji kitabuni")
    assert code == 0, err
    labels = [line.split()[0].lstrip(SPACE_SIGN) for line in out.splitlines()[:-1]]
    assert labels == ["[CLS]", "maji", "kitabuni", "[SEP]"]


def test_the_encoders_compute_as_precisely_as_they_are_told(optical_here, model, monkeypatch):
    from optical_cli.alignment import aligner

    told = []

    def noted(*args, dtype, **options):
        told.append(dtype)
        return aligner_bulk(*args, dtype=dtype, **options)

    aligner_bulk = aligner.encode_in_bulk
    monkeypatch.setattr(aligner, "encode_in_bulk", noted)
    assert align(optical_here, model, "--dtype", "bfloat16", *TEXTS[:2])[0] == 0
    assert told == ["bfloat16"] * 2
