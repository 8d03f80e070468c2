"""`optical merge` as a user calls it."""

import json

import pytest
import torch


@pytest.fixture(scope="module")
def trained(tiny_models, tmp_path_factory):
    """Students of one start that differ in seed."""
    from optical_cli.encoders import load

    folder = tmp_path_factory.mktemp("trained")
    for seed, name in enumerate(["one", "two"]):
        student = load(tiny_models / "student")
        chance = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for weight in student.parameters():
                weight += 0.01 * torch.randn(weight.shape, generator=chance)
        (folder / name).mkdir()
        student.save(folder / name)
    return folder


def test_writes_a_student_of_the_same_family(trained, tiny_models, tmp_path, optical_here):
    from optical_cli.encoders import load

    out = tmp_path / "merged"
    code, stdout, err = optical_here("merge", trained / "one", trained / "two", "-o", out)
    assert (code, stdout) == (0, ""), err
    assert err.count("0.50") == 2 and "did not begin alike" not in err
    merged, one, two = (load(path) for path in (out, trained / "one", trained / "two"))
    assert merged.family == load(tiny_models / "teacher").signature()
    for name, value in merged.state_dict().items():
        torch.testing.assert_close(value, (one.state_dict()[name] + two.state_dict()[name]) / 2)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["what"]["signature"] == merged.signature()
    assert "model.safetensors" in manifest["what"]["files"]
    assert "mean" in (out / "README.md").read_text()


def test_weights_shift_the_mean(trained, tmp_path, optical_here):
    from optical_cli.encoders import load

    code, _, err = optical_here(
        "merge", trained / "one", trained / "two", "--weight", 3, "--weight", 1, "-o",
        tmp_path / "merged",
    )  # fmt: skip
    assert code == 0 and "0.75" in err and "0.25" in err
    tables = [load(path).backbone.get_input_embeddings().weight
              for path in (tmp_path / "merged", trained / "one", trained / "two")]  # fmt: skip
    torch.testing.assert_close(tables[0], 0.75 * tables[1] + 0.25 * tables[2])


@pytest.mark.parametrize(
    "arguments, code, said",
    [(["{one}"], 2, "two or more"), (["{one}", "{one}"], 2, "two or more"),
     (["{one}", "{two}", "--weight", 1], 2, "given 1 times for 2 models"),
     (["{one}", "{two}", "--weight", 0, "--weight", 1], 2, "--weight 0"),
     (["{one}", "{models}/plain"], 3, "has another config"),
     (["{one}", "{models}/nosuch"], 3, "nosuch")],
)  # fmt: skip
def test_what_cannot_be_merged_writes_nothing(
    trained, tiny_models, tmp_path, optical_here, arguments, code, said
):
    places = {"one": trained / "one", "two": trained / "two", "models": tiny_models}
    asked = [str(part).format(**places) for part in arguments]
    found, _, err = optical_here("merge", *asked, "-o", tmp_path / "merged")
    assert found == code and said in err, err
    assert not (tmp_path / "merged").exists()
