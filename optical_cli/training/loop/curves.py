"""The curves of a run as a picture."""

import json
from collections import defaultdict
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

POSITION = ("step", "epoch", "rows", "tokens")
COLUMNS = 3


def draw_curves(metrics: Path, image: Path) -> None:
    """Draw every value of `metrics` (JSON lines) over the steps, a small plot each."""
    curves = _curves(metrics)
    rows = max(-(-len(curves) // COLUMNS), 1)
    figure = Figure(figsize=(4 * COLUMNS, 2.6 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (name, points) in enumerate(curves.items(), start=1):
        axes = figure.add_subplot(rows, COLUMNS, place)
        # A few points are shown as such; thousands as a line.
        axes.plot(*zip(*points, strict=True), marker="." if len(points) < 50 else None, lw=1)
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("step", fontsize=8)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
    figure.savefig(image, dpi=110, metadata={"Software": None})


def _curves(metrics: Path) -> dict[str, list[tuple[int, float]]]:
    curves = defaultdict(list)
    for line in metrics.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for name, value in record.items():
            if name not in POSITION:
                curves[name].append((record["step"], value))
    return curves
