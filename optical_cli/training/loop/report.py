"""What is said before the first step: what is trained, on what, and what looks wrong."""

import logging
from collections.abc import Sequence

from accelerate import Accelerator

from optical_cli.console import print_table
from optical_cli.encoders.diagnostics import PieceReport
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.training.loop.horizon import Horizon
from optical_cli.training.loop.memory import Need, estimate, free_memory
from optical_cli.training.loop.step import Source
from optical_cli.training.settings import BatchSettings

log = logging.getLogger(__name__)

LARGEST_UNKNOWN = 0.2
MOST_PIECES = 4.0
# Below are foreign names in languages without marks.
LARGEST_STRIPPED = 0.01
# Characters of a word.
MOST_SHOWN = 24
GIB = 1 << 30


def report_run(
    model: LateInteractionEncoder,
    source: Source,
    horizon: Horizon,
    batches: BatchSettings,
    accelerator: Accelerator,
    *,
    frozen: int,
) -> None:
    """Print parameters, memory and steps; warn where the memory will not do.

    Args:
        model: What is trained.
        source: Its data.
        horizon: How long.
        batches: How large batches are, and in how many parts they are computed.
        accelerator: Where, and how precisely.
        frozen: Weights of other models in memory.
    """
    need = estimate(
        model, _tokens_of_a_batch(source, accelerator.num_processes), frozen=frozen,
        recompute=batches.checkpoint_gradients,
        bytes_per_number=4 if accelerator.mixed_precision == "no" else 2,
    )  # fmt: skip
    free = free_memory(accelerator.device)
    trained = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    known = "" if free is None else f"; {_gib(need.held + free)} can be had"
    rows = [
        ("parameters", f"{sum(weight.numel() for weight in model.parameters()):,}"),
        ("trained", f"{trained:,}"),
        ("rows of data", f"{len(source):,}"),
        ("steps", f"{horizon.steps_over(source):,}"),
        ("memory, about", f"{_gib(need.of(batches.accumulate))}{known}"),
    ]
    print_table(None, ("before the first step", ""), rows)
    if free is not None and need.of(batches.accumulate) - need.held > free:
        log.warning(
            "this may not fit into memory: about %s more are needed, %s are free; %s",
            _gib(need.of(batches.accumulate) - need.held), _gib(free), _remedy(need, free, source),
        )  # fmt: skip


def _remedy(need: Need, free: int, source: Source) -> str:
    parts = need.parts_within(free, most=len(next(source.epoch(0))))
    if parts is None:
        return "weights and optimizer alone do not fit; a smaller encoder would"
    return f"--accumulate {parts} would fit: {_gib(need.of(parts) - need.held)}"


def _gib(size: int) -> str:
    return f"{size / GIB:.2f} GiB"


def _tokens_of_a_batch(source: Source, processes: int) -> int:
    return source.load(next(source.epoch(0))[::processes]).padded_tokens()


def report_parts(accumulate: int) -> None:
    """Warn where an objective compares the rows of a batch and parts of it are computed apart."""
    if accumulate > 1:
        log.warning(
            "--accumulate %d: texts compete within their part of a batch only, so this is another"
            " training; --checkpoint-gradients saves memory and changes nothing", accumulate,
        )  # fmt: skip


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
    print_table(None, header, rows)
    for name, report in reports[1:]:
        _warn(name, report)


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
    if report.stripped_share > LARGEST_STRIPPED:
        log.warning(
            "%s: the student's tokenizer strips marks from %.0f%% of the words: it reads %s as %s;"
            " words that are tokens keep theirs: --student-vocab words",
            name, 100 * report.stripped_share, *map(_short, report.stripped),
        )  # fmt: skip


def _short(word: str) -> str:
    """A word, or where spaces part none its beginning."""
    return word if len(word) <= MOST_SHOWN else f"{word[:MOST_SHOWN]}..."
