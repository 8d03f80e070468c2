"""Reading ``--objective``: weighted sums, and which of them holds when."""

import itertools
from dataclasses import dataclass

from optical_cli.errors import UsageError
from optical_cli.settings import nearest

NAMES = (
    "ot", "mse", "mse-hidden", "cosine", "greedy", "chamfer",
    "contrastive", "contrastive-pooled", "score-kl",
)  # fmt: skip
# Those that look at other rows of the batch than the own one.
COMPARING = ("contrastive", "contrastive-pooled")
HINT = "write such as ot, ot+mse=0.3 or mse@0.3,ot=1+mse=0.3"


@dataclass(frozen=True)
class Phase:
    """A weighted sum of objectives, and until when it holds.

    Attributes:
        weights: Weight by name.
        until: Share of the training at which the next phase takes over.
    """

    weights: dict[str, float]
    until: float = 1.0


@dataclass(frozen=True)
class Schedule:
    """Phases one after the other.

    Attributes:
        phases: At least one; their `until` rises to 1.
    """

    phases: tuple[Phase, ...]

    @property
    def names(self) -> list[str]:
        """All objectives, in the order in which they stand."""
        return list(dict.fromkeys(name for phase in self.phases for name in phase.weights))

    def at(self, progress: float) -> dict[str, float]:
        """The weights after `progress`, a share of the training in [0, 1]."""
        return next((p for p in self.phases if progress < p.until), self.phases[-1]).weights


def parse_objective(text: str) -> Schedule:
    """Read ``NAME[=WEIGHT]+...@SHARE,...``; the last phase has no share and lasts to the end.

    Raises:
        UsageError: It is malformed, or names an unknown objective.
    """
    *earlier, last = text.split(",")
    phases = tuple(_phase(part, text) for part in earlier)
    if "@" in last:
        raise _malformed(text, "the last phase lasts to the end and takes no @SHARE")
    bounds = [0.0, *(phase.until for phase in phases), 1.0]
    if any(low >= high for low, high in itertools.pairwise(bounds)):
        raise _malformed(text, "the shares after @ must rise between 0 and 1")
    return Schedule((*phases, Phase(_sum(last, text))))


def _phase(part: str, text: str) -> Phase:
    body, at, until = part.partition("@")
    if not at:
        raise _malformed(text, f"phase {part!r} does not say until when it holds (@SHARE)")
    return Phase(_sum(body, text), _number(until, text))


def _sum(body: str, text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in body.split("+"):
        name, equals, weight = item.strip().partition("=")
        if name not in NAMES:
            raise _malformed(text, f"unknown objective {name!r}{nearest(name, NAMES)}")
        if name in weights:
            raise _malformed(text, f"{name} stands twice in one sum")
        weights[name] = _number(weight, text) if equals else 1.0
    return weights


def _number(word: str, text: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise _malformed(text, f"{word!r} is no positive number")
    return value


def _malformed(text: str, what: str) -> UsageError:
    return UsageError(f"--objective {text}: {what}", hint=HINT)
