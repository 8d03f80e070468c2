"""What a lexicon entry is, and the short notations in which the tables are written."""

import re
from dataclasses import dataclass, field

PLURAL_CLASS = {1: 2, 3: 4, 5: 6, 6: 6, 7: 8, 9: 10, 10: 10, 11: 10, 14: 6}


@dataclass(frozen=True, eq=False)
class Noun:
    """A noun in both languages.

    Attributes:
        english: Wordings that mean the same, each (singular, plural).
        swahili: (singular, plural).
        classes: Noun class of the singular and of the plural.
        animate: Agrees as class 1/2 whatever its own class.
        person: A human being.
        gender: ``he`` or ``she`` where only such a person is called so.
        number: ``count``, ``mass`` (no plural, no article "a") or ``plural`` (always plural in
            English).
        traits: What adjectives look for.
        locative: "at the ..." in one Swahili word, where the noun is a place.
        preposition: The English of it.
    """

    english: tuple[tuple[str, str], ...]
    swahili: tuple[str, str]
    classes: tuple[int, int]
    animate: bool = False
    person: bool = False
    gender: str | None = None
    number: str = "count"
    traits: frozenset[str] = frozenset()
    locative: str | None = None
    preposition: str = "at"

    @property
    def key(self) -> str:
        """The name under which the tables know it."""
        return self.english[0][0]


@dataclass(frozen=True)
class EnglishVerb:
    """The forms of an English verb, and the particle that follows them."""

    base: str
    past: str
    participle: str
    particle: str | None = None


@dataclass(frozen=True, eq=False)
class Verb:
    """A verb in both languages.

    Attributes:
        english: Wordings that mean the same.
        swahili: Stems that mean the same, ending in the final vowel.
        monosyllabic: The stem keeps the infinitive's ku- after some tense markers.
        motion: Its place is where it leads, "to the ..." in English.
        reflexive: The stem holds -ji-, so no object prefix can stand before it.
    """

    english: tuple[EnglishVerb, ...]
    swahili: tuple[str, ...]
    monosyllabic: bool = False
    motion: bool = False
    reflexive: bool = False

    @property
    def key(self) -> str:
        """The name under which the tables know it."""
        return self.english[0].base


@dataclass(frozen=True, eq=False)
class Adjective:
    """An adjective; the Swahili is ``-stem`` (agrees), ``-a phrase`` (connective) or fixed."""

    english: tuple[str, ...]
    swahili: str
    fits: frozenset[str]

    @property
    def key(self) -> str:
        """The name under which the tables know it."""
        return self.english[0]

    @property
    def connective(self) -> bool:
        """Whether the Swahili is a phrase behind an agreeing -a."""
        return self.swahili.startswith("-a ")


@dataclass(frozen=True, eq=False)
class Numeral:
    """A number word; the Swahili is ``-stem`` (agrees) or fixed."""

    english: str
    swahili: str
    value: int


@dataclass(frozen=True, eq=False)
class Phrase:
    """A fixed expression in both languages: words with the part of the meaning each expresses.

    Attributes:
        english: (word, part) in English order.
        swahili: (word, part) in Swahili order.
        tenses: The tenses it goes with; for phrases of time.
    """

    english: tuple[tuple[str, str], ...]
    swahili: tuple[tuple[str, str], ...]
    tenses: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The English words."""
        return " ".join(word for word, _ in self.english)


@dataclass(frozen=True, eq=False)
class Name:
    """A name of a person or a town, spelled alike in both languages."""

    text: str
    pronoun: str = field(default="it")

    @property
    def key(self) -> str:
        """The name."""
        return self.text


def noun(swahili: str, noun_class: int, *english: str, traits: str = "", **rest) -> Noun:
    """An entry from ``"kitabu vitabu", 7, "book"``; irregular plurals as ``"man men"``."""
    forms = swahili.split()
    singular, plural = forms if len(forms) == 2 else forms * 2
    return Noun(
        english=tuple(_english_noun(wording) for wording in english),
        swahili=(singular, plural),
        classes=(noun_class, PLURAL_CLASS.get(noun_class, noun_class)),
        traits=frozenset(traits.split()),
        **rest,
    )


def person(swahili: str, *english: str, traits: str = "", gender: str | None = None) -> Noun:
    """A human being: agrees as class 1/2 whatever its prefix."""
    forms = {"animate": True, "person": True, "gender": gender}
    return noun(swahili, 1, *english, traits=traits, **forms)


def animal(swahili: str, *english: str, traits: str = "") -> Noun:
    """An animal: mostly of class 9/10 by form, of class 1/2 by agreement."""
    return noun(swahili, 9, *english, traits=traits, animate=True)


def mass(swahili: str, noun_class: int, *english: str, traits: str = "", **rest) -> Noun:
    """Something that is not counted: one form and one class, singular in English."""
    return _fixed(swahili, noun_class, "mass", english, traits, rest)


def always_plural(swahili: str, noun_class: int, *english: str, traits: str = "", **rest) -> Noun:
    """Something that is always plural in English: ``"maharagwe", 6, "beans"``."""
    return _fixed(swahili, noun_class, "plural", english, traits, rest)


def _fixed(swahili, noun_class, number, english, traits, rest) -> Noun:
    return Noun(
        english=tuple((wording, wording) for wording in english),
        swahili=(swahili, swahili),
        classes=(noun_class, noun_class),
        number=number,
        traits=frozenset(traits.split()),
        **rest,
    )


def verb(swahili: str, *english: str, **rest) -> Verb:
    """An entry from ``"nunua", "buy bought", "purchase"``.

    A wording is ``base [past [participle]]``, with the particle behind a plus: ``"listen+to"``.
    Several Swahili stems are separated by spaces.
    """
    wordings = tuple(_english_verb(wording) for wording in english)
    return Verb(english=wordings, swahili=tuple(swahili.split()), **rest)


def adjective(swahili: str, *english: str, fits: str) -> Adjective:
    """An entry from ``"-kubwa", "big", "large", fits="sized"``."""
    return Adjective(english, swahili, frozenset(fits.split()))


def phrase(english: str, swahili: str, tenses: str = "") -> Phrase:
    """An entry from ``"last:2 week:1", "wiki:1 iliyopita:2"``; words without a part share one."""
    return Phrase(_parts(english), _parts(swahili), frozenset(tenses.split()))


def _parts(text: str) -> tuple[tuple[str, str], ...]:
    split = (token.partition(":") for token in text.split())
    return tuple((word, part or "1") for word, _, part in split)


def _english_noun(wording: str) -> tuple[str, str]:
    singular, _, plural = wording.partition(" ")
    return singular, plural or with_s(singular)


def _english_verb(wording: str) -> EnglishVerb:
    base, *irregular = wording.split()
    base, _, particle = base.partition("+")
    past = irregular[0] if irregular else with_ed(base)
    participle = irregular[1] if len(irregular) > 1 else past
    return EnglishVerb(base, past, participle, particle or None)


def with_s(word: str) -> str:
    """The regular plural of a noun and third person of a verb."""
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh|[^aeiou]o)$", word) else "s")


def with_ed(base: str) -> str:
    """The regular past of a verb."""
    if base.endswith("e"):
        return base + "d"
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ied"
    return _doubled(base) + "ed"


def with_ing(base: str) -> str:
    """The present participle of a verb."""
    if base == "begin":  # the one verb of ours that doubles behind an unstressed syllable
        return "beginning"
    if base.endswith("e") and not base.endswith("ee"):
        return base[:-1] + "ing"
    return _doubled(base) + "ing"


def _doubled(base: str) -> str:
    """Double the last consonant of one short syllable: stop, stopped."""
    one_syllable = len(re.findall(r"[aeiou]+", base)) == 1
    short = re.search(r"[^aeiou][aeiou][bdgklmnprt]$", base)
    return base + base[-1] if one_syllable and short else base
