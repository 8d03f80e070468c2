"""What is said before the first step: what is trained, on what, and what looks wrong."""

import logging
from collections.abc import Sequence

from optical_cli.console import print_table
from optical_cli.encoders.diagnostics import PieceReport
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.training.horizon import Horizon
from optical_cli.training.settings import BatchSettings
from optical_cli.training.step import Source

log = logging.getLogger(__name__)

LARGEST_UNKNOWN = 0.2
MOST_PIECES = 4.0
# Bytes that a layer keeps for the backward pass, per token and unit of width, in 16 bits and with
# fused attention: Korthikanti et al. 2022, "Reducing activation recomputation", equation 2.
KEPT_BYTES = 34
CHECKPOINTED_BYTES = 2


def report_run(
    model: LateInteractionEncoder,
    source: Source,
    horizon: Horizon,
    batches: BatchSettings,
    *,
    processes: int,
    bytes_per_number: int,
) -> None:
    """Print parameters, memory and steps."""
    parameters = sum(weight.numel() for weight in model.parameters())
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    tokens = _tokens_at_once(source, processes * batches.accumulate)
    kept = CHECKPOINTED_BYTES if batches.checkpoint_gradients else KEPT_BYTES
    config = model.backbone.config
    activations = tokens * config.hidden_size * config.num_hidden_layers * kept
    activations *= bytes_per_number / 2
    # Weights, and for those trained a gradient and AdamW's two moments, in float32.
    memory = 4 * parameters + 12 * trained + activations
    steps = horizon.steps or _steps(source, horizon)
    rows = [
        ("parameters", f"{parameters:,}"),
        ("trained", f"{trained:,}"),
        ("rows of data", f"{len(source):,}"),
        ("steps", f"{steps:,}"),
        ("memory, about", f"{memory / 2**30:.2f} GiB"),
    ]
    _print(("before the first step", ""), rows)


def _tokens_at_once(source: Source, parts: int) -> int:
    first = next(source.epoch(0))[::parts]
    return source.load(first).padded_tokens()


def _steps(source: Source, horizon: Horizon) -> int:
    return max(round(horizon.rows / len(source) * source.batches_in_epoch()), 1)


def report_pieces(reports: Sequence[tuple[str, PieceReport]]) -> None:
    """Print how a vocabulary fits each side, the teacher's language first, and warn.

    Args:
        reports: What each side is called, and its report.
    """
    rows = [
        (name, f"{100 * r.unknown_share:.1f}%", f"{r.pieces_per_word:.2f}",
         f"{r.pieces / max(r.texts, 1):.1f}", f"{100 * r.cut_share:.1f}%")
        for name, r in reports
    ]  # fmt: skip
    header = ("side", "unknown tokens", "pieces per word", "pieces per text", "texts cut")
    _print(header, rows)
    for name, report in reports[1:]:
        _warn(name, report)


def _print(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if log.isEnabledFor(logging.INFO):
        print_table(None, header, rows)


def _warn(name: str, report: PieceReport) -> None:
    if report.unknown_share > LARGEST_UNKNOWN:
        log.warning(
            "%s: the student's vocabulary does not know %.0f%% of the tokens; a new one would:"
            " --student-vocab", name, 100 * report.unknown_share,
        )  # fmt: skip
    if report.pieces_per_word > MOST_PIECES:
        log.warning(
            "%s: the student's vocabulary splits words into %.1f pieces on average; a new one"
            " would not: --student-vocab", name, report.pieces_per_word,
        )  # fmt: skip
    if report.stripped:
        log.warning(
            "%s: the student's tokenizer strips marks: it reads %s as %s", name, *report.stripped
        )
