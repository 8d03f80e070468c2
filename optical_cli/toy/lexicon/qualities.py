"""Adjectives, numerals, and the expressions of time and manner."""

from optical_cli.toy.lexicon.entries import Numeral, adjective, phrase

ADJECTIVES = (
    adjective("-kubwa", "big", "large", fits="sized"),
    adjective("-dogo", "small", "little", fits="sized small"),
    adjective("-pya", "new", fits="aged recent"),
    adjective("-a zamani", "old", "ancient", fits="aged"),
    adjective("-zee", "elderly", "aged", fits="elderly"),
    adjective("-zuri", "good", "fine", fits="quality"),
    adjective("-baya", "bad", fits="quality bad"),
    adjective("-refu", "long", fits="long"),
    adjective("-refu", "tall", "high", fits="tall"),
    adjective("-fupi", "short", fits="long tall"),
    adjective("-zito", "heavy", fits="heavy"),
    adjective("-eupe", "white", fits="colored"),
    adjective("-eusi", "black", fits="colored"),
    adjective("-ekundu", "red", fits="colored"),
    adjective("-a kijani", "green", fits="dyed"),
    adjective("ghali", "expensive", "costly", fits="priced"),
    adjective("-a bei nafuu", "cheap", "affordable", fits="priced"),
    adjective("-bichi", "raw", fits="raw"),
    adjective("-bivu", "ripe", fits="ripens"),
    adjective("-bovu", "rotten", "spoiled", fits="ripens rots"),
    adjective("-tamu", "sweet", fits="ripens sweet"),
    adjective("-kavu", "dry", fits="dried"),
    adjective("safi", "clean", fits="clean"),
    adjective("-chafu", "dirty", "filthy", fits="clean"),
    adjective("-a moto", "hot", fits="warm"),
    adjective("-a baridi", "cold", fits="warm"),
    adjective("imara", "sturdy", "strong", fits="sturdy"),
    adjective("-kali", "fierce", "severe", fits="fierce"),
    adjective("-kali", "sharp", fits="sharp"),
    adjective("-gumu", "difficult", "hard", fits="hard"),
    adjective("rahisi", "easy", "simple", fits="hard"),
    adjective("muhimu", "important", "vital", fits="weighty"),
    adjective("maarufu", "famous", "renowned", fits="famous"),
    adjective("-gonjwa", "sick", "ill", fits="sick"),
    adjective("maskini", "poor", fits="poor"),
    adjective("hodari", "skilled", "able", fits="skilled"),
    adjective("-a kigeni", "foreign", fits="foreign"),
    adjective("-a kisasa", "modern", fits="modern"),
    adjective("-a mbao", "wooden", fits="wooden"),
    adjective("-pana", "wide", "broad", fits="wide"),
    adjective("-a hatari", "dangerous", "risky", fits="dangerous"),
)

NUMERALS = (
    Numeral("two", "-wili", 2),
    Numeral("three", "-tatu", 3),
    Numeral("four", "-nne", 4),
    Numeral("five", "-tano", 5),
    Numeral("six", "sita", 6),
    Numeral("ten", "kumi", 10),
)

_ANY = "past present perfect future"

TIMES = (
    phrase("yesterday", "jana", "past"),
    phrase("last:2 week:1", "wiki:1 iliyopita:2", "past"),
    phrase("last:2 month:1", "mwezi:1 uliopita:2", "past"),
    phrase("last:2 year:1", "mwaka:1 jana:2", "past"),
    phrase("today", "leo", _ANY),
    phrase("this:2 week:1", "wiki:1 hii:2", _ANY),
    phrase("this:2 year:1", "mwaka:1 huu:2", _ANY),
    phrase("every:1 day:2", "kila:1 siku:2", "present"),
    phrase("every:1 month:2", "kila:1 mwezi:2", "present"),
    phrase("tomorrow", "kesho", "future"),
    phrase("next:2 week:1", "wiki:1 ijayo:2", "future"),
    phrase("next:2 month:1", "mwezi:1 ujao:2", "future"),
    phrase("next:2 year:1", "mwaka:1 ujao:2", "future"),
    phrase("in the morning", "asubuhi", "past future"),
    phrase("in the afternoon", "alasiri", "past future"),
    phrase("in the evening", "jioni", "past future"),
    phrase("at night", "usiku", "past future"),
    phrase("on Monday", "Jumatatu", "past future"),
    phrase("on Tuesday", "Jumanne", "past future"),
    phrase("on Wednesday", "Jumatano", "past future"),
    phrase("on Thursday", "Alhamisi", "past future"),
    phrase("on Friday", "Ijumaa", "past future"),
    phrase("on Saturday", "Jumamosi", "past future"),
    phrase("on Sunday", "Jumapili", "past future"),
)

MANNERS = (
    phrase("quickly", "haraka"),
    phrase("slowly", "polepole"),
    phrase("well", "vizuri"),
    phrase("again", "tena"),
    phrase("together", "pamoja"),
    phrase("carefully", "kwa uangalifu"),
)

CONJUNCTIONS = (
    phrase("but", "lakini"),
    phrase("because", "kwa sababu"),
    phrase("and:1 then:1", "kisha"),
)
