"""The lexicon against itself and against plurals written by hand."""

import pytest

from optical_cli.toy.domains import DOMAINS
from optical_cli.toy.lexicon import ADJECTIVES, FITTING, NOUN, NOUNS, PLACES, TRANSITIVE, VERBS
from optical_cli.toy.lexicon.entries import noun, verb, with_ed, with_ing, with_s

PREFIXES = {1: ("m", "mw"), 2: ("wa", "we", "w"), 3: ("m", "mw"), 4: ("mi", "my"), 7: ("ki", "ch"),
            8: ("vi", "vy"), 6: ("ma", "me"), 11: ("u", "w"), 14: ("u",)}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "swahili", "classes"),
    [
        ("farmer", ("mkulima", "wakulima"), (1, 2)),
        ("teacher", ("mwalimu", "walimu"), (1, 2)),
        ("child", ("mtoto", "watoto"), (1, 2)),
        ("thief", ("mwizi", "wezi"), (1, 2)),
        ("tree", ("mti", "miti"), (3, 4)),
        ("river", ("mto", "mito"), (3, 4)),
        ("car", ("gari", "magari"), (5, 6)),
        ("egg", ("yai", "mayai"), (5, 6)),
        ("eye", ("jicho", "macho"), (5, 6)),
        ("book", ("kitabu", "vitabu"), (7, 8)),
        ("pot", ("chungu", "vyungu"), (7, 8)),
        ("house", ("nyumba", "nyumba"), (9, 10)),
        ("song", ("wimbo", "nyimbo"), (11, 10)),
        ("key", ("ufunguo", "funguo"), (11, 10)),
        ("disease", ("ugonjwa", "magonjwa"), (14, 6)),
        ("water", ("maji", "maji"), (6, 6)),
        ("rice", ("mchele", "mchele"), (3, 3)),
    ],
)
def test_nouns_stand_in_their_classes(key, swahili, classes):
    assert (NOUN[key].swahili, NOUN[key].classes) == (swahili, classes)


@pytest.mark.parametrize("entry", [n for n in NOUNS if not n.animate], ids=lambda n: n.key)
def test_noun_prefixes_show_their_class(entry):
    for form, noun_class in zip(entry.swahili, entry.classes, strict=True):
        # Classes 5, 9 and 10 have nouns without a visible prefix.
        assert form.startswith(PREFIXES.get(noun_class, ("",)))


def test_no_word_means_two_things_in_english():
    wordings = [form for entry in NOUNS for pair in entry.english for form in set(pair)]
    assert len(wordings) == len(set(wordings))
    bases = [(v.base, v.particle) for entry in VERBS for v in entry.english]
    assert len(bases) == len(set(bases))


def test_every_entry_is_used():
    frames = [frame for domain in DOMAINS for frame in domain.frames]
    nouns = {noun for frame in frames for noun in (*frame.objects, *frame.actors)}
    nouns |= {noun for domain in DOMAINS for noun in (*domain.actors, *domain.places)}
    assert set(NOUNS) <= nouns
    assert set(TRANSITIVE) == {frame.verb for frame in frames}
    assert set(ADJECTIVES) == {a for fitting in FITTING.values() for a in fitting}


def test_every_trait_has_an_adjective():
    fits = {trait for adjective in ADJECTIVES for trait in adjective.fits}
    assert {trait for noun in NOUNS for trait in noun.traits} <= fits


@pytest.mark.parametrize("place", PLACES, ids=lambda n: n.key)
def test_places_have_a_locative_of_their_own_stem(place):
    assert place.locative == place.swahili[0] + "ni"


def test_places_of_domains_are_places():
    assert {place for domain in DOMAINS for place in domain.places} <= set(PLACES)


@pytest.mark.parametrize(
    ("forms", "rule"),
    [
        ("story stories, bus buses, boat boats, box boxes, day days, tomato tomatoes", with_s),
        ("bake baked, carry carried, play played, stop stopped, open opened, repair repaired",
         with_ed),
        ("write writing, begin beginning, cut cutting, see seeing, sow sowing, load loading",
         with_ing),
    ],
)  # fmt: skip
def test_regular_english(forms, rule):
    for pair in forms.split(", "):
        base, expected = pair.split()
        assert rule(base) == expected


def test_notation_of_entries():
    assert noun("mti miti", 3, "tree").english == (("tree", "trees"),)
    assert noun("samaki", 9, "fish fish").english == (("fish", "fish"),)
    wait = verb("subiri", "wait+for", "await").english
    assert (wait[0].past, wait[0].particle, wait[1].past) == ("waited", "for", "awaited")
    steal = verb("iba", "steal stole stolen").english[0]
    assert (steal.past, steal.participle) == ("stole", "stolen")
