"""Files for the music shop."""

from __future__ import annotations

import json
import random
from typing import Any

from core.usecases.demo import catalogue, names, sales
from core.usecases.demo.csv_text import csv_text

_SEED = 20_260_316
_TRACK = (
    "title", "album_id", "position", "media_type_id", "genre_id", "composer", "milliseconds",
    "price",
)  # fmt: skip


def _made_tracks() -> list[dict[str, Any]]:
    """Bonus tracks, far behind the last position of their albums."""
    chance = random.Random(_SEED)  # noqa: S311  made-up rows, no secrets
    return [catalogue.track(n, n, 101, chance) for n in range(1, 61)]


def tracks() -> bytes:
    return csv_text(_TRACK, [[one[name] for name in _TRACK] for one in _made_tracks()])


def tracks_by_genre() -> bytes:
    header = [name.replace("genre_id", "genre") for name in _TRACK]
    rows = [
        [one["position"] + 1 if name == "position" else one[name] for name in _TRACK]
        for one in _made_tracks()
    ]
    at = _TRACK.index("genre_id")
    for row in rows:
        row[at] = names.GENRES[row[at] - 1]
    return csv_text(header, rows)


def invoices() -> bytes:
    chance = random.Random(_SEED)  # noqa: S311  made-up rows, no secrets
    made = [
        {
            "customer_id": chance.randrange(1, sales.CUSTOMERS + 1),
            "invoiced_at": f"2026-02-{day:02d}T{chance.randrange(24):02d}:15:00",
            "currency": chance.choice(sales.CURRENCIES),
            "status": "sent",
            "total": f"{chance.randrange(1, 40)}.{chance.randrange(100):02d}",
        }
        for day in range(1, 29)
    ]
    return json.dumps({"invoices": made}, indent=2).encode()


def playlist_tracks() -> bytes:
    last = catalogue.UNLISTED
    rows = [(catalogue.PLAYLISTS, n, "2026-03-01") for n in range(1, last + 1)]
    return csv_text(("playlist_id", "track_id", "added_on"), rows)
