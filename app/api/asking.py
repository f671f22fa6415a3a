"""Who asks, and the parameters that many routes share."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Path, Query, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from app.serving import workspace
from app.session import SCRIPT_HEADER, SCRIPT_NAME, Credential, cookie_name
from core.errors import ActionDenied, InvalidRequest, NotSignedIn
from core.model.access import Identity
from core.model.job import JobStatus
from core.usecases import sessions
from core.workspace import Workspace

#: Only described here; the credential itself is read by SessionMiddleware.
_BEARER = HTTPBearer(auto_error=False, description="The access_token of POST /api/v1/auth/login")
_COOKIE = APIKeyCookie(
    name=cookie_name(secure=False), auto_error=False, description="The session of the screens"
)


def credential(request: Request) -> Credential:
    """The token of the request, as SessionMiddleware found it."""
    found = request.scope.get("state", {}).get("credential")
    return found if isinstance(found, Credential) else Credential(token=None)


def client_address(request: Request) -> str | None:
    """The peer of the connection; never a header, which anybody can write."""
    return request.client.host if request.client else None


def caller(request: Request, ws: Annotated[Workspace, Depends(workspace)]) -> Identity:
    """Who makes this request. Raises NotSignedIn."""
    identity = sessions.resolve(
        ws,
        credential(request).token,
        ip_address=client_address(request),
        user_agent=request.headers.get("user-agent"),
    )
    if identity is None:
        raise NotSignedIn("Sign in first: send the session cookie, or an access token as Bearer.")
    return identity


def sent_by_script(request: Request) -> None:
    """Refuse a cookie-authenticated request without the header only our own pages can send."""
    marked = request.headers.get(SCRIPT_HEADER) == SCRIPT_NAME
    if credential(request).by_cookie and not marked:
        raise ActionDenied("Send the header X-Requested-With: tableport with this request.")


def json_value(name: str, text: str | None) -> Any:
    """The JSON document in a form field or query parameter; None when absent or empty."""
    if text is None or not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{name}: not valid JSON ({error}).") from error
    require_whole(name, found)
    return found


async def whole_characters(request: Request) -> None:
    """Refuse a JSON body with half a character, as \\ud83d alone is: nobody could keep it, and an
    answer that tells it could not be written."""
    # Bodies that no route declares may be files as large as they like: these are not read here.
    if getattr(request.scope.get("route"), "body_field", None) is None:
        return
    with suppress(ValueError, RecursionError):  # what is no JSON is told by who reads it
        require_whole("body", await request.json())


def require_whole(name: str, found: Any) -> None:
    """Raise InvalidRequest when a JSON document holds half a character."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{name}: half a character, {error.object[error.start]!a}.") from error


def json_object(name: str, text: str | None) -> dict[str, Any] | None:
    found = json_value(name, text)
    if found is not None and not isinstance(found, dict):
        raise InvalidRequest(f"{name}: a JSON object is expected.")
    return found


class Asked(TypedDict):
    """Which jobs a list shows, as `core.usecases.jobs.list_jobs` takes it."""

    status: JobStatus | None
    table: str | None
    limit: int
    offset: int


def listing(
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    status_filter: Annotated[str | None, Query(description="In any case")] = None,
    table_name: str | None = None,
) -> Asked:
    """The guide's parameters of a list of jobs."""
    return Asked(status=_status(status_filter), table=table_name, limit=limit, offset=skip)


def _status(word: str | None) -> JobStatus | None:
    """A status in any case. Raises InvalidRequest."""
    if not word:
        return None
    try:
        return JobStatus(word.strip().upper())
    except ValueError:
        every = ", ".join(JobStatus)
        raise InvalidRequest(f"status_filter: {word!r} is not one of {every}.") from None


Space = Annotated[Workspace, Depends(workspace)]
Caller = Annotated[Identity, Depends(caller)]
Listing = Annotated[Asked, Depends(listing)]
SIGNED_IN = [Depends(_BEARER), Depends(_COOKIE)]
BY_SCRIPT = [Depends(sent_by_script)]
Connection = Annotated[
    str | None,
    Query(description="Name of the connection; the default connection when left out"),
]
TableName = Annotated[str, Path(description="`table`, or `schema.table`", examples=["users"])]
JobId = Annotated[str, Path(description="Id of the job", examples=["0b8f…"])]
