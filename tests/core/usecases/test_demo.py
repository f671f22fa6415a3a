"""The demo: made once, the same each time, and every sample does what its README says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from core.errors import ActionDenied, ConfigurationError, ImportDenied, NotSignedIn, StorageDamaged
from core.keys import passwords
from core.model.access import CHANGE_ACTIONS, Action, Identity, Role
from core.model.job import Job, JobStatus
from core.model.mapping import FieldMapping, Lookup
from core.model.plan import ImportPlan, OnConflict, OnErrors
from core.model.table import Kind
from core.settings import Settings
from core.usecases import (
    access,
    approvals,
    connections,
    findings,
    imports,
    local,
    rights,
    sessions,
    users,
)
from core.usecases.demo import Demo, people, prepare_demo, prepare_shop
from core.usecases.demo.once import make_once
from core.usecases.demo.people import prepare_people
from core.usecases.demo.shop_files import FAULTS
from core.usecases.targets import reflected
from core.workspace import Workspace, open_workspace
from tests.core.usecases.conftest import LOCAL, upload


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Demo]]:
    """A demo, made once for this module: its tests load different rows."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch, open_workspace(Settings(home=home)) as ws:
        for module in (people, users):
            patch.setattr(module, "hash_password", partial(passwords.hash_password, cost=4))
        yield ws, prepare_demo(ws)


@pytest.fixture(autouse=True)
def cheap_demo_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "hash_password", partial(passwords.hash_password, cost=4))


@pytest.fixture
def demo_ws(house: tuple[Workspace, Demo]) -> Workspace:
    return house[0]


@pytest.fixture
def demo(house: tuple[Workspace, Demo]) -> Demo:
    return house[1]


def told(ws: Workspace) -> dict[str, str | None]:
    return {account.username: account.password for account in prepare_people(ws)}


def signed_in(ws: Workspace, demo: Demo, username: str) -> Identity:
    account = next(a for a in demo.accounts if a.username == username)
    assert account.password is not None
    who = sessions.resolve(ws, sessions.sign_in(ws, username, account.password))
    assert who is not None
    return who


def load(
    ws: Workspace,
    who: Identity,
    content: bytes,
    name: str,
    place: str,
    *,
    on_conflict: OnConflict = OnConflict.ERROR,
) -> Job:
    """Import bytes into `connection.table` as proposed, and carry it out."""
    connection, table = place.split(".")
    job = imports.draft_import(
        ws, who, upload_id=upload(ws, who, content, name), table=table, connection=connection
    )
    job = imports.start_import(
        ws, who, job.job_id, on_errors=OnErrors.LOAD_VALID, on_conflict=on_conflict
    )
    return local.run_here(ws, job.job_id) if job.queued else job


# ---------------------------------------------------------------- the databases
def test_the_music_shop_has_a_hundred_thousand_rows_and_no_loose_end(demo_ws: Workspace) -> None:
    with demo_ws.engine("music").connect() as db:
        tables = sa.inspect(db).get_table_names()
        counts = [
            db.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
            for name in tables
        ]
        assert len(tables) >= 11
        assert sum(counts) >= 100_000
        assert db.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        wrong = db.exec_driver_sql(
            "SELECT count(*) FROM invoices AS i JOIN (SELECT invoice_id, sum(price * quantity) AS s"
            " FROM invoice_lines GROUP BY 1) AS l USING (invoice_id) WHERE round(s - total, 2) <> 0"
        ).scalar_one()
    assert wrong == 0


def test_the_music_shop_has_something_of_every_kind(demo_ws: Workspace) -> None:
    invoices = reflected(demo_ws, "music", "invoices")
    assert invoices.column("invoiced_at").kind is Kind.DATETIME
    assert invoices.column("total").scale == 2
    assert invoices.column("currency").choices == ("EUR", "GBP", "USD", "CHF")
    assert invoices.foreign_keys[0].target_table == "customers"
    employees = reflected(demo_ws, "music", "employees")
    assert employees.foreign_keys[0].target_table == "employees"
    assert employees.column("hired_on").kind is Kind.DATE
    assert reflected(demo_ws, "music", "playlist_tracks").primary_key == ("playlist_id", "track_id")


def test_making_it_again_changes_nothing(demo_ws: Workspace, demo: Demo) -> None:
    folder = demo_ws.settings.home / "demo"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert prepare_demo(demo_ws) == demo
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert [c.name for c in demo.connections] == ["demo", "music"]


def test_two_processes_may_make_it_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    start = Barrier(2)

    def make(_: int) -> tuple[list[str], dict[str, str | None]]:
        with open_workspace(Settings(home=home)) as ws:
            start.wait()
            prepare_shop(ws)
            return [c.name for c in connections.list_connections(ws, LOCAL)], told(ws)

    home.mkdir(mode=0o700)
    open_workspace(Settings(home=home)).close()
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(make, range(2))
    assert first == second
    assert None not in first[1].values()
    assert [p.name for p in (home / "demo").rglob("*") if p.name.startswith(".")] == []


def test_a_connection_of_that_name_elsewhere_is_not_taken_over(ws: Workspace) -> None:
    other = ws.settings.home / "other.db"
    other.touch()
    connections.add_connection(ws, LOCAL, name="demo", url=f"sqlite:///{other}")
    with pytest.raises(ConfigurationError, match="tableport connection remove demo"):
        prepare_shop(ws)


def test_what_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    def break_off(path: Path) -> None:
        path.write_text("half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        make_once(tmp_path / "file", break_off)
    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_makers_wins(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def quickly(draft: Path) -> None:
        draft.write_text("first")

    def slowly(draft: Path) -> None:
        make_once(path, quickly)
        draft.write_text("second")

    make_once(path, slowly)
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- the files
@pytest.mark.parametrize(
    ("name", "place", "rows", "columns"),
    [
        ("users.csv", "demo.users", 5, 4),
        ("products.csv", "demo.products", 10, 5),
        ("orders.csv", "demo.orders", 200, 6),
        ("customers.json", "demo.customers", 5, 6),
        ("tracks.csv", "music.tracks", 60, 8),
        ("invoices.json", "music.invoices", 28, 5),
    ],
)
def test_a_good_file_goes_in_whole(
    demo_ws: Workspace, demo: Demo, name: str, place: str, rows: int, columns: int
) -> None:
    job = load(demo_ws, LOCAL, (demo.files / name).read_bytes(), name, place)
    assert job.status is JobStatus.COMPLETED
    assert (job.counts.rows_read, job.counts.inserted) == (rows, rows)
    assert isinstance(job.plan, ImportPlan)
    assert len(job.plan.mappings) == columns


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("users.csv", "name,email,age,department"),
        ("products.csv", "name,sku,price,category,stock"),
        ("orders.csv", "order_id,customer_email,product_sku,quantity,order_date,total"),
    ],
)
def test_the_guides_samples_have_its_headers(demo: Demo, name: str, header: str) -> None:
    assert (demo.files / name).read_text().splitlines()[0] == header


def test_the_faulty_file_has_just_the_faults_it_says(demo_ws: Workspace, demo: Demo) -> None:
    name = "orders_with_errors.csv"
    job = load(demo_ws, LOCAL, (demo.files / name).read_bytes(), name, "demo.orders")
    assert job.status is JobStatus.PARTIALLY_COMPLETED
    assert (job.counts.inserted, job.counts.rejected) == (200 - len(FAULTS), len(FAULTS))
    found = findings.list_violations(demo_ws, LOCAL, job.job_id)
    wrong = [(v.row, v.column, v.value or "") for v in found]
    assert wrong == [(fault.row, fault.column, fault.cell) for fault in FAULTS]


def test_the_messy_file_is_read_but_for_the_row_that_ends_early(
    demo_ws: Workspace, demo: Demo
) -> None:
    name = "customers_messy.csv"
    job = load(demo_ws, LOCAL, (demo.files / name).read_bytes(), name, "demo.customers")
    assert (job.counts.rows_read, job.counts.inserted, job.counts.rejected) == (11, 10, 1)
    rejected = findings.list_rejected(demo_ws, LOCAL, job.job_id)
    assert [(r.row, r.cells["Customer ID"]) for r in rejected.rows] == [(10, "310")]
    with demo_ws.engine("demo").connect() as db:
        loaded = db.exec_driver_sql(
            "SELECT name, phone, credit_limit FROM customers WHERE id IN (301, 304) ORDER BY id"
        ).all()
    assert [tuple(row) for row in loaded] == [
        ("Jürgen Größmann", "0711 2201", 1250),
        ("Weiß; Söhne & Co.", "0711 2204", 15400.75),
    ]


def test_names_of_genres_become_their_numbers(demo_ws: Workspace, demo: Demo) -> None:
    name = "tracks_by_genre.csv"
    content = (demo.files / name).read_bytes()
    job = imports.draft_import(
        demo_ws, LOCAL, upload_id=upload(demo_ws, LOCAL, content, name), table="tracks",
        connection="music", mappings={"title": "title"},
    )  # fmt: skip
    header = content.decode().splitlines()[0].split(",")
    mappings = [FieldMapping(source=c, target=c) for c in header if c != "genre"]
    by_name = FieldMapping(source="genre", target="genre_id", lookup=Lookup(by="name"))
    imports.update_import(demo_ws, LOCAL, job.job_id, mappings=[*mappings, by_name])
    imports.start_import(demo_ws, LOCAL, job.job_id)
    done = local.run_here(demo_ws, job.job_id)
    assert (done.status, done.counts.inserted) == (JobStatus.COMPLETED, 60)
    first = content.decode().splitlines()[1].split(",")
    with demo_ws.engine("music").connect() as db:
        genre = db.exec_driver_sql(
            "SELECT g.name FROM tracks AS t JOIN genres AS g USING (genre_id)"
            " WHERE t.album_id = ? AND t.position = ?",
            (int(first[1]), int(first[2])),
        ).scalar_one()
    assert genre == first[header.index("genre")]


def test_of_the_playlist_some_rows_are_there_already(demo_ws: Workspace, demo: Demo) -> None:
    name, place = "playlist_tracks.csv", "music.playlist_tracks"
    content = (demo.files / name).read_bytes()
    job = load(demo_ws, LOCAL, content, name, place, on_conflict=OnConflict.SKIP)
    assert (job.counts.inserted, job.counts.skipped, job.counts.rejected) == (80, 20, 0)


def test_the_readme_speaks_of_every_file_and_no_other(demo: Demo) -> None:
    text = (demo.files / "README.txt").read_text()
    told_of = {line.split()[0] for line in text.splitlines() if line[:1].islower()}
    assert told_of == {path.name for path in demo.files.iterdir()} - {"README.txt"}


# ---------------------------------------------------------------- the people
@pytest.mark.parametrize(
    ("username", "role"),
    [("admin", Role.ADMIN), ("analyst", Role.USER), ("reviewer", Role.MANAGER)],
)
def test_everybody_can_sign_in_at_once(
    demo_ws: Workspace, demo: Demo, username: str, role: Role
) -> None:
    assert signed_in(demo_ws, demo, username).role is role
    found = {user.username: user for user in users.list_users(demo_ws, LOCAL)}
    assert not found[username].must_change_password


def test_what_the_analyst_imports_into_products_waits_for_the_reviewer(
    demo_ws: Workspace, demo: Demo
) -> None:
    analyst = signed_in(demo_ws, demo, "analyst")
    reviewer = signed_in(demo_ws, demo, "reviewer")
    content = b"name,sku,price\nHat stand,SKU-0901,49.90\n"
    job = load(demo_ws, analyst, content, "one.csv", "demo.products")
    assert job.status is JobStatus.AWAITING_APPROVAL
    with pytest.raises(ActionDenied):
        approvals.approve(demo_ws, analyst, job.job_id)
    assert [j.job_id for j in approvals.list_waiting(demo_ws, reviewer)] == [job.job_id]
    approvals.approve(demo_ws, reviewer, job.job_id, "as ordered")
    assert local.run_here(demo_ws, job.job_id).status is JobStatus.COMPLETED


def test_the_analyst_imports_into_other_tables_alone_and_into_music_not_at_all(
    demo_ws: Workspace, demo: Demo
) -> None:
    analyst = signed_in(demo_ws, demo, "analyst")
    content = b"name,email\nDesk Clerk,desk.clerk@example.com\n"
    assert load(demo_ws, analyst, content, "one.csv", "demo.users").status is JobStatus.COMPLETED
    with pytest.raises(ImportDenied):
        load(demo_ws, analyst, b"name\nFog Horn Polka\n", "one.csv", "music.genres")


def test_the_analyst_makes_tables_syncs_and_undoes_in_the_shop_alone(
    demo_ws: Workspace, demo: Demo
) -> None:
    analyst = signed_in(demo_ws, demo, "analyst")
    given = {Action.CREATE_TABLE, Action.DELETE, Action.UNDO}
    for table in ("*", people.APPROVED):
        assert rights.grant_for(demo_ws, analyst, "demo", table).actions & CHANGE_ACTIONS == given
    assert not rights.grant_for(demo_ws, analyst, "music", "*").actions & CHANGE_ACTIONS


def test_passwords_are_kept_sealed_for_the_owner_alone(ws: Workspace) -> None:
    known = told(ws)
    path = ws.settings.home / "demo" / "accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_text()
    assert len(set(known.values())) == 3
    assert not [password for password in known.values() if password is None or password in kept]


def test_a_changed_password_is_neither_told_nor_reset(ws: Workspace) -> None:
    before = told(ws)
    users.set_password(ws, LOCAL, "analyst", "long enough 42 for this")
    accounts = {account.username: account for account in prepare_people(ws)}
    assert accounts["analyst"].password is None
    assert "tableport user password analyst" in accounts["analyst"].words
    assert accounts["reviewer"].password == before["reviewer"]
    assert sessions.sign_in(ws, "analyst", "long enough 42 for this")
    with pytest.raises(NotSignedIn):
        sessions.sign_in(ws, "analyst", str(before["analyst"]))


def test_rights_taken_away_stay_away(ws: Workspace) -> None:
    made = prepare_people(ws)
    prepare_shop(ws)
    access.remove_grant(ws, LOCAL, "analyst", table="*", connection="demo")
    kept = access.list_grants(ws, LOCAL, "analyst")
    assert prepare_people(ws) == made
    assert access.list_grants(ws, LOCAL, "analyst") == kept


def test_a_disabled_account_is_said_to_be(ws: Workspace) -> None:
    told(ws)
    users.set_disabled(ws, LOCAL, "reviewer", True)
    words = {account.username: account.words for account in prepare_people(ws)}
    assert "tableport user enable reviewer" in words["reviewer"]
    assert words["analyst"] == ""


def test_a_house_with_an_administrator_keeps_theirs(ws: Workspace) -> None:
    made = users.ensure_admin(ws)
    assert made is not None
    assert told(ws)["admin"] is None
    assert sessions.sign_in(ws, *made)


def test_a_house_with_accounts_gets_no_administrator_from_the_demo(ws: Workspace) -> None:
    users.create_user(ws, LOCAL, username="boss", role=Role.ADMIN)
    assert told(ws).keys() == {"analyst", "reviewer"}


def test_passwords_sealed_by_another_are_not_believed(ws: Workspace) -> None:
    told(ws)
    path = ws.settings.home / "demo" / "accounts.json"
    path.write_text('{"admin": 1, "analyst": 2, "reviewer": 3}')
    with pytest.raises(StorageDamaged, match="demo account admin"):
        prepare_people(ws)


@pytest.mark.parametrize("text", ["", "[]", '{"admin": "x"}', '{"admin": 1}'])
def test_a_damaged_file_of_passwords_is_named(ws: Workspace, text: str) -> None:
    told(ws)
    path = ws.settings.home / "demo" / "accounts.json"
    path.write_text(text)
    with pytest.raises(StorageDamaged, match=r"accounts\.json"):
        prepare_people(ws)
