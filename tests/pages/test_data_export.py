"""An export on the screen: the selection, its preview, and the file."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.model.export_options import OPTIONS
from core.usecases import access
from core.usecases.formats import exportable_formats
from core.usecases.local import local_identity
from core.workspace import Workspace

Screen = Callable[..., AppTest]


def press(shown: AppTest, label: str) -> AppTest:
    return next(b for b in shown.button if b.label == label).click().run()


def preview(shown: AppTest) -> AppTest:
    return shown.dataframe[-1].value


def test_a_table_becomes_a_file_with_a_link(screen: Screen) -> None:
    shown = screen("mia", "data_export", table="orders")
    button = next(b for b in shown.button if b.label.startswith("Export"))
    shown = button.click().run()
    assert not shown.error
    assert any("Completed" in m.value for m in shown.markdown)
    assert any("kept until" in c.value for c in shown.caption)
    assert shown.query_params["job"]


def test_columns_keep_their_order_and_groups_toggle(screen: Screen) -> None:
    shown = screen("mia", "data_export", table="orders")
    shown.multiselect[0].set_value(["total", "order_id"]).run()
    assert list(preview(shown).columns) == ["total", "order_id"]
    shown = press(shown, "None")
    assert any("No column is chosen" in c.value for c in shown.caption)
    shown = press(shown, "Dates 0/1")
    assert list(preview(shown).columns) == ["order_date"]


def test_conditions_narrow_the_rows(screen: Screen) -> None:
    shown = screen("mia", "data_export", table="orders")
    shown = press(shown, "Add a condition")
    column = next(s for s in shown.selectbox if s.label == "Column")
    column.set_value("status").run()
    next(s for s in shown.selectbox if s.label == "Value").set_value("returned").run()
    assert set(preview(shown)["status"]) == {"returned"}
    shown = press(shown, "")
    assert len(set(preview(shown)["status"])) > 1


def test_who_may_only_look_is_shown_rows_and_no_button(screen: Screen) -> None:
    shown = screen("vic", "data_export", table="orders")
    assert len(preview(shown)) == 50
    assert any("not export it" in c.value for c in shown.caption)
    assert not [b for b in shown.button if b.label.startswith("Export")]


def test_a_search_without_a_hit_says_so(screen: Screen) -> None:
    shown = screen("mia", "data_export", table="orders")
    next(t for t in shown.text_input if t.label == "Search").set_value("no such text").run()
    assert any("No row of the table meets" in c.value for c in shown.caption)


def test_a_forbidden_column_is_nowhere(screen: Screen, ws: Workspace) -> None:
    access.set_grant(ws, local_identity(), "mia", table="orders", can_export=True,
                     allowed_columns=["order_id", "status"])  # fmt: skip
    shown = screen("mia", "data_export", table="orders")
    assert shown.multiselect[0].options == ["order_id", "status"]
    assert list(preview(shown).columns) == ["order_id", "status"]
    assert "customer_email" not in str([f.value for f in shown.dataframe])


def chosen(shown: AppTest, label: str) -> AppTest:
    return next(s for s in shown.selectbox if s.label == label)


def test_a_preset_fills_in_the_options_and_each_can_be_changed(screen: Screen) -> None:
    shown = screen("mia", "data_export", table="orders")
    made_for = next(group for group in shown.button_group if str(group.key).endswith(":preset"))
    shown = made_for.set_value("excel").run()
    assert chosen(shown, "Delimiter").value == ";"
    assert chosen(shown, "Decimal sign").value == ","
    assert chosen(shown, "Dates as").value == "de"
    shown = chosen(shown, "Delimiter").set_value("|").run()
    button = next(b for b in shown.button if b.label.startswith("Export"))
    shown = button.click().run()
    assert not shown.error


def test_each_format_shows_the_options_it_has(screen: Screen, ws: Workspace) -> None:
    names = [info.name for info in exportable_formats(ws)]
    access.set_grant(
        ws, local_identity(), "mia", table="orders", can_export=True, export_formats=names
    )
    shown = screen("mia", "data_export", table="orders")
    for info in exportable_formats(ws):
        group = next(group for group in shown.button_group if str(group.key).endswith(":format"))
        shown = group.set_value(info.name).run()
        assert not shown.exception
        widgets = (*shown.selectbox, *shown.text_input, *shown.checkbox, *shown.number_input)
        labels = {widget.label for widget in widgets}
        titles = {option.title: option.name for option in OPTIONS}
        assert {titles[label] for label in labels & titles.keys()} == set(info.options)
