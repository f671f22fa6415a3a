"""A ready example: databases to import into, files to drop, people to be.

    shop      the shop: users, customers, products, orders (rows R40 to R42)
    music     the music shop: eleven tables, a hundred thousand rows
    catalogue what the music shop sells: artists to playlists
    sales     whom it sells to: employees to invoice lines
    names     invented names for all of it
    samples   files to drop in, and what each of them shows
    shop_files, music_files, csv_text   the samples' contents
    people    the accounts, their rights, and their passwords
    databases an SQLite file and the connection to it
    once      files that appear whole, made by the first to come

Everything is made here, with fixed seeds: the same on every machine, but for the passwords.
Making it again leaves what is there alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.usecases.demo import music, shop
from core.usecases.demo.databases import connect_demo
from core.usecases.demo.people import ADMIN, Account, prepare_people
from core.usecases.demo.samples import write_samples

if TYPE_CHECKING:
    from core.model.access import ConnectionInfo
    from core.workspace import Workspace

__all__ = ["Account", "Demo", "prepare_demo", "prepare_shop"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What was made, or was there already."""

    accounts: tuple[Account, ...]  #: the administrator first, if there is one
    connections: tuple[ConnectionInfo, ...]
    files: Path  #: the folder of the sample files; README.txt says what each shows

    @property
    def administrator(self) -> Account | None:
        """None where `admin` is missing: the demo makes it in a house without accounts only."""
        return next((a for a in self.accounts if a.username == ADMIN), None)


def prepare_demo(ws: Workspace) -> Demo:
    """Make the shop, the music shop, their sample files and the accounts.

    What exists is left as it is, and two processes may do this at once. The passwords are made
    once, kept sealed in the home, and told each time: see `people`. Raises ConfigurationError
    when a connection of the demo's name leads elsewhere, and StorageDamaged when the passwords
    were sealed with another master key.
    """
    first = prepare_shop(ws)
    second = connect_demo(ws, music.CONNECTION, music.FILE, music.make)
    accounts = prepare_people(ws)
    return Demo(accounts=accounts, connections=(first, second), files=_files(ws))


def prepare_shop(ws: Workspace) -> ConnectionInfo:
    """The shop and the sample files alone: no accounts, no music. Raises ConfigurationError."""
    made = connect_demo(ws, shop.CONNECTION, shop.FILE, shop.make)
    write_samples(_files(ws))
    return made


def _files(ws: Workspace) -> Path:
    return ws.settings.home / "demo" / "files"
