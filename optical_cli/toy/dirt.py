"""The dirt of real bitext files, a kind per function: from clean pairs to a line of bytes."""

from collections.abc import Callable, Sequence

from optical_cli.toy.chance import Chance

Pair = tuple[str, str]
Mess = Callable[[Chance, Sequence[Pair]], bytes]

BOILERPLATE = (
    ("Copyright. All rights reserved.", "Hakimiliki. Haki zote zimehifadhiwa."),
    ("Click here to read more.", "Bonyeza hapa kusoma zaidi."),
    ("This page uses cookies.", "Ukurasa huu unatumia vidakuzi."),
    ("Share this with your friends.", "Washirikishe rafiki zako."),
    ("Page 12 of 40", "Ukurasa wa 12 kati ya 40"),
)
OTHER_LANGUAGES = (
    "Die Fischer haben gestern im Hafen ihre alten Netze geflickt und sind müde.",
    "Der Regen hat die Straße zerstört, deshalb kommt der Bus heute nicht.",
    "Les paysans ont vendu leur maïs au marché de la ville la semaine dernière.",
    "Le médecin a soigné les enfants malades du village sans demander d'argent.",
    "Los maestros leyeron un cuento largo a los niños de la escuela esta mañana.",
    "El barco llegó al puerto por la noche con toda la carga que esperábamos.",
    "I pescatori hanno comprato una barca nuova perché quella vecchia era rotta.",
    "De boeren wachten op regen omdat de maïs op het veld bijna verdroogd is.",
)
INVISIBLE = ("\u200b", "\u00ad", "\ufeff", "\u2060", "\u200e")
LONG_LINE = 1500


def line(source: str, target: str) -> bytes:
    """A line as it should be."""
    return f"{source}\t{target}\n".encode()


def empty_side(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """One side is missing."""
    source, target = chance.pick(pairs)
    return line(source, "") if chance.happens(0.5) else line("", target)


def duplicate(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """A pair that is in the file already."""
    return line(*chance.pick(pairs))


def untranslated(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """The source on both sides."""
    source, _ = chance.pick(pairs)
    return line(source, source)


def misaligned(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """Two halves of different pairs."""
    one, other = chance.sample(len(pairs), 2)
    return line(pairs[one][0], pairs[other][1])


def wrong_columns(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """A tab too few or too many."""
    source, target = chance.pick(pairs)
    if chance.happens(0.5):
        return f"{source} {target}\n".encode()
    return line(source, f"{target}\t0.87")


def entities(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """HTML entities, of which some were escaped twice."""
    ampersand = "&amp;" if chance.happens(0.3) else "&"
    quoted = (
        f"{ampersand}quot;{side.replace(chr(39), '&#39;')}{ampersand}quot;"
        for side in chance.pick(pairs)
    )
    return line(*quoted)


def boilerplate(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """What stands on every page of a site."""
    return line(*chance.pick(BOILERPLATE))


def over_long(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """A paragraph that nobody split."""
    sides = ["", ""]
    while min(map(len, sides)) < LONG_LINE:
        sides = [f"{side} {more}" for side, more in zip(sides, chance.pick(pairs), strict=True)]
    return line(*(side.strip() for side in sides))


def wrong_language(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """A target in a third language."""
    source, _ = chance.pick(pairs)
    return line(source, chance.pick(OTHER_LANGUAGES))


def invisible(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """Characters that nobody sees, inside the target."""
    source, target = chance.pick(pairs)
    place = 1 + chance.below(len(target) - 1)
    return line(source, target[:place] + chance.pick(INVISIBLE) + target[place:])


def carriage_return(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """A line end of another system."""
    return line(*chance.pick(pairs)).replace(b"\n", b"\r\n")


def invalid_bytes(chance: Chance, pairs: Sequence[Pair]) -> bytes:
    """A byte of another encoding, which is no UTF-8."""
    source, target = (side.encode() for side in chance.pick(pairs))
    place = chance.below(len(target))
    return source + b"\t" + target[:place] + b"\xe9" + target[place:] + b"\n"


KINDS: dict[str, Mess] = {
    "empty-side": empty_side,
    "duplicate": duplicate,
    "untranslated": untranslated,
    "misaligned": misaligned,
    "wrong-columns": wrong_columns,
    "entities": entities,
    "boilerplate": boilerplate,
    "over-long": over_long,
    "wrong-language": wrong_language,
    "invisible": invisible,
    "carriage-return": carriage_return,
    "invalid-bytes": invalid_bytes,
}


# What cleaning can undo: such a line holds a pair that stands nowhere else.
REPAIRABLE = frozenset(["", "entities", "invisible", "carriage-return"])


def strew(chance: Chance, total: int, dirty: int) -> list[str]:
    """The kind of dirt of each of `total` lines, "" for a clean one; the kinds take turns."""
    kinds = [""] * total
    for turn, place in enumerate(chance.sample(total, dirty)):
        kinds[place] = list(KINDS)[turn % len(KINDS)]
    return kinds


def own_pairs(kinds: Sequence[str]) -> int:
    """How many pairs a file of such lines needs."""
    return sum(kind in REPAIRABLE for kind in kinds)


def soil(chance: Chance, pairs: Sequence[Pair], kinds: Sequence[str]) -> list[bytes]:
    """The lines of a raw file.

    Args:
        chance: Chooses what becomes of what.
        pairs: As many as `own_pairs` says; each stands once in a line that is clean or can be
            repaired, in order. Beyond repair are lines made of them again.
        kinds: The kind of dirt of each line.
    """
    fresh = iter(pairs)
    lines = []
    for kind in kinds:
        material = [next(fresh)] if kind in REPAIRABLE else pairs
        lines.append(KINDS[kind](chance, material) if kind else line(*material[0]))
    return lines
