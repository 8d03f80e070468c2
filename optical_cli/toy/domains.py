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
    _frame("plant", "maize beans tree seed coffee"),
    _frame("harvest", "maize beans coffee tomato banana"),
    _frame("irrigate", "tomato tree field coffee"),
    _frame("buy", "hoe seed fertilizer tractor goat cow donkey"),
    _frame("sell", "maize beans milk egg goat chicken honey cow"),
    _frame("dig", "well"),
    _frame("preserve", "maize beans seed harvest"),
    _frame("carry", "water maize milk fertilizer"),
    _frame("repair", "tractor hoe well"),
    _frame("cut", "tree banana"),
    _frame("search", "cow goat donkey water"),
)

HEALTH = _domain(
    "health",
    "doctor nurse expert woman",
    "hospital clinic village school town",
    _frame("treat", "patient child disease wound fever eye", by="doctor nurse"),
    _frame("examine", "patient child blood eye", by="doctor nurse expert"),
    _frame("vaccinate", "child cow goat chicken", by="doctor nurse expert"),
    _frame("distribute", "medicine vaccine bed soap"),
    _frame("bring", "medicine vaccine bed blood"),
    _frame("wash", "wound hand bed", by="doctor nurse woman"),
    _frame("clean", "bed hospital clinic", by="nurse woman worker"),
    _frame("help", "patient child parent"),
    _frame("visit", "patient hospital clinic"),
    _frame("build", "hospital clinic", by="worker leader"),
    _frame("investigate", "disease fever", by="expert researcher doctor"),
    _frame("drink", "medicine water milk tea", by="patient child woman"),
)

WEATHER = _domain(
    "weather",
    "expert farmer fisherman leader worker",
    "village town hill island beach",
    _frame("destroy", "house road bridge roof boat field", by="storm wind rain floods"),
    _frame("cover", "hill town island", by="cloud"),
    _frame("reach", "village town island harbor", by="storm floods drought rain"),
    _frame("break", "tree window door roof", by="wind storm"),
    _frame("delay", "harvest train ship journey election", by="rain storm floods"),
    _frame("kill", "cow goat donkey", by="drought floods"),
    _frame("predict", "rain storm drought floods"),
    _frame("repair", "house roof road bridge"),
    _frame("build", "house bridge"),
    _frame("help", "child woman", by="expert leader farmer"),
)

MARKET = _domain(
    "market",
    "trader customer woman worker",
    "market shop warehouse station village",
    _frame("sell", "cloth shirt shoe basket pot knife rice sugar meat bread lamp",
           by="trader woman"),
    _frame("buy", "cloth shirt shoe basket pot knife rice sugar meat bread mango lamp",
           by="customer woman"),
    _frame("bring", "mango banana tomato onion cloth"),
    _frame("carry", "basket bag pot"),
    _frame("wash", "tomato pot mango"),
    _frame("cook", "meat fish beans rice", by="woman worker"),
    _frame("cut", "meat bread cloth onion"),
    _frame("steal", "money shoe phone bag", by="thief"),
    _frame("lose", "money key bag phone"),
    _frame("reduce", "price", by="trader leader"),
    _frame("make", "basket bread pot"),
    _frame("open", "shop", by="trader woman"),
    _frame("eat", "banana mango bread fish", by="customer worker"),
)  # fmt: skip

SCHOOL = _domain(
    "school",
    "teacher student parent",
    "school classroom library town village",
    _frame("read", "book story letter newspaper map"),
    _frame("write", "letter story answer book"),
    _frame("teach", "lesson language", by="teacher parent"),
    _frame("learn", "language song lesson", by="student child"),
    _frame("buy", "book pen uniform chair map"),
    _frame("clean", "classroom desk library"),
    _frame("draw", "map picture"),
    _frame("answer", "question letter"),
    _frame("ask", "question"),
    _frame("finish", "exam lesson book"),
    _frame("begin", "lesson exam"),
    _frame("win", "prize", by="student teacher"),
    _frame("repair", "desk chair window door roof", by="parent teacher worker"),
    _frame("lose", "pen book key uniform"),
    _frame("carry", "chair desk book bag"),
    _frame("build", "school classroom library", by="parent worker"),
)

FISHING = _domain(
    "fishing",
    "fisherman captain youth",
    "sea harbor beach island river",
    _frame("catch", "fish octopus"),
    _frame("repair", "boat net canoe engine sail"),
    _frame("sell", "fish octopus boat"),
    _frame("buy", "net rope engine ice canoe"),
    _frame("pull", "net boat rope canoe anchor"),
    _frame("throw", "net rope anchor"),
    _frame("clean", "fish boat octopus"),
    _frame("load", "fish ice net rope"),
    _frame("lose", "net boat anchor sail"),
    _frame("search", "fish boat octopus"),
    _frame("make", "net canoe sail"),
    _frame("wait", "boat wind ship"),
)

TRANSPORT = _domain(
    "transport",
    "driver passenger mechanic worker",
    "station road harbor bridge town village",
    _frame("drive", "car bus truck tractor", by="driver mechanic"),
    _frame("repair", "car bus road bridge bicycle engine wheel truck"),
    _frame("wait", "bus train ship airplane", by="passenger"),
    _frame("buy", "ticket car bicycle wheel"),
    _frame("load", "cargo bag basket"),
    _frame("wash", "car bus truck"),
    _frame("cross", "river bridge road"),
    _frame("lose", "ticket cargo bag"),
    _frame("inspect", "ticket bridge bus cargo engine", by="guard mechanic driver"),
    _frame("steal", "bicycle car wheel cargo", by="thief"),
    _frame("begin", "journey"),
    _frame("finish", "journey"),
)

NEWS = _domain(
    "news",
    "journalist minister leader researcher",
    "parliament office town village factory",
    _frame("write", "report speech law"),
    _frame("publish", "report picture news book", by="journalist researcher"),
    _frame("announce", "election law news project", by="minister leader"),
    _frame("discuss", "law tax report project news"),
    _frame("read", "report speech newspaper law"),
    _frame("investigate", "accident price project tax", by="journalist researcher"),
    _frame("open", "meeting bridge road market factory", by="minister leader"),
    _frame("inspect", "project road school factory"),
    _frame("oppose", "law tax project"),
    _frame("count", "vote", by="leader guard"),
    _frame("choose", "leader minister", by="worker woman"),
    _frame("take", "picture", by="journalist researcher"),
    _frame("pay", "tax money", by="worker leader"),
    _frame("begin", "project meeting election"),
)

RADIO = _domain(
    "radio",
    "announcer listener musician singer journalist",
    "studio town village office",
    _frame("listen", "radio song news program interview speech"),
    _frame("sing", "song", by="singer musician"),
    _frame("play", "drum music", by="musician singer"),
    _frame("broadcast", "program song news interview speech", by="announcer journalist"),
    _frame("record", "song program interview voice music"),
    _frame("prepare", "program interview news"),
    _frame("buy", "radio battery drum"),
    _frame("repair", "radio drum"),
    _frame("send", "greetings letter song picture"),
    _frame("receive", "greetings letter prize"),
    _frame("win", "prize", by="musician singer"),
    _frame("read", "news letter", by="announcer journalist"),
)

DOMAINS = (FARMING, HEALTH, WEATHER, MARKET, SCHOOL, FISHING, TRANSPORT, NEWS, RADIO)
