"""The batched identifier against py3langid itself, and the warning of swapped sides."""

import pytest

from optical_cli.bitext import identify as module
from optical_cli.bitext.identify import identify, supported
from optical_cli.bitext.survey import warn_if_swapped
from optical_cli.text import canonical

TEXTS = [
    "The government announced new measures to protect the rivers.",
    "Serikali ilitangaza hatua mpya za kulinda mito ya eneo hilo.",
    "Die Regierung hat neue Ma\u00dfnahmen zum Schutz der Fl\u00fcsse angek\u00fcndigt.",
    "\u0938\u0930\u0915\u093e\u0930 \u0928\u0947 \u0928\u0926\u093f\u092f\u094b\u0902 \u0915\u0940 "
    "\u0930\u0915\u094d\u0937\u093e \u0915\u0940 \u0918\u094b\u0937\u0923\u093e \u0915\u0940\u0964",
    "\u653f\u5e9c\u5ba3\u5e03\u4e86\u4fdd\u62a4\u6cb3\u6d41\u7684\u65b0\u63aa\u65bd\u3002",
    "LE GOUVERNEMENT A ANNONC\u00c9 DE NOUVELLES MESURES POUR LES RIVI\u00c8RES.",
    "a",
    "",
    "12345 !?",
]  # fmt: skip


@pytest.fixture(scope="module")
def oracle():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def expected(oracle, text):
    """py3langid's ranking with the labels of one language added up."""
    sums = {}
    for label, likely in oracle.rank(text):
        code = module.AS_ANOTHER.get(label, canonical(label))
        sums[code] = sums.get(code, 0) + likely
    return sums


def test_labels_and_probabilities_are_those_of_the_original(oracle):
    codes, likely = identify(TEXTS)
    for text, code, probability in zip(TEXTS, codes, likely.tolist(), strict=True):
        sums = expected(oracle, text)
        assert probability == pytest.approx(max(sums.values()), abs=1e-4)
        assert sums[code] == pytest.approx(max(sums.values()), abs=1e-4)


def test_the_batch_does_not_matter():
    together = identify(TEXTS)[0]
    assert [identify([text])[0][0] for text in TEXTS[:6]] == together[:6]
    assert identify([])[0] == []


def test_real_text_is_identified_like_the_original(oracle, real_data):
    for language in ("sw", "hi", "th", "de", "zh"):
        path = next((real_data / "bitext_eval").glob(f"{language}-en.*"))
        texts = [line.split("\t")[0] for line in path.read_text("utf-8").split("\n")[:100] if line]
        for text, code in zip(texts, identify(texts)[0], strict=True):
            sums = expected(oracle, text)
            assert sums[code] == pytest.approx(max(sums.values()), abs=1e-3), text


def test_supported_languages():
    assert {"sw", "so", "tl", "mr", "yo", "ar", "zh", "en"} <= supported()
    assert not {"ceb", "arz", "pcm", "zxx", ""} & supported()


ENGLISH = [f"The government announced {n} new measures to protect the rivers." for n in range(20)]
SWAHILI = [f"Serikali ilitangaza hatua {n} mpya za kulinda mito ya eneo." for n in range(20)]


def test_swapped_sides_are_noticed(caplog):
    caplog.set_level("WARNING", "optical_cli")
    assert warn_if_swapped("x.tsv", SWAHILI, ENGLISH, "en", "sw")
    assert "--columns 2,1" in caplog.text and "x.tsv" in caplog.text


def test_sides_in_order_are_not(caplog):
    assert not warn_if_swapped("x.tsv", ENGLISH, SWAHILI, "en", "swh")
    assert not warn_if_swapped("x.tsv", ENGLISH, ENGLISH, "en", "sw")
    assert not warn_if_swapped("x.tsv", SWAHILI[:3], ENGLISH[:3], "en", "sw")
    assert caplog.text == ""


def test_swapped_sides_are_noticed_in_a_language_that_nobody_can_tell():
    assert warn_if_swapped("x.tsv", SWAHILI, ENGLISH, "en", "ceb")
    assert not warn_if_swapped("x.tsv", ENGLISH, SWAHILI, "en", "ceb")
