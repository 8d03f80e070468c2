"""The soft alignment of one sentence pair, as text and as a heat map."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from optical_cli.alignment.aligner import TokenAlignment
from optical_cli.errors import UsageError

IMAGE_SUFFIXES = (".png", ".svg", ".pdf")
INCHES_PER_TOKEN = 0.32


def lines(alignment: TokenAlignment, partners: int) -> Iterator[str]:
    """A line per column with its largest `partners` and its mean cost, then the total."""
    width = max(map(len, alignment.cols))
    shares = alignment.shares()
    for col, label in enumerate(alignment.cols):
        best = np.argsort(-shares[:, col], kind="stable")[:partners]
        found = [f"{alignment.rows[r]} {shares[r, col]:.2f}" for r in best if shares[r, col] > 0]
        mean_cost = float(shares[:, col] @ alignment.cost[:, col])
        yield f"{label:<{width}}  cost {mean_cost:.3f}  {'  '.join(found)}".rstrip()
    yield f"transport cost {alignment.transport_cost:.4f}"


def require_image_name(path: Path) -> None:
    """Raise before any work if `path` is no picture that we write.

    Raises:
        UsageError: Its suffix is none of `IMAGE_SUFFIXES`.
    """
    if path.suffix not in IMAGE_SUFFIXES:
        raise UsageError(f"--image {path}: expected one of {', '.join(IMAGE_SUFFIXES)}")


def draw(alignment: TokenAlignment, stream: BinaryIO, suffix: str) -> None:
    """Write the heat map of the plan, a row per teacher token and a column per student token.

    Labels that the default font cannot write are drawn as boxes; nothing fails for them.

    Args:
        alignment: The plan and its labels.
        stream: Where the picture goes.
        suffix: Its format, one of `IMAGE_SUFFIXES`.
    """
    import warnings

    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows, cols = alignment.plan.shape
    size = (2.5 + INCHES_PER_TOKEN * cols, 1.5 + INCHES_PER_TOKEN * rows)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(alignment.shares(), cmap="Blues", vmin=0, vmax=1, aspect="equal")
    # Dollar signs would start a formula.
    axes.set_xticks(range(cols), [label.replace("$", r"\$") for label in alignment.cols])
    axes.set_yticks(range(rows), [label.replace("$", r"\$") for label in alignment.rows])
    axes.tick_params(axis="x", rotation=60)
    axes.set_xlabel("student")
    axes.set_ylabel("teacher")
    figure.colorbar(picture, label="share of the student token's mass", shrink=0.8)
    # Without a salt of its own an SVG has other ids every time.
    salted = rc_context({"svg.hashsalt": "optical"})
    quiet = warnings.catch_warnings()
    with salted, quiet:
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(stream, format=suffix[1:], dpi=150, metadata=_undated(suffix))


def _undated(suffix: str) -> dict[str, None]:
    """Metadata that keeps the time out of the file, so that equal plans give equal bytes."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {})
