"""What MySQL does not print as canonical text by itself."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from core.databases.reflect import reflect_table
from core.databases.select import count_rows, page_rows
from core.model.plan import Filter, Operator
from core.model.table import Kind
from tests.core.databases.conftest import run_script

pytestmark = pytest.mark.mysql


def test_cells_are_canonical(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        "CREATE TABLE t (ok BOOLEAN, bit BIT, bits BIT(12), f FLOAT, g DOUBLE, z TIMESTAMP(3) NULL,"
        " c TIME, y YEAR, b VARBINARY(9), p POINT, j JSON, n DECIMAL(9,3), word SET('a','b'));\n"
        "INSERT INTO t VALUES (2, 1, 4095, 0.1, 1e-7, '2026-01-31 12:00:00.25', '-30:00:01', 2026,"
        " x'00ff', POINT(1, 2), '{\"b\" : [1, 2]}', 1.5, 'b,a');\n"
        "INSERT INTO t (ok) VALUES (true)",
    )
    table = reflect_table(mysql_engine, "t")
    assert [c.name for c in table.columns if c.kind is Kind.OTHER] == ["p"]
    first = Filter(column="word", operator=Operator.IS_NOT_NULL)
    assert page_rows(mysql_engine, table, filters=[first], limit=2).rows() == [
        (
            *("2", "true", "4095", "0.1", "1e-07", "2026-01-31T12:00:00.250000+00:00"),
            *("-30:00:01", "2026", "\\x00ff", "POINT(1 2)", '{"b":[1,2]}', "1.500", "a,b"),
        )
    ]
    second = Filter(column="word", operator=Operator.IS_NULL)
    assert page_rows(mysql_engine, table, filters=[second], limit=2).row(0) == (
        "true",
        *[None] * 12,
    )


def test_texts_that_the_server_holds_to_be_equal_are_told_apart(mysql_engine: Engine) -> None:
    run_script(
        mysql_engine,
        "CREATE TABLE t (a VARCHAR(9), l VARCHAR(9) CHARACTER SET latin1, KEY (a), KEY (l)) "
        "COLLATE utf8mb4_general_ci;\n"
        "INSERT INTO t VALUES ('é', 'é'), ('E', 'E'), ('e ', 'e '), ('?', '?')",
    )
    table = reflect_table(mysql_engine, "t")
    for name in ("a", "l"):
        for value, found in (("é", 1), ("É", 0), ("e", 0), ("e ", 1), ("🦄", 0), ("?", 1)):
            chosen = Filter(column=name, operator=Operator.EQUALS, value=value)
            assert count_rows(mysql_engine, table, filters=[chosen]) == found, (name, value)
            others = Filter(column=name, operator=Operator.NOT_IN, value=[value, "x"])
            assert count_rows(mysql_engine, table, filters=[others]) == 4 - found, (name, value)
