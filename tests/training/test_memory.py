import pytest
import torch

from optical_cli.training.loop.memory import Need, free_memory, ran_out_of_memory

MIB = 1 << 20


def test_the_fewest_parts_that_fit():
    need = Need(held=100, fixed=50, activations=80)
    assert (need.of(), need.of(4)) == (230, 170)
    assert need.parts_within(130, most=32) == 1
    assert need.parts_within(129, most=32) == 2
    assert need.parts_within(60, most=32) == 8
    assert need.parts_within(60, most=4) is None
    assert need.parts_within(49, most=32) is None


def test_there_is_memory_here():
    assert free_memory(torch.device("cpu")) > MIB


def test_running_out_of_memory_is_known_from_other_faults():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert ran_out_of_memory(caught.value)
    assert ran_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert ran_out_of_memory(MemoryError())
    assert not ran_out_of_memory(RuntimeError("shapes do not match"))
