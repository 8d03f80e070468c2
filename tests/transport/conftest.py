"""Problems to solve, with shapes checked in everything that transport does."""

import subprocess
import sys
from collections.abc import Callable

import jaxtyping

# Before the first import: the hook checks what is imported after it.
jaxtyping.install_import_hook("optical_cli.transport", "beartype.beartype")

import pytest  # noqa: E402
import torch  # noqa: E402
from torch import Tensor  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread():
    """Sums in one order, whatever the machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def alone() -> Callable[[str], subprocess.CompletedProcess]:
    """Run code in a process of its own: here the checks of the annotations would come first."""

    def run(code: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
        )

    return run


@pytest.fixture
def vectors() -> Callable[..., Tensor]:
    """Random unit vectors ``[batch, token, dim]`` in float64."""

    def make(batch: int, tokens: int, dim: int = 16, seed: int = 0) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        raw = torch.randn(batch, tokens, dim, generator=generator, dtype=torch.float64)
        return torch.nn.functional.normalize(raw, dim=-1)

    return make


@pytest.fixture
def masses() -> Callable[..., Tensor]:
    """Random marginals ``[batch, token]`` in float64; from `lengths` on there is padding."""

    def make(batch: int, tokens: int, seed: int = 0, lengths: list[int] | None = None) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        mass = 0.2 + torch.rand(batch, tokens, generator=generator, dtype=torch.float64)
        for problem, length in enumerate(lengths or []):
            mass[problem, length:] = 0
        return mass / mass.sum(1, keepdim=True).clamp_min(1e-300)

    return make


@pytest.fixture
def problem(vectors, masses) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """Cosine costs between random tokens, with random marginals."""

    def make(batch: int, rows: int, cols: int, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        cost = 1 - vectors(batch, rows, seed=seed) @ vectors(batch, cols, seed=seed + 1).mT
        return cost, masses(batch, rows, seed=seed + 2), masses(batch, cols, seed=seed + 3)

    return make


@pytest.fixture
def uniform_masses() -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """Uniform marginals for a cost."""

    def make(cost: Tensor) -> tuple[Tensor, Tensor]:
        batch, rows, cols = cost.shape
        return cost.new_full((batch, rows), 1 / rows), cost.new_full((batch, cols), 1 / cols)

    return make
