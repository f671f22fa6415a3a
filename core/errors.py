"""Every failure Tableport can name.

    TableportError
    ├─ InputError                  the file, the mapping or the request is at fault
    │  ├─ FileTooLarge               IMPORT_001
    │  ├─ InvalidFormat              IMPORT_002
    │  ├─ ValidationFailed           IMPORT_004
    │  ├─ TooManyRowsToImport        IMPORT_005
    │  ├─ UnsafeContent              IMPORT_007
    │  ├─ ParserStopped              IMPORT_009
    │  ├─ TooManyRowsToExport        EXPORT_001
    │  ├─ InvalidColumns             EXPORT_003
    │  ├─ InvalidMapping             DATA_422
    │  ├─ InvalidRequest             DATA_400
    │  │  └─ InvalidExpression         DATA_400  an expression or pattern that is not worked out
    │  └─ NotFound                   DATA_404
    ├─ Conflict                    DATA_409    the job is not in a state for this
    │  ├─ UploadIncomplete           DATA_409  bytes of an upload are missing
    │  └─ TableMovedOn               IMPORT_010 the table is not as it was when the plan was made
    ├─ NotSignedIn                 AUTH_401
    ├─ SignInLocked                AUTH_429
    ├─ ImportDenied                IMPORT_003
    ├─ ExportDenied                EXPORT_002
    ├─ ActionDenied                AUTH_403
    ├─ ApprovalRequired            IMPORT_006
    ├─ RateLimited                 IMPORT_008
    ├─ FileExpired                 EXPORT_004
    ├─ WorkersLost                 JOB_001       the job's workers died, again and again
    ├─ TargetDatabaseError         DATABASE_001  the user's database refused; the cause is chained
    ├─ ConfigurationError          SETUP_001     we were set up wrongly
    └─ StorageDamaged              STORAGE_001   a stored file fails its authentication

The first line of a class's docstring is its title; `description` and `solution` are the
words screens and API show; `code` is stable and documented in docs/errors.md; `status`
is the HTTP status the API answers with. IMPORT_001…004 and EXPORT_001…003 are the
guide's codes with the guide's words (rows R173–R179, A22).
"""

from __future__ import annotations

from typing import ClassVar


class TableportError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "TABLEPORT_000"
    status: ClassVar[int] = 500
    description: ClassVar[str] = "Unexpected failure"
    solution: ClassVar[str] = "Try again; if it happens again, give the job id to an administrator"

    def __init__(self, detail: str | None = None, *, job_id: str | None = None) -> None:
        super().__init__(detail or self.description)
        self.job_id = job_id

    @property
    def detail(self) -> str:
        """What happened this time, in words fit for the person who asked."""
        return str(self)


class InputError(TableportError):
    """The request cannot be carried out as given."""

    status = 400


class FileTooLarge(InputError):
    """The file is larger than the limit."""

    code, status = "IMPORT_001", 413
    description = "File too large"
    solution = "Reduce file size or increase limit"


class InvalidFormat(InputError):
    """The file is not in a format Tableport reads, or not in the one it claims."""

    code, status = "IMPORT_002", 415
    description = "Invalid file format"
    solution = "Use supported format"


class ValidationFailed(InputError):
    """Some rows break the table's rules and nothing was written."""

    code, status = "IMPORT_004", 422
    description = "Validation failed"
    solution = "Fix data issues"


class TooManyRowsToImport(InputError):
    """The file has more rows than the limit."""

    code, status = "IMPORT_005", 422
    description = "Too many rows"
    solution = "Split the file or increase the limit"


class UnsafeContent(InputError):
    """The file holds something that must not be opened."""

    code, status = "IMPORT_007", 422
    description = "Unsafe content"
    solution = "Save the data alone, without macros, links or archives, and try again"


class ParserStopped(InputError):
    """The parser ran out of its memory or time, or was killed."""

    code, status = "IMPORT_009", 422
    description = "The file could not be parsed within its limits"
    solution = "Split the file, or raise TABLEPORT_PARSER_MEMORY_MB or TABLEPORT_PARSER_SECONDS"


class TooManyRowsToExport(InputError):
    """The selection has more rows than the limit."""

    code, status = "EXPORT_001", 422
    description = "Too many rows"
    solution = "Add filters or increase limit"


class InvalidColumns(InputError):
    """A column does not exist in the table, or may not be seen by this user."""

    code, status = "EXPORT_003", 422
    description = "Invalid columns"
    solution = "Check column names"


class InvalidMapping(InputError):
    """The mapping names columns or transforms that do not exist, or one target twice."""

    code, status = "DATA_422", 422
    description = "Invalid mapping"
    solution = "Check source and target columns of the mapping"


class InvalidRequest(InputError):
    """A value of the request is missing or has the wrong form."""

    code, status = "DATA_400", 400
    description = "Invalid request"
    solution = "Correct the value named in the message"


class InvalidExpression(InvalidRequest):
    """An expression or a pattern that cannot be read, or asks for what is not allowed."""

    solution = "Correct the expression; docs/expressions.md lists what one may hold"


class NotFound(InputError):
    """There is no such thing, or it is not yours to see."""

    code, status = "DATA_404", 404
    description = "Not found"
    solution = "Check the name or id, and that you have been granted access"


class Conflict(TableportError):
    """The job is not in a state in which this can be done."""

    code, status = "DATA_409", 409
    description = "Not possible in this state"
    solution = "Look at the job's status"


class UploadIncomplete(Conflict):
    """Bytes of an upload are missing: those from `wanted` on come next."""

    solution = "Send the rest of the file, from the offset in the message on"

    def __init__(self, detail: str, *, wanted: int) -> None:
        super().__init__(detail)
        self.wanted = wanted


class TableMovedOn(Conflict):
    """The table has changed since the plan was made, and nothing was written."""

    code = "IMPORT_010"
    description = "The table has changed since the plan was made"
    solution = "Look at the plan, which has been made anew, and start the import again"


class NotSignedIn(TableportError):
    """Nobody is signed in, or the session has ended."""

    code, status = "AUTH_401", 401
    description = "Not signed in"
    solution = "Sign in"


class SignInLocked(TableportError):
    """Too many failed attempts to sign in."""

    code, status = "AUTH_429", 429
    description = "Too many failed attempts"
    solution = "Wait a few minutes, or ask an administrator"


class ImportDenied(TableportError):
    """You may not import into this table, or not this way."""

    code, status = "IMPORT_003", 403
    description = "Permission denied"
    solution = "Grant import permission"


class ExportDenied(TableportError):
    """You may not export from this table, or not this way."""

    code, status = "EXPORT_002", 403
    description = "Permission denied"
    solution = "Grant export permission"


class ActionDenied(TableportError):
    """You may not do this."""

    code, status = "AUTH_403", 403
    description = "Permission denied"
    solution = "Ask an administrator"


class ApprovalRequired(TableportError):
    """A reviewer must approve this job before it can run."""

    code, status = "IMPORT_006", 403
    description = "Approval required"
    solution = "Ask a reviewer to approve the job"


class RateLimited(TableportError):
    """Too many requests in a short time."""

    code, status = "IMPORT_008", 429
    description = "Rate limit exceeded"
    solution = "Wait and try again"


class FileExpired(TableportError):
    """The file has been removed after its time."""

    code, status = "EXPORT_004", 410
    description = "File expired"
    solution = "Run the job again"


class WorkersLost(TableportError):
    """The process that worked on the job died, again and again."""

    code = "JOB_001"
    description = "Every worker that took this job died before it had ended"
    solution = (
        "Ask an administrator to look at the server's log: the machine may have run out of memory. "
        "Then start the job anew, or split the file"
    )


class TargetDatabaseError(TableportError):
    """The target database refused or could not be reached."""

    code, status = "DATABASE_001", 502
    description = "The database refused"
    solution = "Check the connection, and the rights of its database user"


class ConfigurationError(TableportError):
    """Tableport is set up wrongly."""

    code, status = "SETUP_001", 500
    description = "Wrong configuration"
    solution = "Correct the setting named in the message"


class StorageDamaged(TableportError):
    """A stored file has been altered, cut short, or was made with another key."""

    code, status = "STORAGE_001", 500
    description = "A stored file is damaged"
    solution = "Upload or export again; check the disk and the master key"


def every_error() -> tuple[type[TableportError], ...]:
    """All errors with a code of their own, in the order of the tree."""

    def walk(error: type[TableportError]) -> list[type[TableportError]]:
        return [error, *(found for child in error.__subclasses__() for found in walk(child))]

    return tuple(e for e in walk(TableportError) if "code" in vars(e))
