"""`optical score-bitext` from settings to scored pairs."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from optical_cli.alignment.aligner import Aligner
from optical_cli.alignment.pair_scoring import PairScorer
from optical_cli.bitext.scoring import filled_folds, side_keys, standardized
from optical_cli.console import print_table
from optical_cli.encoders.devices import choose_device
from optical_cli.encoders.layout import load
from optical_cli.encoders.model import LateInteractionEncoder
from optical_cli.errors import UsageError
from optical_cli.formats.bitext import SentencePair, read_bitext
from optical_cli.formats.scored_bitext import ScoredPair
from optical_cli.settings import ComputeSettings
from optical_cli.training.crossfitting.crossfit import CrossFit
from optical_cli.training.crossfitting.settings import ScoringSettings
from optical_cli.transport.settings import TransportSettings

log = logging.getLogger(__name__)


class Scoring:
    """A run of `optical score-bitext`.

    Args:
        what: Which pairs, models and folds.
        transport: How tokens are aligned.
        compute: Device and precision.
        seed: Of folds and training.
    """

    def __init__(
        self, what: ScoringSettings, transport: TransportSettings, compute: ComputeSettings,
        seed: int,
    ):  # fmt: skip
        self.what, self.compute, self.seed = what, compute, seed
        self.pairs = list(islice(read_bitext(what.input, columns=what.columns), what.limit))
        self.keys = side_keys([p.source for p in self.pairs], [p.target for p in self.pairs])
        # Many vectors are held, of all pairs and their neighbors.
        self.aligner = Aligner(
            transport, choose_device(compute.device), dtype=compute.dtype, store=np.float16
        )
        teacher = self.aligner.weighed(load(what.teacher))
        self.scorer = PairScorer(teacher, self.aligner, what.neighbors)

    def scored(self) -> Iterator[ScoredPair]:
        """All pairs in the order of the file.

        Raises:
            InputError: A student is not as wide as the teacher, or a fold is without pairs.
        """
        folds = filled_folds(self.keys, self.what.folds, self.seed, where=self.what.input)
        cost, z, margin = (np.zeros(len(self.pairs)) for _ in range(3))
        rows = []
        with self._students(folds) as students:
            for fold, student in students:
                own = np.flatnonzero(folds == fold)
                found = self._fold(student, own)
                cost[own], z[own], margin[own] = found
                name = f"{fold + 1} of {self.what.folds}"
                rows.append((name, len(own), *(f"{np.median(column):.4f}" for column in found)))
        print_table("medians", ("fold", "pairs", "cost", "cost_z", "margin"), rows)
        first = 1 if self.what.folds > 1 else 0
        for place, pair in enumerate(self.pairs):
            yield ScoredPair(
                id=pair.pair_id, source=pair.source, target=pair.target,
                fold=int(folds[place]) + first, cost=float(cost[place]), cost_z=float(z[place]),
                margin=float(margin[place]),
            )  # fmt: skip

    def _fold(
        self, student: LateInteractionEncoder, own: Int[np.ndarray, " place"]
    ) -> tuple[Float[np.ndarray, " pair"], ...]:
        if student.dim != self.scorer.teacher.dim:
            raise UsageError(
                f"its vectors are {student.dim} wide, the teacher's {self.scorer.teacher.dim}",
                where=self.what.student,
            )
        pairs: list[SentencePair] = [self.pairs[place] for place in own]
        found = self.scorer.score(
            self.aligner.weighed(student), pairs, [side[own] for side in self.keys]
        )
        return found.cost, standardized(found.cost, found.length), found.margin

    @contextmanager
    def _students(
        self, folds: Int[np.ndarray, " pair"]
    ) -> Iterator[Iterator[tuple[int, LateInteractionEncoder]]]:
        what = self.what
        if what.folds == 1:
            log.warning(
                "one student for all pairs approves what it has memorised: if it learned from"
                " these, --folds 2 trains others that have not"
            )
            yield iter([(0, load(what.student))])
            return
        with tempfile.TemporaryDirectory(prefix="optical-folds-") as scratch:
            folder = what.students or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            fit = CrossFit(what.student, what.teacher, self.compute, self.seed, folder)
            yield fit.students(self.pairs, folds)
