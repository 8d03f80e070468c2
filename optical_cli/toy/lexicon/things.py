"""Things: what is grown, sold, mended, read, and what the sky sends."""

from optical_cli.toy.lexicon.entries import always_plural, mass, noun

CROPS = (
    mass("mahindi", 6, "maize", "corn", traits="quality dried priced"),
    always_plural("maharagwe", 6, "beans", traits="quality dried priced"),
    mass("mchele", 3, "rice", traits="quality priced"),
    mass("kahawa", 9, "coffee", traits="quality priced dried"),
    noun("ndizi", 9, "banana", traits="ripens"),
    noun("embe maembe", 5, "mango mangoes", traits="ripens"),
    noun("nyanya", 9, "tomato", traits="ripens"),
    noun("kitunguu vitunguu", 7, "onion", traits="sized rots"),
    noun("mbegu", 9, "seed", traits="quality priced dried"),
    mass("mbolea", 9, "fertilizer", traits="quality priced"),
    mass("mavuno", 6, "harvest", traits="quality sized"),
    noun("mti miti", 3, "tree", traits="tall dried"),
)

FOOD = (
    mass("maji", 6, "water", traits="warm clean"),
    mass("maziwa", 6, "milk", traits="warm raw"),
    mass("chai", 9, "tea", traits="warm sweet"),
    mass("asali", 9, "honey", traits="sweet priced"),
    mass("sukari", 9, "sugar", traits="priced clean"),
    mass("nyama", 9, "meat", traits="raw rots priced dried"),
    mass("mkate", 3, "bread", traits="warm dried"),
    noun("yai mayai", 5, "egg", traits="rots raw priced"),
)

GOODS = (
    noun("jembe majembe", 5, "hoe", traits="aged sharp priced"),
    noun("trekta matrekta", 5, "tractor", traits="aged sized modern"),
    noun("kitambaa vitambaa", 7, "cloth", "fabric", traits="colored dyed priced clean"),
    noun("shati mashati", 5, "shirt", traits="colored dyed aged clean"),
    noun("kiatu viatu", 7, "shoe", traits="colored dyed aged clean"),
    noun("kikapu vikapu", 7, "basket", traits="sized heavy aged"),
    noun("mfuko mifuko", 3, "bag", "sack", traits="sized heavy colored dyed"),
    noun("chungu vyungu", 7, "pot", traits="sized clean aged"),
    noun("kisu visu", 7, "knife knives", traits="sharp sized"),
    noun("taa", 9, "lamp", traits="aged priced modern"),
    mass("sabuni", 9, "soap", traits="priced"),
    noun("ufunguo funguo", 11, "key", traits="sized aged"),
    mass("pesa", 9, "money", "cash"),
    noun("bei", 9, "price"),
    noun("simu", 9, "phone", traits="aged priced modern"),
    noun("nyumba", 9, "house", traits="sized aged wooden modern"),
    noun("mlango milango", 3, "door", traits="wooden aged sturdy"),
    noun("dirisha madirisha", 5, "window", traits="sized aged"),
    noun("paa mapaa", 5, "roof", traits="aged"),
    noun("kitanda vitanda", 7, "bed", traits="clean wooden aged"),
    noun("kisima visima", 7, "well", traits="aged"),
)

HEALTH = (
    noun("dawa", 9, "medicine", "drug", traits="aged priced"),
    noun("chanjo", 9, "vaccine", traits="aged modern priced"),
    noun("ugonjwa magonjwa", 14, "disease", "illness", traits="dangerous aged"),
    noun("jeraha majeraha", 5, "wound", "injury", traits="sized clean dangerous"),
    mass("homa", 9, "fever", traits="fierce dangerous"),
    mass("damu", 9, "blood"),
    noun("jicho macho", 5, "eye"),
    noun("mkono mikono", 3, "hand", traits="clean"),
)

SCHOOL = (
    noun("kitabu vitabu", 7, "book", traits="aged sized long hard"),
    noun("barua", 9, "letter", traits="long weighty"),
    noun("hadithi", 9, "story", "tale", traits="long aged quality"),
    noun("gazeti magazeti", 5, "newspaper", traits="aged famous"),
    noun("kalamu", 9, "pen", traits="aged colored dyed priced"),
    noun("kiti viti", 7, "chair", traits="wooden aged sturdy"),
    noun("dawati madawati", 5, "desk", traits="wooden aged sturdy"),
    noun("sare", 9, "uniform", traits="colored dyed aged priced"),
    noun("somo masomo", 5, "lesson", traits="hard weighty long"),
    noun("mtihani mitihani", 3, "exam", "test", traits="hard weighty long"),
    noun("swali maswali", 5, "question", traits="hard weighty"),
    noun("jibu majibu", 5, "answer", "reply", traits="long quality"),
    noun("lugha", 9, "language", traits="hard foreign"),
    noun("ramani", 9, "map", traits="sized aged"),
    noun("tuzo", 9, "prize", "award", traits="weighty sized"),
)

SEA = (
    noun("mashua", 9, "boat", traits="sized aged sturdy wooden priced"),
    noun("mtumbwi mitumbwi", 3, "canoe", traits="sized aged wooden"),
    noun("meli", 9, "ship", "vessel", traits="sized aged modern"),
    noun("wavu nyavu", 11, "net", traits="sized aged heavy"),
    noun("kamba", 9, "rope", traits="long sturdy aged"),
    noun("tanga matanga", 5, "sail", traits="colored dyed aged sized"),
    noun("nanga", 9, "anchor", traits="heavy aged"),
    mass("barafu", 9, "ice"),
    noun("injini", 9, "engine", "motor", traits="aged modern heavy"),
)

TRAVEL = (
    noun("gari magari", 5, "car", "automobile", traits="colored dyed aged modern priced"),
    noun("basi mabasi", 5, "bus", traits="sized aged colored dyed"),
    noun("lori malori", 5, "truck", "lorry", traits="sized aged heavy"),
    noun("treni", 9, "train", traits="long aged modern"),
    noun("baiskeli", 9, "bicycle", "bike", traits="colored dyed aged priced"),
    noun("ndege", 9, "airplane", "plane", traits="sized aged modern"),
    noun("tiketi", 9, "ticket", traits="priced aged"),
    noun("mzigo mizigo", 3, "cargo", traits="heavy sized"),
    noun("gurudumu magurudumu", 5, "wheel", traits="aged sized heavy"),
    noun("safari", 9, "journey", "trip", traits="long hard dangerous"),
    noun("ajali", 9, "accident", "crash", traits="sized dangerous"),
)

NEWS = (
    mass("habari", 10, "news", traits="weighty quality aged"),
    noun("ripoti", 9, "report", traits="long weighty aged"),
    noun("mkutano mikutano", 3, "meeting", "assembly", traits="long weighty"),
    noun("uchaguzi chaguzi", 11, "election", traits="weighty recent"),
    noun("sheria", 9, "law", traits="weighty aged hard"),
    noun("kodi", 9, "tax", traits="aged sized"),
    noun("mradi miradi", 3, "project", "scheme", traits="sized aged weighty"),
    noun("hotuba", 9, "speech", "address", traits="long weighty"),
    noun("kura", 9, "vote"),
    noun("picha", 9, "picture", "photograph", traits="aged sized"),
)

RADIO = (
    noun("redio", 9, "radio", traits="sized aged modern priced"),
    noun("betri", 9, "battery", traits="aged priced"),
    noun("kipindi vipindi", 7, "program", "broadcast", traits="long aged famous weighty"),
    noun("wimbo nyimbo", 11, "song", traits="long aged famous sweet"),
    mass("muziki", 3, "music", traits="aged famous sweet"),
    noun("ngoma", 9, "drum", traits="sized aged"),
    noun("sauti", 9, "voice", traits="sweet"),
    always_plural("salamu", 10, "greetings", traits="sweet"),
    noun("mahojiano", 6, "interview", traits="long weighty"),
)

WEATHER = (
    mass("mvua", 9, "rain", traits="sized"),
    mass("upepo", 11, "wind", traits="fierce warm"),
    noun("dhoruba", 9, "storm", "tempest", traits="sized fierce dangerous"),
    always_plural("mafuriko", 6, "floods", traits="sized dangerous"),
    mass("ukame", 14, "drought", traits="sized fierce"),
    noun("wingu mawingu", 5, "cloud", traits="sized heavy"),
)

THINGS = (*CROPS, *FOOD, *GOODS, *HEALTH, *SCHOOL, *SEA, *TRAVEL, *NEWS, *RADIO, *WEATHER)
