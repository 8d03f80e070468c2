"""Whole sentences, their agreement and their alignment, against ones written by hand."""

import pytest

from optical_cli.toy.grammar import english, links, swahili, text
from optical_cli.toy.grammar.syntax import (
    Clause,
    Compound,
    NounPhrase,
    Pair,
    Place,
    Possession,
    Predication,
    Pronoun,
    Relative,
)
from optical_cli.toy.lexicon import (
    ADJECTIVES,
    CONJUNCTIONS,
    NOUN,
    NUMERALS,
    PERSON_NAMES,
    TIMES,
    TOWNS,
    VERB,
)

ADJECTIVE = {entry.key: entry for entry in ADJECTIVES}
NUMERAL = {entry.english: entry for entry in NUMERALS}
TIME = {entry.key: entry for entry in TIMES}
ASHA = next(name for name in PERSON_NAMES if name.text == "Asha")
KILWA = next(town for town in TOWNS if town.text == "Kilwa")


def np(key, **rest):
    return NounPhrase(NOUN[key], **rest)


def book(**rest):
    return np("book", adjective=ADJECTIVE["big"], **rest)


FARMERS, FARMER = np("farmer", plural=True), np("farmer")
SENTENCES = [
    (Clause(FARMER, VERB["buy"], object=book(determiner="a")),
     "The farmer bought a big book.", "Mkulima alinunua kitabu kikubwa."),
    (Clause(FARMERS, VERB["buy"], object=book(plural=True, determiner="this",
                                              numeral=NUMERAL["two"])),
     "The farmers bought these two big books.", "Wakulima walinunua vitabu vikubwa viwili hivi."),
    (Clause(Pronoun("3p"), VERB["read"], object=np("newspaper", plural=True, possessor="3p")),
     "They read their newspapers.", "Walisoma magazeti yao."),
    (Clause(Pronoun("1s"), VERB["sell"], "future", object=np("car", adjective=ADJECTIVE["new"])),
     "I will sell the new car.", "Nitauza gari jipya."),
    (Clause(Pronoun("3s"), VERB["sell"], "past", True,
            object=Pronoun("3p", "it", antecedent=NOUN["car"])),
     "He did not sell them.", "Hakuyauza."),
    (Clause(np("doctor"), VERB["treat"], object=np("patient")),
     "The doctor treated the patient.", "Daktari alimtibu mgonjwa."),
    (Clause(np("doctor", plural=True), VERB["treat"], "perfect", object=np("patient", plural=True)),
     "The doctors have treated the patients.", "Madaktari wamewatibu wagonjwa."),
    (Clause(np("farmer", plural=True, determiner="all"), VERB["dig"], "present", True,
            object=np("well", determiner="a")),
     "All farmers do not dig a well.", "Wakulima wote hawachimbi kisima."),
    (Clause(ASHA, VERB["go"], "past", place=Place(NOUN["market"]), time=TIME["yesterday"],
            early_time=frozenset(["sw"])),
     "Asha went to the market yesterday.", "Jana Asha alienda sokoni."),
    (Clause(FARMER, VERB["sell"], object=np("maize", determiner=""),
            place=Place(NOUN["market"], KILWA), time=TIME["last week"]),
     "The farmer sold maize at the market of Kilwa last week.",
     "Mkulima aliuza mahindi katika soko la Kilwa wiki iliyopita."),
    (Clause(np("youth"), VERB["buy"], modal=VERB["want"], object=np("boat", determiner="a",
            adjective=ADJECTIVE["old"])),
     "The youth wanted to buy an old boat.", "Kijana alitaka kununua mashua ya zamani."),
    (Clause(np("doctor"), VERB["help"], modal=VERB["try"], object=np("child")),
     "The doctor tried to help the child.", "Daktari alijaribu kumsaidia mtoto."),
    (Clause(np("student", does=Relative(VERB["read"], np("letter"))), VERB["drink"],
            object=np("milk", determiner="")),
     "The student who read the letter drank milk.",
     "Mwanafunzi aliyesoma barua alikunywa maziwa."),
    (Clause(np("fisherman", plural=True, determiner="that"), VERB["catch"], "present",
            object=np("fish", plural=True, determiner="", adjective=ADJECTIVE["small"],
                      numeral=NUMERAL["three"]), progressive=True),
     "Those fishermen are catching three small fish.", "Wavuvi wale wanavua samaki wadogo watatu."),
    (Clause(Pair(np("teacher"), FARMER), VERB["build"], object=np("house", possessor="1p")),
     "The teacher and the farmer built our house.", "Mwalimu na mkulima walijenga nyumba yetu."),
    (Clause(None, VERB["steal"], object=np("phone"), question="who"),
     "Who stole the phone?", "Nani aliiba simu?"),
    (Clause(None, VERB["listen"], object=np("radio"), question="who", cleft=True),
     "Who listened to the radio?", "Ni nani aliyesikiliza redio?"),
    (Clause(None, VERB["help"], object=np("child", plural=True), question="who", cleft=True),
     "Who helped the children?", "Ni nani aliyewasaidia watoto?"),
    (Clause(np("nurse", does=Relative(VERB["treat"], np("patient"))), VERB["return"],
            place=Place(NOUN["village"])),
     "The nurse who treated the patient returned to the village.",
     "Muuguzi aliyemtibu mgonjwa alirudi kijijini."),
    (Clause(FARMERS, VERB["sell"], object=np("maize"), question="where"),
     "Where did the farmers sell the maize?", "Wakulima waliuza mahindi wapi?"),
    (Clause(FARMERS, VERB["sell"], "future", object=np("maize"), question="when"),
     "When will the farmers sell the maize?", "Wakulima watauza mahindi lini?"),
    (Clause(FARMER, VERB["wait"], "perfect", question="what", place=Place(NOUN["harbor"])),
     "What has the farmer waited for at the harbor?", "Mkulima amesubiri nini bandarini?"),
    (Clause(FARMER, VERB["buy"], object=np("goat", plural=True, determiner="how many"),
            question="how many"),
     "How many goats did the farmer buy?", "Mkulima alinunua mbuzi wangapi?"),
    (Clause(FARMER, VERB["sing"], object=np("song", determiner="a"), question="whether"),
     "Did the farmer sing a song?", "Je, mkulima aliimba wimbo?"),
    (Predication(np("bridge", plural=True), ADJECTIVE["wooden"]),
     "The bridges are wooden.", "Madaraja ni ya mbao."),
    (Predication(np("road", determiner="this"), ADJECTIVE["bad"], tense="past", negative=True),
     "This road was not bad.", "Barabara hii haikuwa mbaya."),
    (Predication(np("song", plural=True), ADJECTIVE["long"], tense="future"),
     "The songs will be long.", "Nyimbo zitakuwa ndefu."),
    (Predication(ASHA, noun=np("nurse", determiner="a"), place=Place(town=KILWA)),
     "Asha is a nurse in Kilwa.", "Asha ni muuguzi huko Kilwa."),
    (Possession(np("school"), np("desk", plural=True, numeral=NUMERAL["ten"], determiner="")),
     "The school has ten desks.", "Shule ina madawati kumi."),
    (Possession(Pronoun("1s"), np("bicycle", determiner="a"), negative=True),
     "I do not have a bicycle.", "Sina baiskeli."),
    (Possession(FARMERS, np("cow", plural=True, determiner="many"), "past"),
     "The farmers had many cows.", "Wakulima walikuwa na ng'ombe wengi."),
    (Clause(FARMER, VERB["plant"], object=np("seed", plural=True, owner=np("teacher"))),
     "The farmer planted the seeds of the teacher.", "Mkulima alipanda mbegu za mwalimu."),
    (Compound(Clause(FARMER, VERB["come"]), CONJUNCTIONS[0],
              Clause(np("rain", determiner=""), VERB["destroy"], object=np("bridge"))),
     "The farmer came but rain destroyed the bridge.",
     "Mkulima alikuja lakini mvua iliharibu daraja."),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "source", "target"), SENTENCES, ids=lambda s: str(s)[:40])
def test_sentences_in_both_languages(sentence, source, target):
    assert text(english.realize(sentence)) == source
    assert text(swahili.realize(sentence)) == target


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("child", "mtoto mdogo, watoto wadogo wawili, mtoto huyu, watoto wale"),
        ("net", "wavu mdogo, nyavu ndogo mbili, wavu huu, nyavu zile"),
        ("project", "mradi mdogo, miradi midogo miwili, mradi huu, miradi ile"),
        ("window", "dirisha dogo, madirisha madogo mawili, dirisha hili, madirisha yale"),
        ("book", "kitabu kidogo, vitabu vidogo viwili, kitabu hiki, vitabu vile"),
        ("house", "nyumba ndogo, nyumba ndogo mbili, nyumba hii, nyumba zile"),
        ("cow", "ng'ombe mdogo, ng'ombe wadogo wawili, ng'ombe huyu, ng'ombe wale"),
        ("leader", "kiongozi mdogo, viongozi wadogo wawili, kiongozi huyu, viongozi wale"),
    ],
)
def test_noun_phrases_agree(noun, expected):
    small = {"adjective": ADJECTIVE["small"]}
    phrases = [
        np(noun, **small),
        np(noun, plural=True, numeral=NUMERAL["two"], **small),
        np(noun, determiner="this"),
        np(noun, plural=True, determiner="that"),
    ]
    said = [text(swahili.realize(Clause(p, VERB["come"]))).split() for p in phrases]
    assert ", ".join(" ".join(words[:-1]).lower() for words in said) == expected


def linked(sentence):
    """The alignment as pairs of words."""
    one, other = english.realize(sentence), swahili.realize(sentence)
    return {(one[i].text, other[j].text) for i, j in links(one, other)}


def test_one_swahili_word_aligns_with_all_that_it_says():
    sentence = Clause(Pronoun("3p"), VERB["read"], "past", True,
                      object=Pronoun("3s", "it", antecedent=NOUN["book"]))  # fmt: skip
    assert linked(sentence) == {
        ("They", "Hawakukisoma"), ("did", "Hawakukisoma"), ("not", "Hawakukisoma"),
        ("read", "Hawakukisoma"), ("it", "Hawakukisoma"), (".", "."),
    }  # fmt: skip


def test_alignment_crosses_where_word_order_differs():
    sentence = Clause(FARMERS, VERB["sell"], object=book(plural=True, determiner="this",
                                                         numeral=NUMERAL["two"]),
                      place=Place(NOUN["market"], KILWA))  # fmt: skip
    assert linked(sentence) == {
        ("The", "Wakulima"), ("farmers", "Wakulima"), ("sold", "waliuza"), ("these", "hivi"),
        ("two", "viwili"), ("big", "vikubwa"), ("books", "vitabu"), ("at", "katika"),
        ("the", "soko"), ("market", "soko"), ("of", "la"), ("Kilwa", "Kilwa"), (".", "."),
    }  # fmt: skip


def test_an_agreeing_prefix_is_not_a_translation_of_its_noun():
    assert linked(Clause(np("doctor"), VERB["treat"], object=np("patient"))) == {
        ("The", "Daktari"), ("doctor", "Daktari"), ("treated", "alimtibu"),
        ("the", "mgonjwa"), ("patient", "mgonjwa"), (".", "."),
    }  # fmt: skip
