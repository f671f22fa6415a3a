"""What the music shop sells: artists, albums, genres, media types, tracks and playlists."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.usecases.demo import names

ARTISTS, ALBUMS, TRACKS, PLAYLISTS = 400, 1_500, 18_000, 60
#: The tracks up to here are in every playlist, those after them up to UNLISTED in none: a sample
#: file says how many of its rows are there already.
FAVOURITES, UNLISTED = 20, 100
_LISTED = 400  #: further tracks in each playlist
_PRICES = (Decimal("0.79"), Decimal("0.99"), Decimal("1.29"), Decimal("1.99"))

_Row = dict[str, Any]


def add_tables(shop: sa.MetaData) -> None:
    """Describe them in `shop`."""
    _named(shop, "genres", "genre_id")
    _named(shop, "media_types", "media_type_id")
    sa.Table(
        "artists",
        shop,
        sa.Column("artist_id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("country", sa.String(60)),
        sa.Column("founded", sa.Integer, sa.CheckConstraint("founded BETWEEN 1900 AND 2100")),
    )
    sa.Table(
        "albums",
        shop,
        sa.Column("album_id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("artist_id", sa.ForeignKey("artists.artist_id"), nullable=False, index=True),
        sa.Column("released", sa.Date, nullable=False),
    )
    _add_tracks(shop)
    sa.Table(
        "playlists",
        shop,
        sa.Column("playlist_id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("created_on", sa.Date, nullable=False),
    )
    sa.Table(
        "playlist_tracks",
        shop,
        sa.Column("playlist_id", sa.ForeignKey("playlists.playlist_id"), primary_key=True),
        sa.Column("track_id", sa.ForeignKey("tracks.track_id"), primary_key=True),
        sa.Column("added_on", sa.Date, nullable=False),
    )


def _named(shop: sa.MetaData, table: str, key: str) -> None:
    sa.Table(
        table,
        shop,
        sa.Column(key, sa.Integer, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
    )


def _add_tracks(shop: sa.MetaData) -> None:
    sa.Table(
        "tracks",
        shop,
        sa.Column("track_id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("album_id", sa.ForeignKey("albums.album_id"), nullable=False),
        sa.Column("position", sa.Integer, sa.CheckConstraint("position > 0"), nullable=False),
        sa.Column("media_type_id", sa.ForeignKey("media_types.media_type_id"), nullable=False),
        sa.Column("genre_id", sa.ForeignKey("genres.genre_id"), nullable=False),
        sa.Column("composer", sa.String(120)),
        sa.Column(
            "milliseconds", sa.Integer, sa.CheckConstraint("milliseconds > 0"), nullable=False
        ),
        sa.Column("price", sa.Numeric(6, 2), sa.CheckConstraint("price >= 0"), nullable=False),
        sa.Column("instrumental", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("album_id", "position"),
    )


def rows(chance: random.Random) -> dict[str, list[_Row]]:
    """The rows of each table, parents first."""
    return {
        "genres": [{"genre_id": i, "name": n} for i, n in enumerate(names.GENRES, 1)],
        "media_types": [
            {"media_type_id": i, "name": n} for i, n in enumerate(names.MEDIA_TYPES, 1)
        ],
        "artists": [
            {"artist_id": i, "name": name, "country": chance.choice(names.PLACES)[1],
             "founded": chance.randrange(1960, 2025)}
            for i, name in enumerate(names.artists(ARTISTS, chance), 1)
        ],
        "albums": [
            {"album_id": i, "title": names.title(chance),
             "artist_id": chance.randrange(1, ARTISTS + 1), "released": _day(chance, 1965)}
            for i in range(1, ALBUMS + 1)
        ],
        "tracks": [track(i, (i - 1) % ALBUMS + 1, (i - 1) // ALBUMS + 1, chance)
                   for i in range(1, TRACKS + 1)],
        "playlists": [
            {"playlist_id": i, "name": name, "created_on": _day(chance, 2020)}
            for i, name in enumerate(names.playlists(PLAYLISTS, chance), 1)
        ],
        "playlist_tracks": list(_listed(chance)),
    }  # fmt: skip


def track(number: int, album: int, position: int, chance: random.Random) -> _Row:
    """One row of tracks. One in five has no composer."""
    return {
        "track_id": number,
        "title": names.title(chance),
        "album_id": album,
        "position": position,
        "media_type_id": chance.randrange(1, len(names.MEDIA_TYPES) + 1),
        "genre_id": chance.randrange(1, len(names.GENRES) + 1),
        "composer": " ".join(names.person(chance)) if chance.random() < 0.8 else None,
        "milliseconds": chance.randrange(45_000, 720_000),
        "price": chance.choice(_PRICES),
        "instrumental": chance.random() < 0.15,
    }


def _listed(chance: random.Random) -> Iterator[_Row]:
    for playlist in range(1, PLAYLISTS + 1):
        drawn = chance.sample(range(UNLISTED + 1, TRACKS + 1), _LISTED)
        for number in (*range(1, FAVOURITES + 1), *drawn):
            yield {"playlist_id": playlist, "track_id": number, "added_on": _day(chance, 2021)}


def _day(chance: random.Random, first_year: int) -> date:
    """A day from that year to the end of 2025."""
    first = date(first_year, 1, 1)
    return first + timedelta(days=chance.randrange((date(2026, 1, 1) - first).days))
