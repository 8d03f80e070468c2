"""What is odd is told by its place: JSON of another schema, damaged and hostile archives."""

import gzip
import io
import json
import tarfile

import pytest

from optical_cli.errors import InputError, UsageError
from optical_cli.importers.source import open_copy

GOOD = [(f"t{i}", [("A text.", [(f"q{i}", "What?", 2, "text")])]) for i in range(5)]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d["data"][3]["paragraphs"][0]["qas"][0].pop("answers"),
         r"xquad\.en\.json: data\[3\]\.paragraphs\[0\]\.qas\[0\]\.answers: missing"),
        (lambda d: d["data"][0]["paragraphs"][0].update(context=None),
         r"data\[0\]\.paragraphs\[0\]\.context: is null"),
        (lambda d: d["data"][0]["paragraphs"][0].update(context=7),
         r"data\[0\]\.paragraphs\[0\]\.context: is a number, expected text"),
        (lambda d: d["data"][4]["paragraphs"][0]["qas"][0]["answers"][0].update(answer_start="2"),
         r"qas\[0\]\.answers\[0\]\.answer_start: is text, expected a whole number"),
        (lambda d: d.update(data={}), r"data: is an object, expected a list"),
        (lambda d: d.pop("data"), r"data: missing"),
        (lambda d: d["data"].__setitem__(1, None), r"data\[1\]: is null, expected an object"),
    ],
)  # fmt: skip
def test_the_first_odd_field_of_a_json_file(convert_copy, make, tmp_path, spoil, message):
    document = make.squad(*GOOD)
    spoil(document)
    make.json(tmp_path / "xquad.en.json", document)
    with pytest.raises(InputError, match=message):
        convert_copy("xquad", tmp_path)


def test_a_file_that_was_cut_off(convert_copy, make, tmp_path):
    whole = json.dumps(make.squad(*GOOD))
    (tmp_path / "xquad.en.json").write_text(whole[:200])
    with pytest.raises(InputError, match=r"xquad\.en\.json: is not JSON, or is cut off: .* line 1"):
        convert_copy("xquad", tmp_path)
    (tmp_path / "xquad.en.json").unlink()
    (tmp_path / "xquad.en.json.gz").write_bytes(gzip.compress(whole.encode())[:-20])
    with pytest.raises(InputError, match=r"xquad\.en\.json\.gz: compressed data is damaged"):
        convert_copy("xquad", tmp_path)


def test_languages_that_are_not_there(convert_copy, make, tmp_path):
    make.json(tmp_path / "xquad.en.json", make.squad(*GOOD))
    with pytest.raises(UsageError, match=r"xquad has no language sw; it has ar, de, el, en"):
        convert_copy("xquad", tmp_path, langs=("sw",))
    with pytest.raises(InputError, match=r"has nothing for th; it has en"):
        convert_copy("xquad", tmp_path, langs=("th", "en"))
    with pytest.raises(UsageError, match="afriqa has no split final; it has train, dev, test"):
        (tmp_path / "queries.afriqa.swa.en.dev.json").write_text("{}\n")
        convert_copy("afriqa", tmp_path, langs=("sw",), splits=("final",))


def test_names_that_lead_out_of_an_archive(make, tmp_path):
    for name in ("../xquad.en.json", "/xquad.en.json", "a/../../xquad.en.json"):
        with pytest.raises(InputError, match="leads out of the archive"):
            open_copy("z", make.zip(tmp_path / "z.zip", {name: "{}"}))
        with pytest.raises(InputError, match="leads out of the archive"):
            open_copy("t", make.tar(tmp_path / "t.tgz", {name: b"{}"}))


def test_links_in_an_archive_are_no_members(tmp_path):
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        link = tarfile.TarInfo("xquad.en.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert not open_copy("t", tmp_path / "t.tar").members


def test_an_archive_that_is_a_bomb_or_damaged(make, tmp_path):
    bomb = make.tar(tmp_path / "bomb.tgz", {"a.json": bytes(80 << 20)})
    with pytest.raises(InputError, match="decompresses to over 1000 times"):
        open_copy("bomb", bomb)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("a.json")
        info.size = 5000
        archive.addfile(info, io.BytesIO(bytes(range(250)) * 20))
    (tmp_path / "cut.tgz").write_bytes(buffer.getvalue()[:-60])
    with pytest.raises(InputError, match=r"cut.*: archive is damaged"):
        source = open_copy("cut", tmp_path / "cut.tgz")
        source.members["a.json"].whole()


@pytest.mark.parametrize("name", ["MLQA_V1.zip", "MLQA_V1.tar.gz", "download"])
@pytest.mark.parametrize("kept", [0.9, 0.5, 0.02])
def test_an_archive_that_was_cut_off(convert_copy, make, tmp_path, name, kept):
    text = json.dumps({"data": list(range(20_000))})
    members = {f"{split}-context-en-question-en.json": text for split in ("dev", "test")}
    if "tar" in name:
        make.tar(tmp_path / name, {key: text.encode() for key, text in members.items()})
    else:
        make.zip(tmp_path / name, members)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * kept)])
    copies = (tmp_path / name, tmp_path) if name != "download" else (tmp_path / name,)
    for copy in copies:
        with pytest.raises(InputError, match=rf"{name}.*: .*(cut off|damaged)"):
            convert_copy("mlqa", copy)


def test_a_page_instead_of_an_archive(convert_copy, tmp_path):
    (tmp_path / "MLQA_V1.zip").write_text("<html>Please sign in</html>")
    with pytest.raises(InputError, match=r"MLQA_V1\.zip: is an archive by its name, but"):
        convert_copy("mlqa", tmp_path / "MLQA_V1.zip")


def test_archives_in_a_folder_are_read_where_they_are_not_unpacked(convert_copy, make, tmp_path):
    files = {"test-context-en-question-en.json": json.dumps(make.squad(*GOOD))}
    make.zip(tmp_path / "MLQA_V1.zip", {f"MLQA_V1/test/{k}": v for k, v in files.items()})
    packed = convert_copy("mlqa", tmp_path)
    (tmp_path / "test").mkdir()
    for name, text in files.items():
        (tmp_path / "test" / name).write_text(text)
    assert convert_copy("mlqa", tmp_path) == packed


def test_a_file_beside_its_compressed_form(tmp_path):
    (tmp_path / "xquad.en.json").write_text("{}")
    (tmp_path / "xquad.en.json.gz").write_bytes(gzip.compress(b"{}"))
    with pytest.raises(InputError, match=r"holds xquad\.en\.json twice"):
        open_copy("copy", tmp_path)
