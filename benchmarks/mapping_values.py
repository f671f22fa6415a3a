"""Values such as files of many trades hold, made by a seed."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

_FIRST = (
    "Anna Ben Carla David Elif Farid Greta Hugo Ines Jonas Katrin Luca Maria Nils Olga Paolo Quinn"
    " Rosa Sven Tara Umar Vera Wim Xenia Yusuf Zoe Amir Bianca Cem Dora Emil Fatima Goran Hanna"
    " Ivan Julia Karim Lena Marco Nora Oskar Petra Rafael Sofia Tomas Ute Victor Wanda"
)
_LAST = (
    "Abbott Becker Costa Dubois Evans Fischer Garcia Hansen Ito Jansen Kowalski Lopez Meyer Novak"
    " Olsen Peeters Quist Rossi Schmidt Tanaka Ueda Vogel Weber Xu Young Zimmer Andersson Brandt"
    " Carvalho Dietrich Eriksen Ferrari Gruber Hoffmann Ivanova Johansson Keller Lindgren Moreau"
    " Nowak Oliveira Petrov Ramos Santos Thomsen Urban Vidal Wagner Yilmaz Zeller"
)
_CITIES = (
    "Berlin Paris Madrid Lisbon Rome Vienna Oslo Prague Dublin Athens Warsaw Zurich Geneva Lyon"
    " Porto Milan Turin Ghent Bruges Utrecht Leiden Graz Linz Bergen Malmo Aarhus Tampere Riga"
    " Tallinn Vilnius Krakow Gdansk Brno Sofia Varna Split Zagreb Maribor Valencia Sevilla Bilbao"
)
_COUNTRIES = "Germany France Spain Portugal Italy Austria Norway Ireland Greece Poland Switzerland"
_STREETS = "Main Oak Station Church Park Mill High Garden River Castle Bridge Market Lake Hill"
_TRADES = "Foods Logistics Energy Media Textiles Systems Motors Partners Labs Trading"
_THINGS = "Garden Winter Silent River Glass Paper Northern Golden Lost Broken Second Hidden"
_NOUNS = "House Story Letter Song Plan Journey Window Table Market Harbour Machine Island"
_TALK = (
    "the customer called again about delivery please check before sending wants a window seat late"
    " arrival expected paid in cash no answer by phone see letter of last week urgent follow up"
)
_DEPARTMENTS = "Sales Marketing Finance Legal Research Support Purchasing Facilities Security"
_ROOMS = "Single Double Twin Suite Family Deluxe Penthouse Studio"


class Maker:
    """Values of one table, one after the other."""

    def __init__(self, seed: int, parents: dict[str, list[str]]) -> None:
        self._random = random.Random(seed)
        self._parents = parents
        self._serial = 0

    def row(self, kinds: list[str]) -> list[str]:
        self._serial += 1
        return [self.value(kind) for kind in kinds]

    def value(self, kind: str) -> str:
        name, *options = kind.split()
        return _MAKERS[name](self, options)

    def pick(self, words: str) -> str:
        return self._random.choice(words.split())

    def person(self, _: list[str]) -> str:
        return f"{self.pick(_FIRST)} {self.pick(_LAST)}"

    def serial(self, _: list[str]) -> str:
        return str(1000 + self._serial)

    def email(self, _: list[str]) -> str:
        name = f"{self.pick(_FIRST)}.{self.pick(_LAST)}{self._serial}".lower()
        return f"{name}@{self.pick('mail.example post.example web.example')}"

    def phone(self, _: list[str]) -> str:
        area, number = self._random.randint(20, 99), self._random.randint(10**6, 10**7 - 1)
        return f"+{area} {self._random.randint(100, 999)} {number}"

    def day(self, options: list[str]) -> str:
        first, last = (int(option) for option in options)
        days = self._random.randrange((last - first) * 365)
        return (date(first, 1, 1) + timedelta(days=days)).isoformat()

    def moment(self, options: list[str]) -> str:
        seconds = self._random.randrange(86_400)
        moment = datetime.fromisoformat(self.day(options)) + timedelta(seconds=seconds)
        return moment.isoformat(sep=" ")

    def money(self, options: list[str]) -> str:
        low, high = (float(option) for option in options)
        return f"{low + (high - low) * self._random.random() ** 2:.2f}"

    def figure(self, options: list[str]) -> str:
        low, high = (float(option) for option in options)
        return f"{self._random.uniform(low, high):.1f}"

    def whole(self, options: list[str]) -> str:
        low, high = (int(option) for option in options)
        return str(self._random.randint(low, high))

    def hundreds(self, _: list[str]) -> str:
        return str(100 * self._random.randint(0, 30))

    def rate(self, _: list[str]) -> str:
        return f"{self._random.uniform(0.1, 6):.3f}"

    def one(self, options: list[str]) -> str:
        return self._random.choice(options)

    def among(self, options: list[str]) -> str:
        return self.one(options)

    def code(self, options: list[str]) -> str:
        letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
        made = {"9": lambda: str(self._random.randint(0, 9))}
        made["A"] = lambda: self._random.choice(letters)
        return "".join(made[c]() if c in made else c for c in options[0])

    def flag(self, _: list[str]) -> str:
        return self._random.choice(("true", "true", "false"))

    def street(self, _: list[str]) -> str:
        return f"{self.pick(_STREETS)} Street {self._random.randint(1, 180)}"

    def company(self, _: list[str]) -> str:
        return f"{self.pick(_LAST)} {self.pick(_TRADES)}"

    def product(self, _: list[str]) -> str:
        return f"The {self.pick(_THINGS)} {self.pick(_NOUNS)}"

    def prose(self, _: list[str]) -> str:
        words = [self.pick(_TALK) for _ in range(self._random.randint(4, 11))]
        return " ".join(words).capitalize()

    def uuid(self, _: list[str]) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def url(self, _: list[str]) -> str:
        return f"https://help.example/{self.pick(_NOUNS).lower()}/{self._random.randint(1, 9999)}"

    def parent(self, options: list[str]) -> str:
        return self._random.choice(self._parents[options[0]])


_KINDS = """
person serial email phone day moment money figure whole hundreds rate one among code flag
street company product prose uuid url parent
"""
_POOLS = {
    "first": _FIRST,
    "last": _LAST,
    "city": _CITIES,
    "country": _COUNTRIES,
    "department": _DEPARTMENTS,
    "room": _ROOMS,
}


def _from_pool(words: str) -> Callable[[Maker, list[str]], str]:
    return lambda maker, _: maker.pick(words)


_MAKERS: dict[str, Callable[[Maker, list[str]], str]] = {
    name: getattr(Maker, name) for name in _KINDS.split()
}
_MAKERS |= {name: _from_pool(words) for name, words in _POOLS.items()}
