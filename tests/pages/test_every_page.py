"""Every page renders for every role; without a session there is the form and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.model.job import Job

Screen = Callable[..., AppTest]
PAGES = ("home", "data_import", "data_export", "jobs")


@pytest.mark.parametrize("username", ["root", "mia", "ulla", "vic"])
@pytest.mark.parametrize("page", PAGES)
def test_renders_for_every_role(screen: Screen, username: str, page: str) -> None:
    shown = screen(username, page)
    assert not shown.exception
    assert not shown.error
    assert shown.title[0].value
    assert any(username in m.value for m in shown.sidebar.markdown)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_only_the_form(screen: Screen, page: str) -> None:
    shown = screen(None, page)
    assert not shown.exception
    assert [t.value for t in shown.title] == ["Tableport"]
    assert [i.label for i in shown.text_input] == ["User name", "Password"]
    assert not shown.selectbox
    assert not shown.sidebar.button


def test_who_may_not_import_is_offered_no_table(screen: Screen) -> None:
    shown = screen("vic", "data_import", table="orders")
    assert not shown.selectbox
    assert any("No table is open to you" in m.value for m in shown.markdown)


def test_a_job_of_another_does_not_exist(screen: Screen, drafted: Callable[..., Job]) -> None:
    job = drafted("ulla")
    for page in ("data_import", "data_export", "jobs"):
        shown = screen("mia", page, job=job.job_id)
        assert not shown.exception
        assert "DATA\\_404" in shown.error[0].value
        assert not any("orders\\_of\\_june" in m.value for m in shown.markdown)


def test_an_unknown_job_is_said_kindly(screen: Screen) -> None:
    shown = screen("ulla", "data_import", job="<b>nope</b>")
    assert "no job \\<b\\>nope" in shown.error[0].value
    assert not shown.exception
