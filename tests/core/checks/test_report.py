from __future__ import annotations

import polars as pl

from core.checks.report import VIOLATIONS, ReportBuilder
from core.model.check import Severity, Violation


def violations(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=VIOLATIONS, orient="row")


def violation(row: int | None, value: str | None = "x", *, field: str = "age", **more: str):
    check, severity = more.get("check", "type"), more.get("severity", "error")
    line = row + 1 if row is not None else None
    return (row, line, field.title(), field, check, f"'{value}' is wrong", value, severity)


def test_nothing_found():
    builder = ReportBuilder()
    builder.count(rows=5, ignored=2)
    builder.add(violations())
    report = builder.report()
    assert (report.total_rows, report.valid_rows, report.ignored) == (5, 5, 2)
    assert report.is_valid
    assert report.groups == report.first == ()


def test_a_row_counts_once_however_often_it_errs():
    builder = ReportBuilder()
    builder.count(rows=10)
    builder.add(violations(violation(1), violation(1, field="name"), violation(3)))
    builder.add(violations(violation(1, check="reference"), violation(9, severity="warning")))
    report = builder.report()
    assert (report.total_rows, report.valid_rows, report.error_rows) == (10, 8, 2)
    assert (report.error_count, report.warning_count, report.warning_rows) == (4, 1, 1)
    assert not report.is_valid


def test_groups_are_counted_and_sampled():
    builder = ReportBuilder()
    builder.count(rows=100)
    builder.add(violations(*(violation(n, str(n % 8)) for n in range(1, 41))))
    builder.add(violations(*(violation(n, "new") for n in range(41, 51))))
    builder.add(violations(violation(1, severity="warning", check="email")))
    builder.add(violations(violation(2, None, field="name", check="required")))
    age, new, name, email = builder.report().groups
    assert (age.field, age.column, age.check, age.count) == ("age", "Age", "type", 40)
    assert age.samples == ("1", "2", "3", "4", "5")
    assert age.message == "'1' is wrong"
    assert (new.check, new.shape, new.count) == ("type", "a", 10)
    assert (name.check, name.samples) == ("required", ())
    assert (email.severity, email.count) == (Severity.WARNING, 1)


def test_the_first_hundred_are_kept_as_they_came():
    builder = ReportBuilder()
    builder.count(rows=300)
    for start in range(1, 301, 60):
        builder.add(violations(*(violation(n) for n in range(start, start + 60))))
    first = builder.report().first
    assert [v.row for v in first] == list(range(1, 101))
    assert first[0] == Violation(
        row=1, line=2, column="Age", field="age", check="type", message="'x' is wrong", value="x"
    )


def test_a_violation_of_the_whole_file_has_no_row():
    builder = ReportBuilder()
    builder.add(violations((None, None, None, None, "database", "gone", None, "error")))
    report = builder.report()
    assert (report.error_count, report.error_rows) == (1, 0)
    assert report.first[0].row is None


def test_huge_cells_are_cut():
    builder = ReportBuilder()
    builder.add(violations(violation(1, "x" * 5000)))
    assert builder.report().first[0].value == "x" * 1000 + "…"
    assert builder.report().groups[0].samples == ("x" * 1000 + "…",)


def test_a_million_violations():
    builder = ReportBuilder()
    size = 100_000
    template = violations(*(violation(n + 1, str(n)) for n in range(100)))
    for start in range(0, 1_000_000, size):
        frame = pl.concat([template] * (size // 100)).with_columns(
            pl.int_range(start + 1, start + size + 1, dtype=pl.Int64).alias("row")
        )
        builder.count(rows=size)
        builder.add(frame)
    report = builder.report()
    assert (report.error_rows, report.error_count, report.valid_rows) == (1_000_000, 1_000_000, 0)
    assert len(report.first) == 100
    one, two = report.groups
    assert (one.shape, one.count, two.shape, two.count) == ("99", 900_000, "9", 100_000)
    assert len(one.samples) == 5
    assert [v.count for v in one.values] == [10_000] * 20
