"""Columns given by names of the rows they refer to: what was found, and what to do about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, Field

from app.api.asking import SIGNED_IN, Caller, Connection, JobId, Space, TableName
from app.api.failures import FAILURES
from core.model.mapping import Answer, Decision
from core.model.plan import ImportPlan
from core.model.reference import Finding, ReferenceReport, ReferenceValue, Share
from core.usecases import references

router = APIRouter(prefix="/data", responses=FAILURES, dependencies=SIGNED_IN)

ColumnName = Annotated[str, Path(description="Column of the table", examples=["genre_id"])]


class KeyInfo(BaseModel):
    column: str
    declared: bool = Field(description="By a constraint; false: its present rows happen to differ")
    evidence: str


class KeyList(BaseModel):
    """By what else than its key a row of the parent may be given."""

    table_name: str
    column: str
    parent: str
    key: str
    natural_keys: list[KeyInfo]


class ShareInfo(BaseModel):
    values: int
    rows: int

    @classmethod
    def of(cls, share: Share) -> ShareInfo:
        return cls(values=share.values, rows=share.rows)


class NearInfo(BaseModel):
    value: str
    key: str


class DecisionBody(BaseModel):
    """What becomes of one value."""

    value: str = Field(max_length=10_000, description="As the report lists it")
    answer: Answer | None = Field(description="null takes back what was decided")
    use: str | None = Field(None, max_length=1000, description="With use: the parent's key")


class DecisionsBody(BaseModel):
    by: str | None = Field(None, description="Column of the parent that the cells hold")
    decisions: list[DecisionBody] = Field([], max_length=10_000)


class ValueInfo(BaseModel):
    """One distinct value of the file."""

    value: str
    count: int = Field(description="Rows of the file")
    finding: Finding
    key: str | None = Field(description="The parent's key, when there is one row it can be")
    rows: int = Field(description="Rows of the parent")
    candidates: list[str] = Field(description="Keys of the first of several rows")
    suggestions: list[NearInfo]
    decision: DecisionBody | None

    @classmethod
    def of(cls, one: ReferenceValue) -> ValueInfo:
        ambiguous = one.match.finding is Finding.AMBIGUOUS
        return cls(
            value=one.value,
            count=one.count,
            finding=one.match.finding,
            key=one.match.key,
            rows=one.match.rows.count,
            candidates=list(one.match.rows.keys) if ambiguous else [],
            suggestions=[NearInfo(value=n.value, key=n.key) for n in one.match.near],
            decision=_decision(one.decision) if one.decision else None,
        )


class ReferenceInfo(BaseModel):
    """The values of one looked-up column."""

    job_id: str
    column: str
    parent: str
    by: str
    key: str
    rows: int = Field(description="Rows of the file that were read")
    whole_file: bool = Field(description="false: the file has more rows than were read")
    blank: int
    unreadable: int = Field(description="Rows whose cell a transform could not read")
    found: ShareInfo
    ambiguous: ShareInfo
    missing: ShareInfo
    decided: ShareInfo
    values: list[ValueInfo] = Field(description="What needs a decision first")
    left_out: int = Field(description="Distinct values beyond those listed")

    @classmethod
    def of(cls, report: ReferenceReport) -> ReferenceInfo:
        return cls(
            job_id=report.job_id,
            column=report.column,
            parent=report.parent,
            by=report.by,
            key=report.key,
            rows=report.rows,
            whole_file=report.whole,
            blank=report.blank,
            unreadable=report.unreadable,
            found=ShareInfo.of(report.found),
            ambiguous=ShareInfo.of(report.ambiguous),
            missing=ShareInfo.of(report.missing),
            decided=ShareInfo.of(report.decided),
            values=[ValueInfo.of(one) for one in report.values],
            left_out=report.left_out,
        )


class DecidedInfo(BaseModel):
    """The look-up of one column as it is kept now."""

    job_id: str
    column: str
    by: str
    decisions: list[DecisionBody]


@router.get(
    "/tables/{table_name:path}/natural-keys",
    tags=["Tables"],
    summary="By which names the rows that a column refers to can be given",
)
def natural_keys(
    table_name: TableName,
    ws: Space,
    who: Caller,
    column: Annotated[str, Query(description="Column with a foreign key", examples=["genre_id"])],
    connection: Connection = None,
) -> KeyList:
    found = references.list_natural_keys(ws, who, table_name, column, connection)
    return KeyList(
        table_name=table_name,
        column=column,
        parent=found.parent,
        key=found.key,
        natural_keys=[
            KeyInfo(column=key.column, declared=key.declared, evidence=key.evidence)
            for key in found.natural_keys
        ],
    )


@router.get(
    "/import/{job_id}/references/{column:path}",
    tags=["Import"],
    summary="The names in a looked-up column: found, ambiguous, missing",
)
def list_references(
    job_id: JobId,
    column: ColumnName,
    ws: Space,
    who: Caller,
    by: Annotated[str | None, Query(description="Try another column of the parent")] = None,
) -> ReferenceInfo:
    return ReferenceInfo.of(references.list_references(ws, who, job_id, column, by=by))


@router.post(
    "/import/{job_id}/references/{column:path}",
    tags=["Import"],
    summary="Decide what becomes of names that are ambiguous or missing",
)
def decide_references(
    job_id: JobId,
    column: ColumnName,
    ws: Space,
    who: Caller,
    body: Annotated[DecisionsBody, Body()],
) -> DecidedInfo:
    """Kept beside what was decided before. An approval of the job is void."""
    decisions = [
        Decision(value=one.value, answer=one.answer, use=one.use)
        for one in body.decisions
        if one.answer is not None
    ]
    forget = [one.value for one in body.decisions if one.answer is None]
    job = references.decide_references(
        ws, who, job_id, column, decisions, forget=forget, by=body.by
    )
    assert isinstance(job.plan, ImportPlan)
    lookup = next(m.lookup for m in job.plan.mappings if m.target == column and m.lookup)
    return DecidedInfo(
        job_id=job.job_id,
        column=column,
        by=lookup.by,
        decisions=[_decision(one) for one in lookup.decisions],
    )


def _decision(decision: Decision) -> DecisionBody:
    return DecisionBody(value=decision.value, answer=decision.answer, use=decision.use)
