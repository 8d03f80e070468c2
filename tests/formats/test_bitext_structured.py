"""JSON lines, Parquet, TMX and zip archives."""

import json
import tracemalloc
import zipfile

import pytest

from optical_cli.errors import InputError
from optical_cli.formats.parallel import Expected, find_readers

from .test_bitext_lines import EN_SW, read

TMX = """<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="EN-us"><seg>Press <bpt>&lt;b&gt;</bpt>Enter<ept>x</ept> &amp; go</seg></tuv>
<tuv xml:lang="sw-KE"><seg>Bonyeza <hi>Enter</hi>, <ph>x</ph>subiri \u00e9</seg></tuv></tu>
<tu>
  <tuv lang="swh"><seg>Maji</seg></tuv><tuv xml:lang="fr"><seg>Eau</seg></tuv>
  <tuv lang="en"><seg>Water</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>Alone</seg></tuv></tu>
</body></tmx>
"""


def test_json_lines_with_named_fields(tmp_path):
    path = tmp_path / "pairs.jsonl"
    rows = [{"id": 1, "a": "x", "b": {"c": "y"}}, {"a": "z", "b": {"c": None}}, {"a": "only"}]
    path.write_text("\n".join(map(json.dumps, rows)) + '\nnot json\n[1]\n{"a": 1, "b": 2}\n')
    pairs, malformed = read([path], Expected(*EN_SW_CODES, columns="a,b.c"))
    assert pairs == [("x", "y"), ("z", "")]
    found = [(entry.line, entry.rule) for entry in malformed]
    assert found == [(3, "columns"), (4, "json"), (5, "columns"), (6, "columns")]
    assert "b.c" in malformed[0].reason


EN_SW_CODES = EN_SW.source_codes, EN_SW.target_codes


def test_hugging_face_translation_objects(tmp_path):
    path = tmp_path / "pairs.json"
    rows = [{"id": "1", "translation": {"sw": "maji", "en": "water"}}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read([path])[0] == [("water", "maji")]


@pytest.mark.parametrize(
    "names", [("en", "sw"), ("eng", "swa"), ("source", "target"), ("src", "tgt")]
)
def test_usual_field_names_are_found(tmp_path, names):
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(dict(zip(names, ("water", "maji"), strict=True))) + "\n")
    assert read([path])[0] == [("water", "maji")]


def test_a_field_that_is_not_there_lists_those_that_are(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"english": "water", "kiswahili": "maji"}\n')
    with pytest.raises(InputError, match="english, kiswahili"):
        read([path])
    with pytest.raises(InputError, match="no field x; there are english, kiswahili"):
        read([path], Expected(*EN_SW_CODES, columns="english,x"))


def test_json_escapes_that_are_no_text_are_set_aside(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"en": "a\\ud800", "sw": "b"}\n{"en": "a\\u0000", "sw": "b"}\n'
                    '{"en": "\\ud83d\\ude00", "sw": "b"}\n')  # fmt: skip
    pairs, malformed = read([path])
    assert pairs == [("\U0001f600", "b")]
    assert [entry.rule for entry in malformed] == ["encoding", "nul"]


def test_deep_nesting_is_a_fault_of_the_line(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"en": "a", "sw": "b"}\n{"en": "c", "sw": "d"}\n' + "[" * 100_000 + "\n")
    pairs, malformed = read([path])
    assert len(pairs) == 2
    assert [entry.rule for entry in malformed] == ["json"]


@pytest.mark.parametrize("nested", [True, False])
def test_parquet(tmp_path, nested):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{"en": "water", "sw": "maji"}, {"en": "life", "sw": None}]
    columns = {"translation": rows} if nested else {k: [r[k] for r in rows] for k in ("en", "sw")}
    path = tmp_path / "pairs.bin"
    parquet.write_table(pyarrow.table({"id": [1, 2], **columns}), path)
    assert read([path])[0] == [("water", "maji"), ("life", "")]
    with pytest.raises(InputError, match="no field x"):
        read([path], Expected(*EN_SW_CODES, columns="x,y"))


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1"])
def test_tmx_inline_tags_regions_and_encodings(tmp_path, encoding):
    path = tmp_path / "memory.tmx"
    path.write_bytes(TMX.format(encoding=encoding).encode(encoding))
    pairs, malformed = read([path])
    assert pairs == [
        ("Press Enter & go", "Bonyeza Enter, subiri \u00e9"), ("Water", "Maji"), ("Alone", ""),
    ]  # fmt: skip
    assert malformed == []


def test_tmx_units_know_their_lines(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(TMX.format(encoding="UTF-8"))
    (reader,) = find_readers([str(path)], EN_SW)
    (block,) = reader.blocks()
    pairs = reader.parse(block)
    assert (pairs.records, pairs.lines) == ([1, 2, 3], [4, 6, 9])


def test_tmx_without_a_language_lists_those_present(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(TMX.format(encoding="UTF-8"))
    with pytest.raises(InputError, match="has no target language so; languages present: EN-us"):
        read([path], Expected(EN_SW.source_codes, frozenset({"so"})))


def test_tmx_cut_off_names_the_line(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(TMX.format(encoding="UTF-8")[:400])
    with pytest.raises(InputError, match=r"memory\.tmx:\d+: is not well-formed XML"):
        read([path])


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_are_refused(tmp_path, entity):
    path = tmp_path / "memory.tmx"
    path.write_text(f'<?xml version="1.0"?>\n<!DOCTYPE tmx [{entity}]>\n<tmx><body></body></tmx>')
    with pytest.raises(InputError, match=r"memory\.tmx:2: XML entities of its own are refused"):
        read([path])


def test_tmx_memory_does_not_grow_with_the_file(tmp_path):
    side = '<tuv xml:lang="{}"><seg>{}</seg></tuv>'
    unit = f"<tu>{side.format('en', 'water' * 20)}{side.format('sw', 'maji' * 20)}</tu>\n"
    peaks = []
    for count in (5_000, 40_000):
        path = tmp_path / f"{count}.tmx"
        with path.open("w") as out:
            out.write('<?xml version="1.0"?><tmx><body>\n')
            out.writelines(unit for _ in range(count))
            out.write("</body></tmx>")
        (reader,) = find_readers([str(path)], EN_SW)
        tracemalloc.start()
        assert sum(len(block.content) for block in reader.blocks()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def test_the_pair_inside_an_archive(tmp_path):
    path = archive(
        tmp_path / "en-sw.txt.zip",
        {
            "README": "x",
            "Corpus.en-sw.en": "a\nb\n",
            "Corpus.en-sw.sw": "c\nd\n",
            "Corpus.en-sw.ids": "1\n2\n",
        },
    )
    assert read([path])[0] == [("a", "c"), ("b", "d")]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["en-sw.txt.zip"]


def test_a_translation_memory_inside_an_archive(tmp_path):
    path = archive(tmp_path / "memory.zip", {"all.en-sw.tmx": TMX.format(encoding="UTF-8")})
    assert read([path])[0][1] == ("Water", "Maji")


def test_an_archive_without_a_pair_lists_what_it_holds(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.en": "x\n", "b.sw": "x\n"})
    with pytest.raises(InputError, match=r"no pair of the two languages; it holds a\.en, b\.sw"):
        read([path])


@pytest.mark.parametrize(
    "name", ["../Corpus.en", "/Corpus.en", "a/../../Corpus.en", "..\\Corpus.en"]
)
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path, name):
    path = archive(tmp_path / "x.zip", {name: "a\n", "Corpus.sw": "b\n"})
    with pytest.raises(InputError, match="leads out of the archive"):
        read([path])


def test_an_absurd_compression_ratio_is_refused(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.en": bytes(80 << 20), "a.sw": "b\n"})
    with pytest.raises(InputError, match="over 1000 times"):
        read([path])


def test_unequal_counts_inside_an_archive(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.en": "1\n2\n", "a.sw": "1\n"})
    with pytest.raises(InputError, match=r"x\.zip:a\.en has 2 lines, .*x\.zip:a\.sw has 1"):
        read([path])


def test_a_damaged_archive(tmp_path):
    path = archive(tmp_path / "x.zip", {"a.en": "1\n", "a.sw": "1\n"})
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match="is not a zip archive"):
        read([path])
