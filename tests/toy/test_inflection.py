"""Swahili forms against tables written by hand from the grammar."""

import pytest

from optical_cli.toy.grammar.inflection import adjective, infinitive, numeral, relative, verb

# Class:        1        2        3        4        5       6        7        8        9        10
ADJECTIVES = {
    "-kubwa": "mkubwa wakubwa mkubwa mikubwa kubwa makubwa kikubwa vikubwa kubwa kubwa",
    "-dogo": "mdogo wadogo mdogo midogo dogo madogo kidogo vidogo ndogo ndogo",
    "-zuri": "mzuri wazuri mzuri mizuri zuri mazuri kizuri vizuri nzuri nzuri",
    "-refu": "mrefu warefu mrefu mirefu refu marefu kirefu virefu ndefu ndefu",
    "-pya": "mpya wapya mpya mipya jipya mapya kipya vipya mpya mpya",
    "-baya": "mbaya wabaya mbaya mibaya baya mabaya kibaya vibaya mbaya mbaya",
    "-gumu": "mgumu wagumu mgumu migumu gumu magumu kigumu vigumu ngumu ngumu",
    "-bovu": "mbovu wabovu mbovu mibovu bovu mabovu kibovu vibovu mbovu mbovu",
    "-eusi": "mweusi weusi mweusi myeusi jeusi meusi cheusi vyeusi nyeusi nyeusi",
    "-eupe": "mweupe weupe mweupe myeupe jeupe meupe cheupe vyeupe nyeupe nyeupe",
    "-ekundu": "mwekundu wekundu mwekundu myekundu jekundu mekundu chekundu vyekundu nyekundu"
    " nyekundu",
    "-ingi": "mwingi wengi mwingi mingi jingi mengi kingi vingi nyingi nyingi",
    "-tamu": "mtamu watamu mtamu mitamu tamu matamu kitamu vitamu tamu tamu",
    "safi": "safi " * 10,
}


@pytest.mark.parametrize("stem", ADJECTIVES)
def test_adjectives_agree(stem):
    assert [adjective(stem, noun_class) for noun_class in range(1, 11)] == ADJECTIVES[stem].split()


def test_class_eleven_and_fourteen_agree_like_class_three():
    for stem in ADJECTIVES:
        assert adjective(stem, 11) == adjective(stem, 14) == adjective(stem, 3)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("-wili", "wawili miwili mawili viwili mbili"),
        ("-tatu", "watatu mitatu matatu vitatu tatu"),
        ("-nne", "wanne minne manne vinne nne"),
        ("-tano", "watano mitano matano vitano tano"),
        ("-ngapi", "wangapi mingapi mangapi vingapi ngapi"),
        ("sita", "sita sita sita sita sita"),
    ],
)
def test_numerals_agree_and_have_no_prefix_in_class_ten(stem, expected):
    assert [numeral(stem, noun_class) for noun_class in (2, 4, 6, 8, 10)] == expected.split()


# Subject: ni u a tu m wa, then classes 7 ki, 9 i, 10 zi, 6 ya.
SUBJECTS = ["1s", "2s", 1, "1p", "2p", 2, 7, 9, 10, 6]


@pytest.mark.parametrize(
    ("tense", "negative", "expected"),
    [
        ("present", False,
         "ninasoma unasoma anasoma tunasoma mnasoma wanasoma kinasoma inasoma zinasoma yanasoma"),
        ("past", False,
         "nilisoma ulisoma alisoma tulisoma mlisoma walisoma kilisoma ilisoma zilisoma yalisoma"),
        ("future", False,
         "nitasoma utasoma atasoma tutasoma mtasoma watasoma kitasoma itasoma zitasoma yatasoma"),
        ("perfect", False,
         "nimesoma umesoma amesoma tumesoma mmesoma wamesoma kimesoma imesoma zimesoma yamesoma"),
        ("present", True,
         "sisomi husomi hasomi hatusomi hamsomi hawasomi hakisomi haisomi hazisomi hayasomi"),
        ("past", True,
         "sikusoma hukusoma hakusoma hatukusoma hamkusoma hawakusoma hakikusoma haikusoma"
         " hazikusoma hayakusoma"),
        ("future", True,
         "sitasoma hutasoma hatasoma hatutasoma hamtasoma hawatasoma hakitasoma haitasoma"
         " hazitasoma hayatasoma"),
        ("perfect", True,
         "sijasoma hujasoma hajasoma hatujasoma hamjasoma hawajasoma hakijasoma haijasoma"
         " hazijasoma hayajasoma"),
    ],
)  # fmt: skip
def test_verbs_agree_in_every_tense(tense, negative, expected):
    forms = [verb("soma", subject, tense, negative=negative) for subject in SUBJECTS]
    assert forms == expected.split()


def test_negative_present_keeps_the_vowel_of_arabic_verbs():
    assert verb("safiri", 2, "present", negative=True) == "hawasafiri"
    assert verb("haribu", 9, "present", negative=True) == "haiharibu"


@pytest.mark.parametrize(
    ("stem", "subject", "object", "expected"),
    [
        ("soma", 2, 7, "walikisoma"),
        ("soma", 2, 8, "walivisoma"),
        ("nunua", 1, 5, "alilinunua"),
        ("nunua", 1, 9, "aliinunua"),
        ("nunua", 1, 10, "alizinunua"),
        ("tibu", 1, 1, "alimtibu"),
        ("tibu", 1, 2, "aliwatibu"),
        ("ona", 1, 1, "alimwona"),
        ("uliza", "1s", 1, "nilimuuliza"),
        ("ona", 2, "1p", "walituona"),
    ],
)
def test_object_prefixes(stem, subject, object, expected):
    assert verb(stem, subject, "past", object=object) == expected


@pytest.mark.parametrize(
    ("stem", "tense", "options", "expected"),
    [
        ("la", "past", {}, "walikula"),
        ("la", "present", {}, "wanakula"),
        ("nywa", "perfect", {}, "wamekunywa"),
        ("ja", "future", {}, "watakuja"),
        ("la", "past", {"object": 7}, "walikila"),
        ("la", "past", {"negative": True}, "hawakula"),
        ("la", "present", {"negative": True}, "hawali"),
        ("nywa", "present", {"negative": True}, "hawanywi"),
        ("la", "future", {"negative": True}, "hawatakula"),
        ("la", "perfect", {"negative": True}, "hawajala"),
    ],
)
def test_monosyllabic_verbs_keep_ku_where_the_stress_needs_it(stem, tense, options, expected):
    assert verb(stem, 2, tense, monosyllabic=True, **options) == expected


@pytest.mark.parametrize(
    ("stem", "noun_class", "tense", "expected"),
    [
        ("soma", 1, "past", "aliyesoma"),
        ("soma", 2, "past", "waliosoma"),
        ("uza", 1, "present", "anayeuza"),
        ("uza", 2, "present", "wanaouza"),
        ("jenga", 1, "future", "atakayejenga"),
        ("jenga", 2, "future", "watakaojenga"),
        ("haribu", 9, "past", "iliyoharibu"),
        ("haribu", 6, "past", "yaliyoharibu"),
    ],
)
def test_relative_verbs(stem, noun_class, tense, expected):
    assert relative(stem, noun_class, tense) == expected


def test_relatives_of_monosyllabic_verbs_and_with_objects():
    assert relative("la", 1, "past", monosyllabic=True) == "aliyekula"
    assert relative("tibu", 1, "past", object=2) == "aliyewatibu"
    assert relative("ona", 2, "present", object=1) == "wanaomwona"


def test_infinitives():
    forms = [infinitive("soma"), infinitive("enda"), infinitive("la")]
    assert forms == ["kusoma", "kwenda", "kula"]
    assert infinitive("tibu", object=1) == "kumtibu"
