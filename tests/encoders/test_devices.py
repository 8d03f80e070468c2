"""Choosing where to run; machines with and without a GPU are made up."""

import pytest
import torch

from optical_cli.encoders import autocast, choose_device, devices, resolve_dtype
from optical_cli.errors import EnvironmentFault, UsageError


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_auto_without_a_gpu_is_the_cpu_and_silent(no_gpu, monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(devices, "DRIVER_FILE", tmp_path / "absent")
    assert choose_device("auto").type == "cpu"
    assert not caplog.records


def test_auto_warns_with_both_versions_if_a_gpu_cannot_be_used(
    no_gpu, monkeypatch, tmp_path, caplog
):
    driver = tmp_path / "version"
    driver.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27\n")
    monkeypatch.setattr(devices, "DRIVER_FILE", driver)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    assert choose_device("auto").type == "cpu"
    assert "470.82.01" in caplog.text and "CUDA 12.8" in caplog.text


def test_cuda_that_cannot_be_used_is_an_environment_fault(no_gpu):
    with pytest.raises(EnvironmentFault, match="--device cuda") as caught:
        choose_device("cuda")
    assert torch.__version__ in str(caught.value) and "--device cpu" in caught.value.hint


def test_a_gpu_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(EnvironmentFault, match="there are 2 GPUs"):
        choose_device("cuda:2")


@pytest.mark.parametrize("name", ["tpu", "cuda:", "cuda:x", "", "CPU"])
def test_other_names_are_usage_errors(name):
    with pytest.raises(UsageError, match="expected auto, cpu"):
        choose_device(name)


@pytest.mark.parametrize(
    ("able", "expected"),
    [({"amx_bf16": True}, torch.bfloat16), ({"avx512_bf16": True}, torch.bfloat16),
     ({"amx_bf16": False, "avx512_f": True}, torch.float32), ({}, torch.float32)],
)  # fmt: skip
def test_auto_is_bfloat16_only_where_the_hardware_computes_it(monkeypatch, able, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert resolve_dtype("auto", torch.device("cpu")) is expected
    assert resolve_dtype("float32", torch.device("cpu")) is torch.float32


def test_autocast_lowers_the_precision_of_products_within_it():
    product = torch.ones(2, 2)
    with autocast(torch.device("cpu"), "bfloat16"):
        assert (product @ product).dtype is torch.bfloat16
    with autocast(torch.device("cpu"), "float32"):
        assert (product @ product).dtype is torch.float32
