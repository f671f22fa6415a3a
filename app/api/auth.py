"""Signing in for programs: a bearer token instead of the screens' cookie."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.api.asking import SIGNED_IN, Caller, Space, client_address, credential
from app.api.failures import FAILURES
from app.api.schemas import Person
from app.session import drop_session_cookie
from core.usecases import sessions

router = APIRouter(prefix="/auth", tags=["Signing in"], responses=FAILURES)


class SignIn(BaseModel):
    username: str = Field(min_length=1, max_length=200, examples=["admin"])
    password: str = Field(min_length=1, max_length=1000)


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105  the kind, not the token
    expires_in: int = Field(description="Seconds")


@router.post("/login", summary="Get an access token")
def login(body: SignIn, request: Request, ws: Space) -> Token:
    """Send the token with each request: `Authorization: Bearer …`."""
    token = sessions.sign_in(
        ws,
        body.username,
        body.password,
        ip_address=client_address(request),
        user_agent=request.headers.get("user-agent"),
    )
    return Token(access_token=token, expires_in=sessions.session_seconds(ws))


@router.post("/logout", status_code=204, summary="End the session", dependencies=SIGNED_IN)
def logout(request: Request, ws: Space) -> Response:
    """The token, or the cookie, ends at once. Saying so twice does no harm."""
    sessions.sign_out(ws, credential(request).token)
    response = Response(status_code=204)
    if credential(request).by_cookie:
        drop_session_cookie(response, secure=ws.settings.secure_cookies)
    return response


@router.get("/me", summary="Who am I?", dependencies=SIGNED_IN)
def me(who: Caller) -> Person:
    return Person.of(who)
