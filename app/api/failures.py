"""Every failure leaves in one shape: {"detail", "code", "description", "solution", "job_id"}."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from core.errors import (
    ActionDenied,
    Conflict,
    InvalidRequest,
    NotFound,
    NotSignedIn,
    TableportError,
    UploadIncomplete,
    every_error,
)
from core.model.job import Job

_log = logging.getLogger("tableport.api")
_BY_CODE = {error.code: error for error in every_error()}
#: Statuses that routing itself answers with.
_OF_STATUS: dict[int, type[TableportError]] = {
    400: InvalidRequest,
    401: NotSignedIn,
    403: ActionDenied,
    404: NotFound,
    405: InvalidRequest,
    409: Conflict,
}


class Failure(BaseModel):
    """What went wrong, and what to do about it."""

    detail: str = Field(description="What happened this time")
    code: str = Field(description="Stable code of the error", examples=["IMPORT_003"])
    description: str = Field(description="What the code means")
    solution: str = Field(description="What to do")
    job_id: str | None = Field(description="The job it concerns; quote it when asking for help")


#: For the description of every router: what any route may answer.
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": words}
    for status, words in {
        400: "The request is not right",
        401: "Not signed in",
        403: "Not allowed",
        404: "No such thing, or not yours to see",
        422: "The file, the mapping or the selection cannot be used",
    }.items()
}


def failure_of(job: Job) -> TableportError:
    """The error that ended a job, as the worker recorded it."""
    error = _BY_CODE.get(job.error_code or "", Conflict)
    words = job.error_message or f"The job is {job.status.value}."
    return error(words, job_id=job.job_id)


def answer(
    error: TableportError, *, request: Request | None = None, status: int | None = None
) -> JSONResponse:
    """The response for an error; the job id is taken from the address when it has none."""
    job_id = error.job_id or (request.path_params.get("job_id") if request else None)
    body = Failure(
        detail=error.detail,
        code=error.code,
        description=error.description,
        solution=error.solution,
        job_id=job_id,
    )
    shown = body.model_dump()
    headers = {}
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, UploadIncomplete):
        shown["upload_offset"] = error.wanted
        headers["upload-offset"] = str(error.wanted)
    return JSONResponse(shown, status or error.status, headers=headers)


async def _named(request: Request, error: Exception) -> Response:
    assert isinstance(error, TableportError)
    if error.status >= 500:
        _log.error("%s %s: %s", request.method, request.scope["path"], error.code, exc_info=error)
    return answer(error, request=request)


async def _misshapen(request: Request, error: Exception) -> Response:
    """A parameter or body that does not fit: name the first field at fault and why."""
    assert isinstance(error, RequestValidationError)
    faults = []
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"] if part not in ("body", "query"))
        faults.append(f"{where or 'body'}: {fault['msg']}")
    return answer(InvalidRequest("; ".join(faults[:5]) + "."), request=request, status=422)


async def _unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _OF_STATUS.get(error.status_code, TableportError)
    words = f"{error.detail}: {request.method} {request.scope['path']}"
    response = answer(kind(words), request=request, status=error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody is there to read it


async def _unexpected(request: Request, error: Exception) -> Response:
    """Nothing of the inside leaves; the log has the trace."""
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return answer(TableportError(), request=request)


def install(app: FastAPI) -> None:
    """Give an app these answers."""
    app.add_exception_handler(TableportError, _named)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)
