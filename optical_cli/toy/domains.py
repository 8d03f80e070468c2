"""Who does what to what, and where: the nine domains that passages are about."""

import functools
from dataclasses import dataclass

from optical_cli.toy.lexicon import NOUN, VERB, Noun, Verb


@dataclass(frozen=True)
class Frame:
    """A verb with the nouns that can be its object and, where they are special, its subject."""

    verb: Verb
    objects: tuple[Noun, ...]
    actors: tuple[Noun, ...] = ()


@dataclass(frozen=True)
class Domain:
    """A part of life: its people, its places and what happens there."""

    name: str
    actors: tuple[Noun, ...]
    places: tuple[Noun, ...]
    frames: tuple[Frame, ...]

    @functools.cached_property
    def people(self) -> tuple[Noun, ...]:
        """Everybody who acts here, those of special frames included."""
        special = (noun for frame in self.frames for noun in frame.actors if noun.person)
        return tuple(dict.fromkeys((*self.actors, *special)))

    @functools.cached_property
    def phenomena(self) -> tuple[Noun, ...]:
        """What acts here without being anybody."""
        actors = (noun for frame in self.frames for noun in frame.actors if not noun.person)
        return tuple(dict.fromkeys(actors))


def _nouns(keys: str) -> tuple[Noun, ...]:
    return tuple(NOUN[key] for key in keys.split())


def _frame(verb: str, objects: str, by: str = "") -> Frame:
    return Frame(VERB[verb], _nouns(objects), _nouns(by))


def _domain(name: str, actors: str, places: str, *frames: Frame) -> Domain:
    return Domain(name, _nouns(actors), _nouns(places), frames)


FARMING = _domain(
    "farming",
    "farmer herder woman youth worker",
    "field village river hill market warehouse",
    _frame("plant", "maize beans cassava tree cotton seed", by="farmer woman youth worker"),
    _frame("harvest", "maize beans cassava coffee cotton tomato crop"),
    _frame("irrigate", "tomato tree crop field"),
    _frame("cultivate", "field maize cotton coffee cassava"),
    _frame("buy", "hoe seed fertilizer tractor goat cow donkey sheep"),
    _frame("sell", "maize beans milk egg goat chicken honey cow coffee cotton"),
    _frame("dig", "well"),
    _frame("feed", "cow goat chicken donkey sheep"),
    _frame("milk", "cow goat", by="herder woman youth"),
    _frame("preserve", "maize beans seed harvest"),
    _frame("carry", "water maize milk harvest fertilizer"),
    _frame("repair", "tractor hoe well"),
    _frame("cut", "tree"),
    _frame("search", "cow goat donkey sheep water", by="herder youth"),
)

HEALTH = _domain(
    "health",
    "doctor nurse expert woman",
    "hospital clinic village school town",
    _frame("treat", "patient child disease wound fever eye", by="doctor nurse"),
    _frame("examine", "patient child blood eye leg", by="doctor nurse expert"),
    _frame("vaccinate", "child cow goat chicken", by="doctor nurse expert"),
    _frame("distribute", "medicine vaccine bed soap food"),
    _frame("bring", "medicine vaccine bed blood"),
    _frame("buy", "medicine bed soap"),
    _frame("wash", "wound hand bed", by="doctor nurse woman"),
    _frame("clean", "room bed hospital clinic", by="nurse woman worker"),
    _frame("use", "medicine vaccine soap", by="doctor nurse patient"),
    _frame("help", "patient child elder parent"),
    _frame("visit", "patient hospital clinic"),
    _frame("open", "hospital clinic", by="minister leader doctor"),
    _frame("build", "hospital clinic", by="worker resident"),
    _frame("investigate", "disease fever", by="expert researcher doctor"),
    _frame("drink", "medicine water milk tea", by="patient child woman"),
)

WEATHER = _domain(
    "weather",
    "expert resident farmer fisherman leader",
    "village town hill island mountain",
    _frame("destroy", "house road bridge crop roof boat field", by="storm wind rain floods wave"),
    _frame("cover", "mountain hill town island forest", by="cloud fog"),
    _frame("reach", "village town island harbor", by="storm floods drought rain cold"),
    _frame("close", "road bridge harbor school", by="floods storm rain"),
    _frame("break", "tree window door roof wall", by="wind storm lightning"),
    _frame("delay", "harvest train ship journey election", by="rain storm fog floods"),
    _frame("kill", "cow goat sheep donkey", by="lightning drought floods cold"),
    _frame("fill", "well river lake", by="rain floods"),
    _frame("predict", "rain storm drought floods cold"),
    _frame("repair", "house roof road bridge wall"),
    _frame("build", "house wall bridge"),
    _frame("help", "resident child woman elder", by="expert leader farmer"),
    _frame("count", "house cow goat", by="leader expert"),
)

MARKET = _domain(
    "market",
    "trader seller customer woman man chef",
    "market shop warehouse station kitchen",
    _frame("sell", "cloth shirt shoe basket pot knife rice sugar salt meat bread oil onion lamp",
           by="trader seller woman"),
    _frame("buy", "cloth shirt shoe basket pot knife rice sugar meat bread mango orange mat lamp",
           by="customer woman chef"),
    _frame("weigh", "sugar rice meat salt onion", by="trader seller"),
    _frame("count", "money basket orange coconut egg"),
    _frame("bring", "mango banana tomato onion potato coconut salt cloth"),
    _frame("carry", "basket bag pot oil"),
    _frame("wash", "tomato pot cup mango", by="seller woman chef"),
    _frame("cook", "meat fish beans potato rice", by="woman chef"),
    _frame("cut", "meat bread cloth onion"),
    _frame("steal", "money shoe phone bag", by="thief"),
    _frame("borrow", "money bag knife"),
    _frame("lose", "money key bag phone"),
    _frame("reduce", "price", by="trader seller"),
    _frame("increase", "price", by="trader seller"),
    _frame("make", "basket mat bread pot"),
    _frame("open", "shop", by="trader seller woman"),
    _frame("eat", "banana orange bread fish", by="customer chef"),
)  # fmt: skip

SCHOOL = _domain(
    "school",
    "teacher student parent girl boy",
    "school classroom library town village",
    _frame("read", "book story letter newspaper map"),
    _frame("write", "letter story answer book"),
    _frame("teach", "lesson language", by="teacher parent"),
    _frame("learn", "language song lesson", by="student girl boy"),
    _frame("buy", "book pen uniform chair map"),
    _frame("clean", "classroom desk library"),
    _frame("draw", "map picture"),
    _frame("answer", "question letter"),
    _frame("ask", "question"),
    _frame("correct", "exam answer lesson", by="teacher"),
    _frame("finish", "exam lesson book"),
    _frame("begin", "lesson exam"),
    _frame("win", "prize", by="student girl boy teacher"),
    _frame("repair", "desk chair window door roof", by="parent teacher worker"),
    _frame("lose", "pen book key uniform", by="student girl boy"),
    _frame("carry", "chair desk book bag"),
    _frame("build", "school classroom library", by="parent resident worker"),
)

FISHING = _domain(
    "fishing",
    "fisherman captain sailor youth",
    "sea harbor beach lake island river",
    _frame("catch", "fish octopus shark"),
    _frame("repair", "boat net canoe engine sail dhow oar"),
    _frame("sew", "sail net"),
    _frame("sell", "fish octopus shark boat"),
    _frame("buy", "net hook rope engine ice canoe"),
    _frame("pull", "net boat rope canoe anchor"),
    _frame("throw", "net rope anchor hook"),
    _frame("clean", "fish boat octopus"),
    _frame("dry", "fish net sail"),
    _frame("load", "fish ice net rope"),
    _frame("lose", "net boat anchor oar"),
    _frame("search", "fish shark boat octopus"),
    _frame("make", "net canoe oar"),
    _frame("push", "boat canoe dhow"),
    _frame("wait", "boat dhow wind"),
)

TRANSPORT = _domain(
    "transport",
    "driver passenger traveler mechanic worker",
    "station road harbor bridge town village",
    _frame("drive", "car bus truck tractor", by="driver mechanic"),
    _frame("repair", "car bus road bridge bicycle engine wheel truck", by="mechanic worker driver"),
    _frame("wait", "bus train ship airplane", by="passenger traveler"),
    _frame("buy", "ticket car bicycle wheel"),
    _frame("load", "cargo bag basket"),
    _frame("unload", "cargo truck ship", by="worker driver sailor"),
    _frame("wash", "car bus truck"),
    _frame("cross", "river bridge road"),
    _frame("push", "car bicycle truck"),
    _frame("lose", "ticket cargo bag", by="passenger traveler driver"),
    _frame("stop", "bus car train", by="guard driver worker"),
    _frame("inspect", "ticket bridge bus cargo engine", by="guard mechanic driver"),
    _frame("steal", "bicycle car wheel cargo", by="thief"),
    _frame("hide", "ticket cargo bicycle", by="thief traveler"),
    _frame("begin", "journey", by="driver passenger traveler"),
    _frame("finish", "journey", by="driver passenger traveler"),
    _frame("see", "accident train airplane"),
)

NEWS = _domain(
    "news",
    "journalist minister leader researcher resident",
    "parliament office court town village factory",
    _frame("write", "report speech law"),
    _frame("publish", "report picture news book", by="journalist researcher"),
    _frame("announce", "election law news project", by="minister leader"),
    _frame("discuss", "law tax report project news"),
    _frame("read", "report speech newspaper law"),
    _frame("investigate", "accident price project tax", by="journalist researcher"),
    _frame("open", "meeting bridge road market factory", by="minister leader"),
    _frame("inspect", "project road school factory"),
    _frame("pass", "law tax", by="minister leader"),
    _frame("oppose", "law tax project"),
    _frame("count", "vote", by="leader resident guard"),
    _frame("choose", "leader minister", by="resident"),
    _frame("take", "picture", by="journalist researcher"),
    _frame("pay", "tax money", by="resident leader"),
    _frame("visit", "school factory village court"),
    _frame("begin", "project meeting election"),
)

RADIO = _domain(
    "radio",
    "announcer listener musician singer journalist",
    "studio town village hotel office",
    _frame("listen", "radio song news program interview speech"),
    _frame("sing", "song", by="singer musician"),
    _frame("play", "drum guitar music", by="musician singer"),
    _frame("broadcast", "program song news interview speech", by="announcer journalist"),
    _frame("record", "song program interview voice music"),
    _frame("prepare", "program interview news announcement"),
    _frame("buy", "radio battery guitar drum"),
    _frame("repair", "radio guitar drum"),
    _frame("hear", "news song voice announcement"),
    _frame("send", "greetings letter song picture"),
    _frame("receive", "greetings letter prize"),
    _frame("request", "song program", by="listener"),
    _frame("love", "song program music"),
    _frame("win", "prize", by="musician singer"),
    _frame("read", "news letter announcement", by="announcer journalist"),
)

DOMAINS = (FARMING, HEALTH, WEATHER, MARKET, SCHOOL, FISHING, TRANSPORT, NEWS, RADIO)
