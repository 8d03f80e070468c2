import json
import re
import shutil

import numpy as np
import pytest

from optical_cli.errors import InputError, NumericalError, OutputError
from optical_cli.formats.manifest import describe_input
from optical_cli.formats.vectors import ModelIdentity, Shard, open_vectors, require_comparable
from optical_cli.formats.vectors_encodings import ENCODINGS, from_bfloat16, to_bfloat16
from optical_cli.formats.vectors_parts import Part, PartWriter
from optical_cli.formats.vectors_writing import write_vectors

DIM = 8
MODEL = ModelIdentity("teacher", "aaaa", "aaaa", DIM)


def unit(rng, tokens):
    vectors = rng.standard_normal((tokens, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def records():
    rng = np.random.default_rng(3)
    return {f"d{i}é": unit(rng, n) for i, n in enumerate([3, 1, 0, 5, 2])}


def write(target, records, model=MODEL, parts=2, **options):
    names = list(records)
    step = -(-len(names) // parts)
    batches = [names[i : i + step] for i in range(0, len(names), step)]
    write_vectors(target, ((b, [records[n] for n in b]) for b in batches), model, **options)
    return target


# int8 has 127 steps to the largest entry; the others round relative to each entry.
TOLERANCE = {"float32": 0, "float16": 2**-11, "bfloat16": 2**-8, "int8": 0.5 / 127}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_written_is_read(tmp_path, records, encoding):
    found = open_vectors(write(tmp_path / "v", records, encoding=encoding), "collection")
    assert list(found.ids()) == list(records) == [found.id(i) for i in range(len(found))]
    assert (len(found), found.tokens, len(found.parts)) == (5, 11, 2)
    for place, expected in enumerate(records.values()):
        np.testing.assert_allclose(
            found.vectors(place), expected, atol=TOLERANCE[encoding], rtol=TOLERANCE[encoding]
        )


def test_vectors_of_any_length_keep_their_direction_in_int8(tmp_path):
    long = {"q": np.diag([1e-6, 3.0, 500.0, 0, 1, 1, 1, 1]).astype(np.float32)}
    found = open_vectors(write(tmp_path / "v", long, parts=1, encoding="int8", kind="queries"))
    np.testing.assert_allclose(found.vectors(0), long["q"], rtol=1e-6)


def test_bfloat16_rounds_to_the_nearest_even_as_torch_does():
    torch = pytest.importorskip("torch")
    numbers = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    numbers[:4] = [1.00390625, 1.01171875, -0.0, 3e38]
    expected = torch.from_numpy(numbers).to(torch.bfloat16).float().numpy()
    np.testing.assert_array_equal(from_bfloat16(to_bfloat16(numbers)), expected)


def test_files_are_plain_numpy_arrays(tmp_path, records):
    folder = write(tmp_path / "v", records, parts=1) / "part-00000"
    assert np.load(folder / "tokens.npy", allow_pickle=False).shape == (11, DIM)
    assert np.load(folder / "offsets.npy").tolist() == [0, 3, 4, 4, 9, 11]
    assert (folder / "ids.txt").read_text().splitlines() == list(records)


def test_the_manifest_says_what_is_in_it(tmp_path, records):
    what = json.loads((write(tmp_path / "v", records) / "manifest.json").read_text())["what"]
    assert what["format"] == "optical-vectors/1"
    assert what["counts"] == {"records": 5, "entries": 5, "tokens": 11, "cut": 0}
    assert what["model"] == {"name": "teacher", "signature": "aaaa", "family": "aaaa", "dim": 8}
    assert "part-00001/tokens.npy" in what["files"]


def test_shards_make_one_set(tmp_path, records):
    items = list(records.items())
    for index, (start, stop) in enumerate([(0, 1), (1, 3), (3, 5)], start=1):
        write(tmp_path / "v", dict(items[start:stop]), parts=1, shard=Shard(index, 3))
    found = open_vectors(tmp_path / "v")
    assert list(found.ids()) == list(records)
    np.testing.assert_allclose(found.vectors(3), items[3][1], atol=1e-3)


def test_slices_cover_every_record_once():
    slices = [Shard(i, 7).slice(23) for i in range(1, 8)]
    assert [n for a, b in slices for n in range(a, b)] == list(range(23))


def fault(path, error=InputError):
    with pytest.raises(error) as caught:
        open_vectors(path)
    return str(caught.value)


def test_missing_shards_are_named(tmp_path, records):
    for index in (1, 4):
        write(tmp_path / "v", records, shard=Shard(index, 5))
    assert fault(tmp_path / "v") == f"{tmp_path / 'v'}: lacks 3 of 5 shards: 2, 3, 5"


def test_shards_of_two_divisions_are_refused(tmp_path, records):
    for shard in (Shard(1, 2), Shard(2, 2), Shard(1, 3)):
        write(tmp_path / "v", records, shard=shard)
    assert "holds shards of 2 and of 3" in fault(tmp_path / "v")


def test_shards_of_two_models_are_refused(tmp_path, records):
    write(tmp_path / "v", records, shard=Shard(1, 2))
    other = ModelIdentity("other", "bbbb", "bbbb", DIM)
    write(tmp_path / "v", records, model=other, shard=Shard(2, 2))
    assert "is of another model than shard-1-of-2: other (bbbb), not teacher (aaaa)" in fault(
        tmp_path / "v"
    )


@pytest.mark.parametrize("texts", ["xx", "xy"])
def test_shards_are_of_one_collection_wherever_it_lies(tmp_path, records, texts):
    for index, text in enumerate(texts, start=1):
        write(tmp_path / "v", records, shard=Shard(index, 2))
        source = tmp_path / f"c{index}.tsv"
        source.write_text(text)
        manifest = tmp_path / f"v/shard-{index}-of-2/manifest.json"
        body = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(body | {"lineage": [describe_input(source)]}))
    if texts == "xx":
        assert len(open_vectors(tmp_path / "v")) == 2 * len(records)
    else:
        message = r"shard-2-of-2: is of another input .*c2.tsv \(\w{12}\), not .*c1.tsv \(\w{12}\)$"
        assert re.search(message, fault(tmp_path / "v"))


def test_a_directory_without_a_manifest_is_not_complete(tmp_path, records):
    (write(tmp_path / "v", records) / "manifest.json").unlink()
    assert "is not a complete optical-vectors directory" in fault(tmp_path / "v")
    assert "is no directory of vectors" in fault(tmp_path / "none")


def test_an_unknown_version_names_the_one_that_wrote_it(tmp_path, records):
    path = write(tmp_path / "v", records) / "manifest.json"
    body = json.loads(path.read_text())
    body["what"]["format"] = "optical-vectors/2"
    path.write_text(json.dumps(body))
    assert "this program reads optical-vectors/1" in fault(tmp_path / "v", OutputError)


@pytest.mark.parametrize("name", ["tokens.npy", "offsets.npy", "ids.txt", "id_ends.npy"])
@pytest.mark.parametrize("keep", [0, -1])
def test_files_cut_short_are_noticed(tmp_path, records, name, keep):
    path = write(tmp_path / "v", records, parts=1) / "part-00000" / name
    path.write_bytes(path.read_bytes()[:keep])
    assert name in fault(tmp_path / "v")


def test_a_part_from_elsewhere_is_noticed(tmp_path, records):
    write(tmp_path / "v", records, parts=1)
    write(tmp_path / "w", dict(list(records.items())[:4]), parts=1)
    shutil.rmtree(tmp_path / "v" / "part-00000")
    shutil.copytree(tmp_path / "w" / "part-00000", tmp_path / "v" / "part-00000")
    assert "does not match its manifest: 5 records expected, 4 found" in fault(tmp_path / "v")


def test_a_part_of_another_set_is_noticed_where_all_counts_agree(tmp_path, records):
    write(tmp_path / "v", records, parts=1)
    write(tmp_path / "w", {name: -vectors for name, vectors in records.items()}, parts=1)
    shutil.rmtree(tmp_path / "v" / "part-00000")
    shutil.copytree(tmp_path / "w" / "part-00000", tmp_path / "v" / "part-00000")
    assert "part-00000: is not the part that manifest.json describes" in fault(tmp_path / "v")
    (tmp_path / "v" / "part-00000" / "part.json").unlink()
    assert "part.json: is missing" in fault(tmp_path / "v")


def test_the_other_kind_is_refused(tmp_path, records):
    write(tmp_path / "v", records)
    with pytest.raises(InputError, match="holds vectors of a collection, not of queries"):
        open_vectors(tmp_path / "v", "queries")


def test_queries_of_another_family_or_width_are_refused_with_both_names(tmp_path, records):
    passages = open_vectors(write(tmp_path / "p", records))
    student = ModelIdentity("student", "cccc", "aaaa", DIM)
    stranger = ModelIdentity("stranger", "dddd", "dddd", DIM)
    for name, model in (("student", student), ("stranger", stranger)):
        write(tmp_path / name, records, model=model, kind="queries")
    require_comparable(open_vectors(tmp_path / "student"), passages)
    with pytest.raises(InputError, match=r"stranger \(family dddd\).*teacher \(family aaaa\)"):
        require_comparable(open_vectors(tmp_path / "stranger"), passages)
    narrow = {"q": np.eye(4, dtype=np.float32)}
    write(tmp_path / "n", narrow, model=ModelIdentity("narrow", "e", "aaaa", 4), kind="queries")
    with pytest.raises(InputError, match=r"of narrow are 4 wide, those of teacher in .* 8"):
        require_comparable(open_vectors(tmp_path / "n"), passages)


def test_a_vector_that_is_not_finite_names_its_record(tmp_path):
    writer = PartWriter(tmp_path / "p", ENCODINGS["float16"], DIM)
    vectors = np.ones((6, DIM), np.float32)
    vectors[3, 2] = np.nan
    with pytest.raises(NumericalError, match="of b are not finite"):
        writer.append(["a", "b", "c"], np.array([2, 3, 1]), vectors)


def test_windows_belong_to_their_records(tmp_path):
    writer = PartWriter(tmp_path / "p", ENCODINGS["float32"], DIM, windows=True)
    vectors = np.arange(6 * DIM, dtype=np.float32).reshape(6, DIM)
    writer.append(["a", "b"], np.array([1, 2, 3]), vectors, np.array([2, 1]))
    summary = writer.close()
    part = Part(tmp_path / "p", ["tokens"])
    assert (summary.records, summary.entries, summary.tokens) == (2, 3, 6)
    assert part.record_starts.tolist() == [0, 3, 6]
    assert part.offsets.tolist() == [0, 1, 3, 6]
