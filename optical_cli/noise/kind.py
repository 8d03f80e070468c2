"""What a kind of noise is: a name, what it may be told, and an editor of pairs.

A kind's module has one function, which `text_kind` or `pair_kind` makes a `NoiseKind` of; the first
paragraph of its docstring is the definition that ``--list`` prints.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from optical_cli.formats.bitext import BitextRow, SentencePair
from optical_cli.noise.chance import Chance
from optical_cli.noise.material import Material
from optical_cli.noise.request import Request

SideName = Literal["source", "target"]
EditText = Callable[[str, np.random.Generator, float], str]


@dataclass(frozen=True)
class Edit:
    """What a noise makes of a pair.

    Attributes:
        pair: The pair afterwards; the id stays.
        how: Which of several ways it took, where there are several.
        origin: The pair or line that foreign text is from.
    """

    pair: SentencePair
    how: str = ""
    origin: str = ""


class Editor(Protocol):
    """A kind of noise with all that it was told."""

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        """Edit a chosen pair.

        Args:
            row: The line as it was read.
            pair: The pair as kinds before this one have left it.
            chance: What may be drawn.
        """


class Surveyor(Editor, Protocol):
    """An editor that has to see the pairs among which a chosen one stands.

    Attributes:
        found: How many pairs it has chosen so far.
    """

    found: int

    def survey(self, rows: Iterable[BitextRow]) -> None:
        """Look at the pairs of the file, or of a window of it, before they are edited."""


MakeEditor = Callable[[Request, Material, int], Editor]


@dataclass(frozen=True)
class NoiseKind:
    """A kind of noise.

    Attributes:
        name: Before the equals sign of ``--noise``.
        definition: What it does, exactly.
        editor: Makes the editor of a request, of the files at hand and of the seed.
        sides: Whether it edits either side, as wanted.
        intensity: How much of a text it changes unless told; None where it cannot be told.
        share: What the intensity is a share of.
        needs: The option that names the file that it draws on.
        surveys: It needs the pairs around the chosen ones.
    """

    name: str
    definition: str
    editor: MakeEditor
    sides: bool = False
    intensity: float | None = None
    share: str = ""
    needs: str = ""
    surveys: bool = False


def definition_of(function: Callable | type) -> str:
    """The first paragraph of a docstring, as one line."""
    return " ".join(inspect.getdoc(function).split("\n\n")[0].split())


def text_kind(
    name: str, *, intensity: float | None = None, share: str = ""
) -> Callable[[EditText], NoiseKind]:
    """Make a kind of a function of a text, a generator and an intensity; it works on any side."""

    def make(edit: EditText) -> NoiseKind:
        def editor(request: Request, material: Material, seed: int) -> Editor:
            return _SideEditor(edit, request)

        return NoiseKind(
            name, definition_of(edit), editor, sides=True, intensity=intensity, share=share
        )

    return make


def pair_kind(name: str, **traits: object) -> Callable[[type], NoiseKind]:
    """Make a kind of a class whose instances are editors; `traits` are the kind's attributes."""

    def make(editor: type) -> NoiseKind:
        return NoiseKind(name, definition_of(editor), editor, **traits)

    return make


@dataclass(frozen=True)
class _SideEditor:
    edit: EditText
    request: Request

    def __call__(self, row: BitextRow, pair: SentencePair, chance: Chance) -> Edit:
        side = side_of(self.request, chance)
        text = self.edit(getattr(pair, side), chance.generator, self.request.intensity or 1.0)
        return Edit(pair._replace(**{side: text}))


def side_of(request: Request, chance: Chance) -> SideName:
    """The side that a request edits; of ``either`` the pair's own number decides."""
    if request.side == "either":
        return ("source", "target")[chance.number % 2]
    return request.side


@dataclass(frozen=True)
class Noise:
    """A request with its kind.

    Attributes:
        kind: What is done.
        request: To how many, and how much; with the kind's default intensity filled in.
    """

    kind: NoiseKind
    request: Request

    @classmethod
    def of(cls, kind: NoiseKind, request: Request) -> "Noise":
        """Fill in the kind's default intensity."""
        intensity = kind.intensity if request.intensity is None else request.intensity
        return cls(kind, replace(request, intensity=intensity))
