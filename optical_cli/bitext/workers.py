"""Judge blocks in one process or in several, with the same result in the same order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from optical_cli.bitext.judging import Judge, Verdict
from optical_cli.errors import EnvironmentFault
from optical_cli.formats.parallel import Block

# Blocks in flight for each process: enough that none waits, few enough to bound memory.
AHEAD = 3


def verdicts(judge: Judge, workers: int) -> Iterator[Verdict]:
    """The verdicts on all blocks of all inputs, in the order of the inputs.

    Raises:
        EnvironmentFault: A worker process died.
    """
    if workers <= 1:
        for place, block in _blocks(judge):
            yield judge.judge(place, block)
        return
    # Spawned, not forked: the parent may have threads (a progress bar).
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_install, initargs=(judge,))
    try:
        yield from _in_order(pool, judge, workers * AHEAD)
    except BrokenProcessPool:
        raise EnvironmentFault(
            "a worker process died", hint="if memory ran out, use fewer --workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, judge: Judge, ahead: int) -> Iterator[Verdict]:
    waiting: deque[Future[Verdict]] = deque()
    for place, block in _blocks(judge):
        waiting.append(pool.submit(_judge, place, block))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _blocks(judge: Judge) -> Iterator[tuple[int, Block]]:
    for place, reader in enumerate(judge.readers):
        for block in reader.blocks():
            yield place, block


_installed: list[Judge] = []


def _install(judge: Judge) -> None:
    """In a worker: keep the judge, leave Ctrl-C to the parent, and do not outlive it."""
    _installed[:] = [judge]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def _judge(place: int, block: Block) -> Verdict:
    return _installed[0].judge(place, block)
