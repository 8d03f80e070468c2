"""Batches give what single texts give."""

import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optical_cli.bitext.characters import characters
from optical_cli.bitext.cleaning import clean_all
from optical_cli.bitext.hashing import span_hashes
from optical_cli.bitext.keys import hash_keys, key_characters
from optical_cli.text import clean, key, nfc

# Letters with marks, joiners, entities and odd space are what the batch path takes apart.
ODD = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",), exclude_characters="\0\n"),
        st.sampled_from("a \u0301\u200d\u200b\u00ad\u00a0&;amplt#"),
        st.sampled_from("\u0915\u093c\u1100\u1161\u11a8\u0958"),
    ),
    max_size=12,
)  # fmt: skip


@given(st.lists(ODD, max_size=6))
def test_a_batch_is_cleaned_like_single_texts(texts):
    assert clean_all(texts) == [clean(text) for text in texts]


@given(st.lists(ODD.map(nfc), min_size=1, max_size=6))
def test_keys_of_a_batch_are_those_of_single_texts(texts):
    assert key_characters(texts).texts() == [key(text) for text in texts]


def test_key_hashes_do_not_depend_on_the_batch():
    # A character beyond the basic plane takes another way through the batch.
    for texts in (["Maji ni uhai.", "", "x"], ["Maji ni uhai.", "", "\U0001d538 \U00020000"]):
        alone = [hash_keys(key_characters([text]))[0] for text in texts]
        assert alone == hash_keys(key_characters(texts)).tolist()
    assert len(set(alone)) == 3
    assert hash_keys(key_characters(["MAJI, ni uhai!"]))[0] == alone[0]


def test_a_key_hash_is_pinned():
    # Splits depend on it: it must not change between versions.
    digest = hashlib.blake2b("majiniuhai".encode("utf-16-le"), digest_size=8).digest()
    assert hash_keys(key_characters(["Maji ni uhai."]))[0] == int.from_bytes(digest, "little")


@given(st.text(min_size=1, max_size=30), st.data())
def test_spans_with_equal_text_have_equal_hashes(text, data):
    chars = characters([text * 2])
    start = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(start + 1, len(text)))
    starts = np.array([start, start + len(text)])
    stops = np.array([stop, stop + len(text)])
    one, other = span_hashes(chars.codes, starts, stops).tolist()
    assert one == other


def test_spans_with_different_text_have_different_hashes():
    words = [f"{number:x}" for number in range(20_000)]
    chars = characters(words)
    hashes = span_hashes(chars.codes, chars.offsets[:-1], chars.offsets[1:])
    assert len(np.unique(hashes)) == len(words)
