"""Hub names, with a cache on disk in place of the hub."""

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError

from optical_cli.encoders import load
from optical_cli.encoders.hub import find_model, folders_among, hub_name
from optical_cli.errors import EnvironmentFault, InputError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def cached(cache, encoder):
    """The hub name of a model in the cache."""
    repository = cache / "models--someone--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    encoder.save(snapshot)
    return "someone/tiny"


def test_a_name_in_the_cache_loads_without_a_network(cached, encoder):
    assert load(cached).signature() == encoder.signature()


def test_a_hub_name_is_no_file_that_an_output_was_made_from(cached, tmp_path, optical_here):
    output = tmp_path / "exported"
    code, _, err = optical_here("export", "--to", "sentence-transformers", cached, "-o", output)
    assert code == 0, err
    code, out, err = optical_here("inspect", "--verify", output)
    assert code == 0, err
    assert cached in out


def test_folders_here_are_told_from_names_of_the_hub(tmp_path):
    assert folders_among([tmp_path, "someone/tiny", None]) == [tmp_path]
    assert (hub_name(str(tmp_path)), hub_name("someone/tiny")) == (None, "someone/tiny")


def test_a_folder_of_the_same_name_comes_first(cache, encoder, tmp_path, monkeypatch):
    (tmp_path / "someone" / "tiny").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert str(find_model("someone/tiny")) == "someone/tiny"


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (LocalEntryNotFoundError("no network"), EnvironmentFault, "LocalEntryNotFoundError"),
        (ConnectionError("reset"), EnvironmentFault, "ConnectionError"),
        (RepositoryNotFoundError.__new__(RepositoryNotFoundError), InputError, "no public model"),
    ],
)
def test_what_the_hub_raises_is_one_plain_error(monkeypatch, raised, kind, message):
    def download(*_, **__):
        raise raised

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(kind, match=message):
        find_model("someone/tiny")


@pytest.mark.parametrize("allow_pickle", [False, True])
def test_neither_code_nor_uncalled_for_pickles_are_fetched(monkeypatch, tmp_path, allow_pickle):
    from fnmatch import fnmatch

    asked = {}

    def download(name, **options):
        asked.update(options)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    find_model("someone/tiny", allow_pickle=allow_pickle)

    def fetched(path):
        return any(fnmatch(path, pattern) for pattern in asked["allow_patterns"]) and not any(
            fnmatch(path, pattern) for pattern in asked["ignore_patterns"]
        )

    for path in ("config.json", "model.safetensors", "1_Dense/model.safetensors", "vocab.txt",
                 "artifact.metadata", "sentencepiece.bpe.model"):  # fmt: skip
        assert fetched(path), path
    for path in ("modeling.py", "model.onnx", "tf_model.h5", "onnx/config.json"):
        assert not fetched(path), path
    assert fetched("pytorch_model.bin") is allow_pickle
