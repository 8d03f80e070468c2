"""People and animals, and the names of people and towns."""

from optical_cli.toy.lexicon.entries import Name, animal, person

PEOPLE = (
    person("mkulima wakulima", "farmer", "grower", traits="poor skilled elderly"),
    person("mfugaji wafugaji", "herder", traits="poor skilled elderly"),
    person("mvuvi wavuvi", "fisherman fishermen", traits="poor skilled elderly", gender="he"),
    person("nahodha manahodha", "captain", "skipper", traits="skilled elderly foreign"),
    person("mwalimu walimu", "teacher", traits="skilled recent"),
    person("mwanafunzi wanafunzi", "student", "pupil", traits="skilled recent sick"),
    person("mzazi wazazi", "parent", traits="poor elderly"),
    person("mtoto watoto", "child children", "kid", traits="small sick"),
    person("mwanamke wanawake", "woman women", traits="poor elderly sick", gender="she"),
    person("kijana vijana", "youth", traits="poor skilled"),
    person("daktari madaktari", "doctor", "physician", traits="skilled recent foreign"),
    person("muuguzi wauguzi", "nurse", traits="skilled recent"),
    person("mgonjwa wagonjwa", "patient", traits="elderly small"),
    person("mtaalamu wataalamu", "expert", "specialist", traits="foreign famous"),
    person("mfanyabiashara wafanyabiashara", "trader", "merchant", traits="poor foreign"),
    person("mteja wateja", "customer", "client", traits="poor recent"),
    person("mwizi wezi", "thief thieves", "robber", traits="small"),
    person("dereva madereva", "driver", traits="skilled recent"),
    person("abiria abiria", "passenger", traits="elderly foreign"),
    person("fundi mafundi", "mechanic", traits="skilled recent"),
    person("mfanyakazi wafanyakazi", "worker", "laborer", traits="skilled recent"),
    person("mwanahabari wanahabari", "journalist", "reporter", traits="famous foreign"),
    person("waziri mawaziri", "minister", traits="recent famous"),
    person("kiongozi viongozi", "leader", "chief", traits="recent famous elderly"),
    person("mtafiti watafiti", "researcher", "scientist", traits="foreign famous"),
    person("mlinzi walinzi", "guard", traits="recent"),
    person("mtangazaji watangazaji", "announcer", "presenter", traits="famous recent"),
    person("msikilizaji wasikilizaji", "listener", traits="elderly"),
    person("mwimbaji waimbaji", "singer", "vocalist", traits="famous foreign"),
    person("mwanamuziki wanamuziki", "musician", traits="famous foreign"),
)

ANIMALS = (
    animal("ng'ombe", "cow", "ox oxen", traits="sized colored sick priced"),
    animal("mbuzi", "goat", traits="sized colored sick priced"),
    animal("kuku", "chicken", "hen", traits="sized colored sick priced"),
    animal("punda", "donkey", traits="sized sick priced"),
    animal("samaki", "fish fish", traits="sized raw rots dried priced"),
    animal("pweza", "octopus", traits="sized raw priced"),
)

PERSON_NAMES = tuple(
    Name(text, pronoun)
    for pronoun, names in {
        "she": "Asha Neema Rehema Zuhura Halima Amina",
        "he": "Juma Hamisi Baraka Daudi Musa Omari",
    }.items()
    for text in names.split()
)

_TOWN_NAMES = """
    Kilwa Lamu Mombasa Malindi Bagamoyo Mwanza Kisumu Kigoma Arusha Dodoma
"""
TOWNS = tuple(map(Name, _TOWN_NAMES.split()))
