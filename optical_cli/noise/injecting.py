"""From a file of pairs to noisy lines: in one pass, in windows, or in two passes."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from optical_cli.formats.bitext import BitextRow, read_bitext_rows
from optical_cli.noise.mixer import Change, Mixer
from optical_cli.noise.settings import STREAM_WINDOW, NoiseInputSettings


def noisy_lines(
    what: NoiseInputSettings, mixer: Mixer, window: int | None
) -> Iterator[tuple[BitextRow, list[Change]]]:
    """The lines to write, each with the changes that made it.

    Args:
        what: The input.
        mixer: What is done to it.
        window: Pairs that are surveyed together; None for all of them, where the input can be
            read twice.

    Raises:
        InputError: The input is malformed, or too small for what was asked.
    """
    if window is None and not Path(what.bitext).is_file():
        window = STREAM_WINDOW
    if not mixer.surveys:
        yield from mixer.mix(_rows(what))
    elif window is not None:
        yield from mixer.in_windows(_rows(what), window)
        mixer.check(what.bitext)
    else:
        mixer.survey(_rows(what))
        mixer.check(what.bitext)
        yield from mixer.mix(_rows(what))


def _rows(what: NoiseInputSettings) -> Iterator[BitextRow]:
    return islice(read_bitext_rows(what.bitext, columns=what.columns), what.limit)
