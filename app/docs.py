"""The interactive API documentation at /docs, served from this machine alone (R44).

The assets come with the swagger-ui-bundle package; the page has no inline script, so its
Content-Security-Policy allows none.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from swagger_ui_bundle import swagger_ui_path

from app.api.application import api

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tableport API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    // Requests made from this page are vouched for by the session cookie, as those of the screens.
    requestInterceptor: (request) => {
      request.headers["X-Requested-With"] = "tableport";
      return request;
    },
  });
});
"""


async def page(_: Request) -> Response:
    return HTMLResponse(_PAGE)


async def start(_: Request) -> Response:
    return Response(_START, media_type="text/javascript")


async def description(_: Request) -> Response:
    """The OpenAPI description of the API."""
    return JSONResponse(api.openapi())


routes: list[BaseRoute] = [
    Route("/openapi.json", description, methods=["GET"]),
    Route("/docs", page, methods=["GET"]),
    Route("/docs/start.js", start, methods=["GET"]),
    Mount("/docs/assets", app=StaticFiles(directory=str(swagger_ui_path))),
]
