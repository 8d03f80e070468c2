"""Language codes: one canonical code per language, its name and its scripts.

Corpora disagree on codes: Swahili is ``sw``, ``swa`` or ``swh``, Filipino ``fil``, ``tl`` or
``tgl``, and a TMX file adds a region. `canonical` maps them to one, the two-letter code where
there is one; the members of a macrolanguage that people write alike are that macrolanguage.
"""

import functools
import re
from dataclasses import dataclass

# code, three-letter codes of the same language or of members of it, name, scripts (first is usual)
_TABLE = """
af afr Afrikaans Latin
am amh Amharic Ethiopic
an arg Aragonese Latin
ar ara,arb,arz,ary,apc,ajp,acm,acq,aeb,ars,afb Arabic Arabic
as asm Assamese Bengali
ay aym,ayr,ayc Aymara Latin
az aze,azj,azb Azerbaijani Latin,Cyrillic,Arabic
ba bak Bashkir Cyrillic
be bel Belarusian Cyrillic
bg bul Bulgarian Cyrillic
bm bam Bambara Latin
bn ben Bengali Bengali
bo bod,tib Tibetan Tibetan
br bre Breton Latin
bs bos Bosnian Latin,Cyrillic
ca cat Catalan Latin
ceb ceb Cebuano Latin
ckb ckb Sorani Arabic
co cos Corsican Latin
crh crh Crimean-Tatar Latin,Cyrillic
cs ces,cze Czech Latin
cv chv Chuvash Cyrillic
cy cym,wel Welsh Latin
da dan Danish Latin
de deu,ger German Latin
dv div Dhivehi Thaana
dz dzo Dzongkha Tibetan
ee ewe Ewe Latin
el ell,gre Greek Greek
en eng English Latin
eo epo Esperanto Latin
es spa Spanish Latin
et est,ekk Estonian Latin
eu eus,baq Basque Latin
fa fas,per,pes,prs Persian Arabic
ff ful,fuv,fuc,fub Fulah Latin
fi fin Finnish Latin
fo fao Faroese Latin
fr fra,fre French Latin
fy fry Frisian Latin
ga gle Irish Latin
gd gla Scottish-Gaelic Latin
gl glg Galician Latin
gn grn,gug Guarani Latin
gu guj Gujarati Gujarati
ha hau Hausa Latin
haw haw Hawaiian Latin
he heb,iw Hebrew Hebrew
hi hin Hindi Devanagari
hr hrv Croatian Latin
ht hat Haitian-Creole Latin
hu hun Hungarian Latin
hy hye,arm Armenian Armenian
id ind,in Indonesian Latin
ig ibo Igbo Latin
ilo ilo Ilocano Latin
is isl,ice Icelandic Latin
it ita Italian Latin
iu iku,ike Inuktitut Canadian_Aboriginal,Latin
ja jpn Japanese Hiragana,Katakana,Han
jv jav,jw Javanese Latin
ka kat,geo Georgian Georgian
kab kab Kabyle Latin
ki kik Kikuyu Latin
kk kaz Kazakh Cyrillic,Latin
km khm Khmer Khmer
kn kan Kannada Kannada
ko kor Korean Hangul,Han
ks kas Kashmiri Arabic,Devanagari
ku kur,kmr Kurdish Latin,Arabic
ky kir Kyrgyz Cyrillic
la lat Latin Latin
lb ltz Luxembourgish Latin
lg lug Ganda Latin
ln lin Lingala Latin
lo lao Lao Lao
lt lit Lithuanian Latin
luo luo Luo Latin
lv lav,lvs Latvian Latin
mai mai Maithili Devanagari
mg mlg,plt Malagasy Latin
mi mri,mao Maori Latin
mk mkd,mac Macedonian Cyrillic
ml mal Malayalam Malayalam
mn mon,khk Mongolian Cyrillic,Mongolian
mr mar Marathi Devanagari
ms msa,may,zsm,zlm Malay Latin,Arabic
mt mlt Maltese Latin
my mya,bur Burmese Myanmar
ne nep,npi Nepali Devanagari
nl nld,dut Dutch Latin
no nor,nb,nob,nn,nno Norwegian Latin
nso nso Northern-Sotho Latin
ny nya Nyanja Latin
oc oci Occitan Latin
om orm,gaz Oromo Latin
or ori,ory Odia Oriya
pa pan Punjabi Gurmukhi,Arabic
pcm pcm Nigerian-Pidgin Latin
pl pol Polish Latin
ps pus,pbt,pst Pashto Arabic
pt por Portuguese Latin
qu que,quy,quz Quechua Latin
rn run Rundi Latin
ro ron,rum,mo Romanian Latin
ru rus Russian Cyrillic
rw kin Kinyarwanda Latin
sa san Sanskrit Devanagari
sd snd Sindhi Arabic,Devanagari
si sin Sinhala Sinhala
sk slk,slo Slovak Latin
sl slv Slovenian Latin
sm smo Samoan Latin
sn sna Shona Latin
so som Somali Latin
sq sqi,alb,als Albanian Latin
sr srp,sh Serbian Cyrillic,Latin
ss ssw Swati Latin
st sot Southern-Sotho Latin
su sun Sundanese Latin
sv swe Swedish Latin
sw swa,swh,swc Swahili Latin
ta tam Tamil Tamil
te tel Telugu Telugu
tg tgk Tajik Cyrillic
th tha Thai Thai
ti tir Tigrinya Ethiopic
tk tuk Turkmen Latin
tl tgl,fil Tagalog Latin
tn tsn Tswana Latin
tr tur Turkish Latin
ts tso Tsonga Latin
tt tat Tatar Cyrillic,Latin
tw twi,aka,ak Twi Latin
ug uig Uyghur Arabic
uk ukr Ukrainian Cyrillic
ur urd Urdu Arabic
uz uzb,uzn,uzs Uzbek Latin,Cyrillic
ve ven Venda Latin
vi vie Vietnamese Latin
wo wol Wolof Latin
xh xho Xhosa Latin
yi yid,ydd,ji Yiddish Hebrew
yo yor Yoruba Latin
zh zho,chi,cmn,yue,wuu,nan,hak Chinese Han,Bopomofo
zu zul Zulu Latin
"""

# ISO 15924 subtags that a corpus may carry behind the language, as in ``zh-Hans`` or ``sr_Latn``.
_SUBTAG_SCRIPTS = {
    "arab": "Arabic", "beng": "Bengali", "cyrl": "Cyrillic", "deva": "Devanagari",
    "ethi": "Ethiopic", "grek": "Greek", "gujr": "Gujarati", "guru": "Gurmukhi", "hang": "Hangul",
    "hans": "Han", "hant": "Han", "hebr": "Hebrew", "khmr": "Khmer", "latn": "Latin",
    "mymr": "Myanmar", "tfng": "Tifinagh", "thai": "Thai", "tibt": "Tibetan",
}  # fmt: skip


@dataclass(frozen=True)
class Language:
    """A language that we know by name.

    Attributes:
        code: The canonical code.
        aliases: Other codes of it or of its members.
        name: English name.
        scripts: Unicode script names, the usual one first.
    """

    code: str
    aliases: tuple[str, ...]
    name: str
    scripts: tuple[str, ...]


@functools.cache
def known_languages() -> dict[str, Language]:
    """Every language of the table by its canonical code."""
    languages = {}
    for line in _TABLE.strip().split("\n"):
        code, aliases, name, scripts = line.split(" ")
        languages[code] = Language(
            code, tuple(aliases.split(",")), name.replace("-", " "), tuple(scripts.split(","))
        )
    return languages


@functools.cache
def _by_alias() -> dict[str, str]:
    return {
        alias: language.code
        for language in known_languages().values()
        for alias in (language.code, *language.aliases)
    }


def canonical(code: str) -> str:
    """The one code of a language: ``swh``, ``SWA`` and ``sw-KE`` are ``sw``.

    Region and script subtags are dropped; an unknown code is returned in lower case.
    """
    primary = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    return _by_alias().get(primary, primary)


def spellings(code: str) -> frozenset[str]:
    """Every code that means this language, in lower case: what a file may call it."""
    language = known_languages().get(canonical(code))
    aliases = {language.code, *language.aliases} if language else set()
    return frozenset({canonical(code), code.strip().lower(), *aliases})


def same_language(one: str, other: str) -> bool:
    """Whether two codes mean one language, macrolanguages included."""
    return canonical(one) == canonical(other)


def language_name(code: str) -> str:
    """The English name, or the code itself where it is not in the table."""
    language = known_languages().get(canonical(code))
    return language.name if language else code


def scripts_of_language(code: str) -> tuple[str, ...]:
    """Unicode names of the scripts a language is written in; empty where it is not known.

    A script subtag decides: ``sr-Latn`` is Latin alone.
    """
    for subtag in re.split(r"[-_]", code.strip().lower())[1:]:
        if subtag in _SUBTAG_SCRIPTS:
            return (_SUBTAG_SCRIPTS[subtag],)
    language = known_languages().get(canonical(code))
    return language.scripts if language else ()
