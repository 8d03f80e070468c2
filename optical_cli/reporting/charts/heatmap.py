"""The soft alignment of a sentence pair: teacher tokens down, student tokens across."""

from collections.abc import Iterator

from markupsafe import Markup
from rich.cells import cell_len

from optical_cli.formats.plans import SamplePlan
from optical_cli.reporting.svg import drawing, element, text, titled

CELL = 22.0
# Width of a letter; a Chinese one takes two.
LETTER = 7.6
# Tokens shown; a longer sentence is cut, and the page says so.
TOKENS_SHOWN = 48
# Shares below are left white.
FAINTEST = 0.02


def heatmap(plan: SamplePlan) -> Markup:
    """Cells as dark as the share of the student token's mass that comes from the teacher's."""
    rows, cols = plan.rows[:TOKENS_SHOWN], plan.cols[:TOKENS_SHOWN]
    left = 12 + LETTER * max(map(cell_len, rows), default=0)
    top = 12 + LETTER * max(map(cell_len, cols), default=0)
    width, height = left + CELL * len(cols) + 4, top + CELL * len(rows) + 4
    parts = [*_labels(rows, cols, left, top), *_cells(plan, left, top)]
    parts.append(
        element(
            "rect", x=left, y=top, width=CELL * len(cols), height=CELL * len(rows), class_="frame"
        )
    )
    says = f"Token alignment of pair {plan.pair_id}"
    return drawing(width, height, parts, says, fixed=True)


def _labels(rows, cols, left: float, top: float) -> Iterator[Markup]:
    for place, token in enumerate(rows):
        yield text(token, left - 6, top + CELL * place + 15, class_="token end")
    for place, token in enumerate(cols):
        x = left + CELL * place + 15
        yield text(
            token, x, top - 6, class_="token", transform=f"rotate(-90 {x:.1f} {top - 6:.1f})"
        )


def _cells(plan: SamplePlan, left: float, top: float) -> Iterator[Markup]:
    cols = range(min(len(plan.cols), TOKENS_SHOWN))
    mass = [sum(row[col] for row in plan.plan) for col in cols]
    for place, row in enumerate(plan.plan[:TOKENS_SHOWN]):
        for col in cols:
            share = row[col] / mass[col] if mass[col] > 0 else 0.0
            if share < FAINTEST:
                continue
            cell = element(
                "rect", x=left + CELL * col, y=top + CELL * place, width=CELL, height=CELL,
                class_="heat", fill_opacity=f"{share:.3f}",
            )  # fmt: skip
            yield titled(
                cell, f"{plan.rows[place]} \N{RIGHTWARDS ARROW} {plan.cols[col]}: {share:.2f}"
            )
