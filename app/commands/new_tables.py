"""A new table for a file that is imported: proposed, shown, and drafted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from app.commands.output import print_json, print_table

if TYPE_CHECKING:
    from core.model.access import Identity
    from core.model.job import Job
    from core.model.new_table import NewColumn, TableProposal
    from core.workspace import Workspace


def proposed_table(
    workspace: Workspace,
    who: Identity,
    upload_id: str,
    *,
    connection: str,
    name: str,
    options: dict[str, str],
) -> TableProposal:
    """The table for an upload; an empty `name`: called after the file."""
    from core.usecases.new_tables import propose_table

    return propose_table(
        workspace, who, upload_id=upload_id, connection=connection, name=name or None,
        options=options,
    )  # fmt: skip


def draft_proposed(
    workspace: Workspace, who: Identity, upload_id: str, proposal: TableProposal, **wanted: Any
) -> Job:
    """A draft that makes the table as it is proposed."""
    from core.usecases.new_table_document import proposal_document
    from core.usecases.new_tables import draft_new_table

    document = proposal_document(proposal)["create_table"]
    return draft_new_table(
        workspace, who, document, upload_id=upload_id, connection=proposal.connection, **wanted
    )


def show_proposal(proposal: TableProposal, *, as_json: bool) -> None:
    """The columns with their evidence, and the statement."""
    if as_json:
        from core.usecases.new_table_document import proposal_document

        print_json(proposal_document(proposal))
        return
    rows = [
        (
            one.mapping.source,
            one.column.name,
            _kind(one.column),
            "key" if one.column.primary_key else "" if one.column.nullable else "required",
            " ".join(one.evidence),
        )
        for one in proposal.columns
    ]
    print_table(("column of the file", "column", "kind", "", "why"), rows)
    for remark in proposal.remarks:
        click.echo(remark)
    click.echo(f"\n{proposal.statement};")


def _kind(column: NewColumn) -> str:
    if column.max_length:
        return f"{column.kind} ({column.max_length:,})"
    if column.scale is not None:
        return f"{column.kind} ({column.precision}, {column.scale})"
    return f"{column.kind}{' 64 bits' if column.big else ''}{' UTC' if column.timezone else ''}"
