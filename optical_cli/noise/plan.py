"""From the command line's requests to noises in the order in which they are applied."""

from collections.abc import Sequence

from optical_cli.errors import UsageError
from optical_cli.noise.kind import Noise, NoiseKind
from optical_cli.noise.kinds import KINDS
from optical_cli.noise.request import Request, parse_request
from optical_cli.settings import nearest

DEFAULT_SIDE = "target"


def parse_noises(values: Sequence[str], given: set[str]) -> list[Noise]:
    """The noises of ``--noise``, in the order of `KINDS` and of the sides' names.

    Args:
        values: What stands after each ``--noise``.
        given: The options that name a file and were given, such as ``--crawl``.

    Raises:
        UsageError: A kind is unknown, comes twice, lacks its file, or is told what it cannot do;
            or there is none.
    """
    if not values:
        raise UsageError("missing --noise", hint="optical inject-noise --list explains the kinds")
    noises = [_noise(parse_request(value), value, given) for value in values]
    labels = [noise.request.label for noise in noises]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise UsageError(f"--noise: {', '.join(twice)} is asked for twice")
    order = list(KINDS)
    return sorted(noises, key=lambda n: (order.index(n.kind.name), n.request.label))


def _noise(request: Request, value: str, given: set[str]) -> Noise:
    kind = KINDS.get(request.kind)
    if kind is None:
        close = nearest(request.kind, KINDS) or f"; there are {', '.join(KINDS)}"
        raise UsageError(f"--noise {value}: unknown kind {request.kind!r}{close}",
                         hint="optical inject-noise --list explains the kinds")  # fmt: skip
    if request.intensity is not None and kind.intensity is None:
        raise UsageError(f"--noise {value}: {kind.name} takes no intensity")
    if request.side is not None and not kind.sides:
        raise UsageError(f"--noise {value}: {kind.name} takes no side")
    if kind.needs and kind.needs not in given:
        raise UsageError(f"--noise {value}: {kind.name} needs {kind.needs} FILE")
    return Noise.of(kind, _sided(request, kind))


def _sided(request: Request, kind: NoiseKind) -> Request:
    if request.side is not None or not kind.sides:
        return request
    return Request(request.kind, request.rate, request.intensity, DEFAULT_SIDE)
