"""Imports by name and by URL, from a server on this machine that stands for the publishers'."""

import pytest

from optical_cli.importers.sets import beir, opus


@pytest.fixture
def publishers(tmp_path, make, served, monkeypatch):
    """OPUS with two corpora whose files have one name; gives the server's address."""
    for corpus, one, other in (("Aye", "One.", "Moja."), ("Bee", "Two.", "Mbili.")):
        folder = tmp_path / "site" / f"OPUS-{corpus}" / "v1" / "moses"
        folder.mkdir(parents=True)
        make.zip(folder / "en-sw.txt.zip", {
            f"{corpus}.en-sw.en": f"{one}\n", f"{corpus}.en-sw.sw": f"{other}\n",
            "LICENSE": f"of {corpus}\n",
        })  # fmt: skip
    with served(tmp_path / "site") as url:
        monkeypatch.setattr(opus, "SERVER", url)
        monkeypatch.setattr(beir, "SERVER", url)
        monkeypatch.chdir(tmp_path)
        yield url


def written(folder, name="bitext.en-sw.tsv"):
    return (folder / name).read_text(encoding="utf-8")


def test_a_kept_file_is_not_handed_over_for_another_of_its_name(
    publishers, tmp_path, optical_here
):  # fmt: skip
    for corpus in ("Aye", "Bee"):
        words = f"opus:{corpus}/v1", "--lang", "sw", "--cache", "cache", "-o", corpus
        assert optical_here("import", *words)[0] == 0
    assert written(tmp_path / "Aye") == "One.\tMoja.\n"
    assert written(tmp_path / "Bee") == "Two.\tMbili.\n"
    assert written(tmp_path / "Bee", "LICENSE.opus.txt") == "of Bee\n"


def test_pairs_of_one_corpus_in_one_call(publishers, make, tmp_path, optical_here):
    make.zip(tmp_path / "site/OPUS-Aye/v1/moses/en-tr.txt.zip", {
        "Aye.en-tr.en": "One.\n", "Aye.en-tr.tr": "Bir.\n", "LICENSE": "of Aye\n",
    })  # fmt: skip
    words = "opus:Aye/v1", "--lang", "sw", "--lang", "tr", "--cache", "cache", "-o", "both"
    assert optical_here("import", *words)[0] == 0
    assert written(tmp_path / "both") == "One.\tMoja.\n"
    assert written(tmp_path / "both", "bitext.en-tr.tsv") == "One.\tBir.\n"


def test_nor_is_a_file_of_another_url(publishers, tmp_path, optical_here):
    for corpus in ("Aye", "Bee"):
        url = f"{publishers}/OPUS-{corpus}/v1/moses/en-sw.txt.zip"
        words = "opus", "--from", url, "--cache", "cache", "-o", corpus
        assert optical_here("import", *words)[0] == 0
    assert written(tmp_path / "Aye") != written(tmp_path / "Bee")


@pytest.mark.parametrize(
    ("words", "file", "hint"),
    [
        (("opus:Aye/v1", "--lang", "tlh"), "en-tlh.txt.zip", "?corpus=Aye&version=v1&"),
        (("beir:scifakt",), "scifakt.zip", "BEIR gives arguana, climate-fever"),
    ],
)
def test_what_the_server_does_not_know(publishers, optical_here, words, file, hint):
    code, _, err = optical_here("import", *words, "--cache", "cache", "-o", "data")
    assert code == 2 and f"{file}: is not there: the server answers 404" in err
    assert hint in err and "machine with a network" not in err


def test_a_url_that_is_not_there(publishers, optical_here):
    words = "--from", f"{publishers}/none.zip", "--cache", "cache", "-o", "data"
    code, _, err = optical_here("import", "mlqa", *words)
    assert code == 5 and "none.zip: is not there: the server answers 404" in err
    assert "machine with a network" not in err
