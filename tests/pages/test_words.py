"""Words for people, and user data that stays text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.components import pace, text
from app.components.transform_words import NONE, in_words, offered
from app.components.uploader import _read
from core.model.job import Counts, Job, JobKind, JobStatus
from core.model.mapping import Step
from core.model.plan import ImportPlan
from core.usecases.formats import transform_infos

NOW = datetime(2026, 6, 14, 12, tzinfo=UTC)
PLAN = ImportPlan(connection="demo", table="orders", upload="0" * 32, filename="a.csv")


def job(**changes: object) -> Job:
    values: dict[str, object] = {
        "kind": JobKind.IMPORT,
        "id": 1,
        "job_id": "x",
        "connection": "demo",
        "table": "orders",
        "status": JobStatus.PENDING,
        "plan": PLAN,
    }
    return Job(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "hostile", ["[a](javascript:x)", "<img src=x>", "**bold**", ":red[x]", "$x$", "`code`", "# h"]
)
def test_no_markdown_survives_in_user_data(hostile: str) -> None:
    shown = text.plain(hostile)
    for mark in "[]()<>*:$`#":
        assert shown.count(mark) == shown.count("\\" + mark)


def test_user_data_keeps_to_one_line() -> None:
    assert text.plain("a\n\n# b\tc") == "a \\# b c"


@pytest.mark.parametrize("pair", ["->", "<-", ">=", "<=", "--", "~="])
def test_pairs_that_would_be_set_as_one_sign_are_parted(pair: str) -> None:
    shown = text.plain(f"a {pair} b")
    assert pair not in shown.replace("\\", "")
    assert shown.replace("\\", "").replace("\u2060", "") == f"a {pair} b"


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (10 << 20, "10 MB"), (3 << 30, "3.0 GB"),
     (1 << 50, "1048576 GB"), (None, text.NOTHING)],
)  # fmt: skip
def test_sizes(amount: int | None, words: str) -> None:
    assert text.size(amount) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0.84, "0.8 s"), (42, "42 s"), (185, "3 min 05 s"), (7800, "2 h 10 min")]
)
def test_seconds(value: float, words: str) -> None:
    assert text.seconds(value) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [(timedelta(seconds=5), "just now"), (timedelta(minutes=5), "5 min ago"),
     (timedelta(hours=30), "30 h ago"), (timedelta(days=9), "9 days ago"),
     (timedelta(hours=-24), "in 24 h")],
)  # fmt: skip
def test_ago(passed: timedelta, words: str) -> None:
    assert text.ago(NOW - passed, NOW) == words
    assert text.ago((NOW - passed).replace(tzinfo=None), NOW) == words, "naive times are UTC"


def test_every_row_is_accounted_for_in_words() -> None:
    counts = Counts(rows_read=5000, inserted=4000, updated=990, rejected=10, ignored=1)
    line = text.reconciled(job(counts=counts))
    assert line.replace("\u202f", "") == (
        "5000 rows read = 4000 inserted + 990 updated + 10 rejected"
        "   (1 blank or extra line ignored)"
    )


def test_the_pace_is_that_of_the_rows_since_they_were_first_seen() -> None:
    running = job(running=True, processed_rows=3000, total_rows=5000)
    seen = pace.Seen(phase=(), rows=1000, at=100.0)
    assert pace.in_words(running, seen, 110.0) == "200 rows/s · 10 s left"
    assert pace.in_words(running, seen, 100.5) == "", "too short to judge by"


@pytest.mark.parametrize(
    ("changes", "words"),
    [({}, "Draft"), ({"queued": True}, "Queued"),
     ({"running": True, "cancel_requested": True}, "Stopping"),
     ({"status": JobStatus.PARTIALLY_COMPLETED}, "Loaded with rejects")],
)  # fmt: skip
def test_states(changes: dict[str, object], words: str) -> None:
    assert text.state(job(**changes)) == words


def test_every_state_has_a_look() -> None:
    assert set(text.STATES) == set(JobStatus)


def test_a_menu_offers_the_guides_six_and_their_choices() -> None:
    menu = offered(transform_infos())
    assert menu[NONE] == ()
    steps = [s for steps in menu.values() for s in steps]
    assert {s.transform for s in steps} >= {"trim", "upper", "lower", "number", "date", "boolean"}
    day_first = Step(transform="date", options={"order": "dmy"})
    assert menu[in_words((day_first,), transform_infos())] == (day_first,)


def test_steps_in_words_keep_their_order_and_options() -> None:
    steps = (Step(transform="trim"), Step(transform="date", options={"order": "mdy"}))
    words = in_words(steps, transform_infos())
    assert words.index("rim") < words.index("month first")


@pytest.mark.parametrize("answer", [None, "x", {}, {"upload_id": ""}])
def test_an_upload_without_an_id_is_none(answer: object) -> None:
    assert _read(answer) is None
