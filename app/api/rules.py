"""What the keepers of a table ask of its rows beyond what the database demands."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from app.api.asking import BY_SCRIPT, SIGNED_IN, Caller, Connection, Space, TableName
from app.api.failures import FAILURES
from core.model.check import Severity
from core.model.rule import Rule, RuleTrial
from core.usecases import rules
from core.usecases.rights import connection_name

router = APIRouter(prefix="/data", tags=["Rules"], responses=FAILURES, dependencies=SIGNED_IN)

RuleId = Annotated[int, Path(description="Id of the rule", ge=1)]


class RuleBody(BaseModel):
    """A rule as it is to be kept."""

    name: str = Field(max_length=100, examples=["adults only"])
    kind: str = Field(max_length=50, examples=["range"])
    columns: list[str] = Field([], max_length=100, examples=[["age"]])
    options: dict[str, str] = Field({}, examples=[{"min": "18"}])
    severity: Severity = Severity.ERROR
    message: str = Field("", max_length=500, description="{value} stands for the cell")
    enabled: bool = True

    def rule(self, connection: str, table: str, rule_id: int | None = None) -> Rule:
        return Rule(
            id=rule_id,
            connection=connection,
            table=table,
            name=self.name,
            kind=self.kind,
            columns=tuple(self.columns),
            options=self.options,
            severity=self.severity,
            message=self.message,
            enabled=self.enabled,
        )


class RuleInfoBody(RuleBody):
    """A rule that is kept."""

    id: int

    @classmethod
    def of(cls, rule: Rule) -> RuleInfoBody:
        return cls.model_validate(asdict(rule))


class BrokenRow(BaseModel):
    """A row of the table that breaks a rule."""

    cells: dict[str, str | None]
    message: str = Field(description="What an import would say of it")


class Trial(BaseModel):
    """What a rule says of rows that are in the table."""

    rows: int = Field(description="Rows it was tried on, at most 10,000")
    broken: int = Field(description="How many of them break it")
    samples: list[BrokenRow] = Field(
        description="A few of those, where you may see the rows of the table"
    )

    @classmethod
    def of(cls, trial: RuleTrial) -> Trial:
        return cls.model_validate(asdict(trial))


class RuleList(BaseModel):
    table_name: str
    rules: list[RuleInfoBody]


class SavedRule(BaseModel):
    rule: RuleInfoBody
    trial: Trial


@router.get("/rule-kinds", summary="The kinds of rules, with their options")
def kinds(who: Caller) -> list[dict[str, Any]]:
    """`columns`: whether a rule names one column, many or none."""
    return [asdict(info) for info in rules.rule_kinds()]


@router.get("/tables/{table_name:path}/rules", summary="The rules kept for a table")
def listed(
    table_name: TableName, ws: Space, who: Caller, connection: Connection = None
) -> RuleList:
    found = rules.list_rules(ws, who, table_name, connection)
    return RuleList(table_name=table_name, rules=[RuleInfoBody.of(rule) for rule in found])


@router.post(
    "/tables/{table_name:path}/rules/try",
    summary="What a rule would say of the table's rows",
    dependencies=BY_SCRIPT,
)
def tried(
    table_name: TableName, body: RuleBody, ws: Space, who: Caller, connection: Connection = None
) -> Trial:
    """Nothing is stored."""
    name = connection_name(ws, connection)
    return Trial.of(rules.rule_trial(ws, who, body.rule(name, table_name)))


@router.post(
    "/tables/{table_name:path}/rules",
    summary="Keep a rule for a table",
    status_code=201,
    dependencies=BY_SCRIPT,
)
def added(
    table_name: TableName, body: RuleBody, ws: Space, who: Caller, connection: Connection = None
) -> SavedRule:
    name = connection_name(ws, connection)
    rule, trial = rules.save_rule(ws, who, body.rule(name, table_name))
    return SavedRule(rule=RuleInfoBody.of(rule), trial=Trial.of(trial))


@router.put(
    "/tables/{table_name:path}/rules/{rule_id}",
    summary="Change a rule of a table",
    dependencies=BY_SCRIPT,
)
def changed(
    table_name: TableName,
    rule_id: RuleId,
    body: RuleBody,
    ws: Space,
    who: Caller,
    connection: Connection = None,
) -> SavedRule:
    """The whole rule is replaced."""
    name = connection_name(ws, connection)
    rule, trial = rules.save_rule(ws, who, body.rule(name, table_name, rule_id))
    return SavedRule(rule=RuleInfoBody.of(rule), trial=Trial.of(trial))


@router.delete(
    "/tables/{table_name:path}/rules/{rule_id}",
    summary="Forget a rule of a table",
    status_code=204,
    dependencies=BY_SCRIPT,
)
def removed(
    table_name: TableName, rule_id: RuleId, ws: Space, who: Caller, connection: Connection = None
) -> Response:
    rules.delete_rule(ws, who, rule_id, table=table_name, connection=connection)
    return Response(status_code=204)
