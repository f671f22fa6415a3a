"""Files to drop in, and README.txt, which says what each shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.usecases.demo import catalogue, music_files, shop_files
from core.usecases.demo.once import make_once


def write_samples(folder: Path) -> None:
    """Write every sample that is not there yet, and README.txt."""
    for name, made in _SAMPLES.items():
        make_once(folder / name, _writer(made))


def _writer(made: Callable[[], bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(made())

    return write


_README = """\
Files for the demo of Tableport

Sign in, open Data Import, choose the connection and the table, drop the file.
`tableport demo` prints the accounts and their passwords.

Connection demo: the shop
-------------------------
users.csv              table users. 5 rows, all good.
products.csv           table products. 10 rows, all good. Sign in as analyst: it waits until
                       reviewer approves it under Jobs.
orders.csv             table orders. {orders} rows, all good.
customers.json         table customers. 5 rows, all good, in a list called customers.
orders_with_errors.csv table orders. {orders} rows under other names, with days first, thousands
                       marks and yes/no; {good} good, {bad} with one wrong cell each:
{faults}
                       Load the valid rows, download the rejected ones, mend them, drop them in.
customers_messy.csv    table customers. Semicolons, Windows-1252, two lines before the header,
                       blank lines, quoted semicolons, decimal commas, two columns named Phone
                       (the second is shown under another name, and feeds nothing).
                       11 rows: 10 good, and row 10 (id 310), which ends early, is rejected.

Connection music: the music shop
--------------------------------
Here analyst may only look and export; import as reviewer or admin.

tracks.csv             table tracks. 60 rows, all good: numbers of albums, media types and genres.
tracks_by_genre.csv    table tracks. The same 60 a position later, with names of genres where the
                       table wants their numbers. Map genre to genre_id and look it up by name:
                       all 60 are good then, and each row gets the number of its genre.
invoices.json          table invoices. 28 rows, all good: dates with times, exact amounts.
playlist_tracks.csv    table playlist_tracks, whose key is two columns. 100 rows, of which {known}
                       are there already: choose to skip or to update those.
"""


def _readme() -> bytes:
    faults = (
        f"                         row {f.row}, {f.column}: {f.cell or 'nothing'} ({f.reason})"
        for f in shop_files.FAULTS
    )
    text = _README.format(
        orders=shop_files.ORDERS,
        good=shop_files.ORDERS - len(shop_files.FAULTS),
        bad=len(shop_files.FAULTS),
        faults="\n".join(faults),
        known=catalogue.FAVOURITES,
    )
    return text.encode()


_SAMPLES: dict[str, Callable[[], bytes]] = {
    "README.txt": _readme,
    "users.csv": shop_files.users,
    "products.csv": shop_files.products,
    "orders.csv": shop_files.orders,
    "customers.json": shop_files.customers,
    "orders_with_errors.csv": shop_files.orders_with_errors,
    "customers_messy.csv": shop_files.customers_messy,
    "tracks.csv": music_files.tracks,
    "tracks_by_genre.csv": music_files.tracks_by_genre,
    "invoices.json": music_files.invoices,
    "playlist_tracks.csv": music_files.playlist_tracks,
}
