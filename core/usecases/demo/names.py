"""Names for the music shop, every one made up from lists of words: no real catalogue is copied."""

from __future__ import annotations

import random
from itertools import product

_MOODS = (
    "Amber", "Borrowed", "Brass", "Chalk", "Copper", "Crooked", "Distant", "Drowsy", "Feathered",
    "Gentle", "Hollow", "Inky", "Jagged", "Lantern-lit", "Left-handed", "Mossy", "Nettle",
    "Paper", "Quiet", "Rusty", "Salted", "Tangled", "Unhurried", "Woollen",
)  # fmt: skip
_THINGS = (
    "Almanacs", "Anchors", "Attics", "Barometers", "Bicycles", "Cartographers", "Chimneys",
    "Ferries", "Gardeners", "Herons", "Kettles", "Ladders", "Lighthouses", "Magpies", "Mittens",
    "Orchards", "Otters", "Pianolas", "Postcards", "Railings", "Saucers", "Semaphores",
    "Teaspoons", "Weathervanes",
)  # fmt: skip
_PLACES = (
    "by the Canal", "after Supper", "at Low Tide", "in the Rafters", "on Platform Nine",
    "under Snow", "before the Ferry", "behind the Bakery", "past Midnight", "without a Map",
)  # fmt: skip
_FIRST = (
    "Adaeze", "Bruno", "Céline", "Dragan", "Elif", "Fionn", "Greta", "Hamza", "Ingrid", "Jörg",
    "Kaori", "Łukasz", "Mireia", "Nadia", "Óscar", "Priya", "Quentin", "Rosa", "Søren", "Tadeo",
    "Uma", "Vilma", "Wanda", "Xenia", "Yusuf", "Zofia",
)  # fmt: skip
_LAST = (
    "Abernoth", "Birkendahl", "Castelmar", "Dunwhistle", "Eskelund", "Farrowgate", "Grünspahn",
    "Hollenbrück", "Ibarrondo", "Jantzenko", "Kestrelby", "Lindqvale", "Morrowfield", "Nakahoshi",
    "Oyelarin", "Pellingham", "Quistgard", "Rosenthorn", "Szarowicz", "Tamberlane", "Underhay",
    "Vandermoor", "Wexcombe", "Ylmazer", "Zeltenbach",
)  # fmt: skip
#: Countries of the places below, and what they pay with.
PLACES = (
    ("Rotterdam", "Netherlands", "EUR"), ("Valencia", "Spain", "EUR"),
    ("Leipzig", "Germany", "EUR"), ("Turku", "Finland", "EUR"), ("Leeds", "United Kingdom", "GBP"),
    ("Dundee", "United Kingdom", "GBP"), ("Portland", "United States", "USD"),
    ("Tulsa", "United States", "USD"), ("Basel", "Switzerland", "CHF"),
)  # fmt: skip
GENRES = (
    "Attic Rock", "Barge Blues", "Brass Folk", "Canal Jazz", "Cellar Soul", "Clockwork Techno",
    "Dockside Ska", "Garden Pop", "Glasshouse Ambient", "Harbour Choir", "Kitchen Disco",
    "Loom House", "Night-bus Electro", "Parlour Waltz", "Railway Country", "Rooftop Hip-hop",
    "Snowbound Drone", "Tin Whistle Metal",
)  # fmt: skip
MEDIA_TYPES = ("Lossless download", "Compressed download", "Vinyl", "Compact disc", "Cassette")


def artists(count: int, chance: random.Random) -> list[str]:
    """So many names of bands, no two alike; at most 576."""
    found = [f"The {mood} {thing}" for mood, thing in product(_MOODS, _THINGS)]
    return chance.sample(found, count)


def title(chance: random.Random) -> str:
    """Of an album or a track."""
    mood, thing, place = chance.choice(_MOODS), chance.choice(_THINGS), chance.choice(_PLACES)
    return chance.choice((f"{mood} {thing}", f"{thing} {place}", f"{mood} {thing} {place}"))


def person(chance: random.Random) -> tuple[str, str]:
    """A first and a last name."""
    return chance.choice(_FIRST), chance.choice(_LAST)


def playlists(count: int, chance: random.Random) -> list[str]:
    """So many names of playlists, no two alike; at most 240."""
    found = [f"{thing} {place}" for thing, place in product(_THINGS, _PLACES)]
    return chance.sample(found, count)
